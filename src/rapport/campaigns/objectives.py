"""Objectives: what a clinic wants to reach, how far it is, and which campaigns serve it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.text import slugify

from rapport.campaigns import rhythm
from rapport.campaigns.models import Campaign, Objective
from rapport.campaigns.occasions import clinic_zone
from rapport.kit import ids
from rapport.trust import audit
from rapport.trust.actors import System
from rapport.trust.models import User

SQL = (Path(__file__).parent / "reached.sql").read_text()


@dataclass(frozen=True)
class Standing:
    """How far an objective is. `through`: the share of its time that is over."""

    objective: Objective
    campaigns: list[Campaign]
    reached: int
    through: float

    @property
    def share(self) -> float:
        return min(self.reached / self.objective.target, 1.0)


@transaction.atomic
def put(*, by: User | System, told: dict[str, Any], now: datetime) -> Objective:
    """Write down a new objective."""
    base = slugify(told["name"])[:40] or "objective"
    number = Objective.objects.filter(slug__startswith=base).count()
    objective = Objective.objects.create(
        slug=f"{base}-{number + 1}" if number else base,
        set_by=by if isinstance(by, User) else None,
        set_at=now,
        **told,
    )
    audit.record(
        by=by,
        verb="campaigns.objective",
        now=now,
        thing=f"objective:{objective.slug}",
        details={"target": objective.target, "metric": objective.metric},
        trace=ids.trace(),
    )
    return objective


def standing(objective: Objective, now: datetime) -> Standing:
    """Counted now, from the timelines of the people its campaigns drew."""
    campaigns = list(Campaign.objects.filter(objective=objective).order_by("-created_at"))
    opens, closes = _instant(objective.from_on), _instant(objective.until_on + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(
            SQL,
            {
                "campaigns": [one.pk for one in campaigns],
                "line": objective.service_line_id,
                "opens": opens,
                "closes": min(closes, now),
                "kind": "booked" if objective.metric == Objective.Metric.BOOKINGS else "encounter",
            },
        )
        found = {arm: (people, came) for arm, people, came in cursor.fetchall()}
    contact, holdout = found.get("contact", (0, 0)), found.get("holdout", (0, 0))
    reached = contact[1]
    if objective.metric == Objective.Metric.EXTRA:
        reached = round(contact[1] - contact[0] * holdout[1] / holdout[0]) if holdout[0] else 0
    whole = (closes - opens).total_seconds()
    through = min(max((now - opens).total_seconds() / whole, 0.0), 1.0)
    return Standing(objective, campaigns, max(reached, 0), through)


def _instant(day: date) -> datetime:
    return rhythm.instant(datetime(day.year, day.month, day.day), clinic_zone())  # noqa: DTZ001 - a wall clock
