"""Which visits count: those of the randomised people, in both arms, inside the window. One statement, run at will.

Once the window is closed, what the campaign taught is kept for the forecasts of the next ones.
"""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction

from rapport.attribution import queries
from rapport.attribution.models import Conversion, Reading
from rapport.attribution.window import NotLaunched, Window, window
from rapport.campaigns.models import Campaign, Lesson

__all__ = ["NotLaunched", "Window", "due", "refresh", "refresh_open", "window"]

MONEY_ARRIVES = timedelta(days=180)  # payments of a visit may come so long after the window has closed
SQL = (Path(__file__).parent / "conversions.sql").read_text()
NEW_PATIENT_MONTHS = 36  # reference: look-back of a new patient, a setting of the house


@transaction.atomic
def refresh(campaign: Campaign, now: datetime) -> int:
    """Find the visits of this campaign again; returns how many rows changed. Running it twice changes nothing."""
    span = window(campaign)
    with connection.cursor() as cursor:
        cursor.execute(
            SQL,
            {
                "campaign": campaign.pk,
                "line": campaign.service_line_id,
                "opens": span.opens,
                "closes": span.closes,
                "many": campaign.is_repeated,
                "days": f"{campaign.window_days} days",
                "now": now,
                "lookback": f"{NEW_PATIENT_MONTHS} months",
            },
        )
        changed = cursor.rowcount
    Reading.objects.update_or_create(
        campaign=campaign,
        defaults={"read_at": now, "visits": Conversion.objects.filter(campaign=campaign).count()},
    )
    if span.days_left(now) == 0:
        _learn(campaign, now)
    return changed


def due(now: datetime) -> list[Campaign]:
    """Campaigns whose window is open, or closed so recently that money still arrives."""
    launched = Campaign.objects.filter(launched_at__isnull=False, launched_at__lte=now).order_by("id")
    return [one for one in launched if now < window(one).closes + MONEY_ARRIVES]


def refresh_open(now: datetime) -> int:
    """Refresh all that are due; what the worker calls. Returns how many rows changed."""
    return sum(refresh(campaign, now) for campaign in due(now))


def _learn(campaign: Campaign, now: datetime) -> None:
    found = queries.result(campaign, now).objective
    if found.incremental is None:
        return
    lift = found.incremental.lift
    Lesson.objects.update_or_create(
        campaign=campaign,
        defaults={
            "lift": lift.value,
            "low": lift.low,
            "high": lift.high,
            "base_rate": found.holdout.rate,
            "learnt_at": now,
        },
    )
