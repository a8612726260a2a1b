"""The check before a launch: what would happen if it went out now, to how many, and to whom not and why.

The same questions as the launch asks (`audience.of`, `randomise`), so the forecast is the launch without its rows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from rapport.campaigns import audience, costs, lessons, power, randomise
from rapport.campaigns.models import Campaign, Lesson

HERE = Path(__file__).parent
BASE_RATE = (HERE / "base_rate.sql").read_text()
REACHABLE = (HERE / "reachable.sql").read_text()


class NoSegment(ValueError):
    """Nothing can be said before there is a segment and a purpose."""


@dataclass(frozen=True)
class HeldBack:
    """People who may not be reached, all for one reason."""

    gate: str
    reason: str
    people: int


@dataclass(frozen=True)
class Forecast:
    """What a launch now would do. `detectable` and `base_rate` are shares (0 to 1); `expected` is None without precedent."""

    as_of: datetime
    in_segment: int
    has_address: dict[str, int]
    permitted: int
    deferred: int
    held_back: list[HeldBack]
    holdout: int
    contact: int
    cost_cents: int
    base_rate: float
    base_visitors: int
    detectable: float
    expected: lessons.Expected | None

    @property
    def expected_visits(self) -> tuple[float, float, float] | None:
        """(value, low, high): visitors more than without the campaign, by what earlier ones taught."""
        if self.expected is None:
            return None
        lift = self.expected
        return lift.lift * self.contact, lift.low * self.contact, lift.high * self.contact


def forecast(campaign: Campaign, now: datetime) -> Forecast:
    """Ask segment and policy as of now. Raises `NoSegment`."""
    if campaign.segment is None or not campaign.purpose:
        raise NoSegment(_("Choose a segment and say what it is for; then the check can count."))
    found = audience.judged(campaign, audience.planned(campaign, now), now=now)
    holdout = randomise.holdout_size(len(found.permitted), campaign.holdout_percent)
    contact = len(found.permitted) - holdout
    came = _came(found.permitted, campaign, now)
    base = came / len(found.permitted) if found.permitted else 0.0
    return Forecast(
        as_of=now,
        in_segment=found.people,
        has_address=_addresses([*found.permitted, *(no.person_id for no in found.refused)]),
        permitted=len(found.permitted),
        deferred=found.deferred,
        held_back=[HeldBack(*row) for row in found.refusals()],
        holdout=holdout,
        contact=contact,
        cost_cents=round(campaign.fixed_cost_cents + costs.of_message(campaign).cents * contact),
        base_rate=base,
        base_visitors=came,
        detectable=power.detectable_lift(contact, holdout, base),
        expected=lessons.expected(like(campaign)),
    )


def like(campaign: Campaign) -> list[lessons.Taught]:
    """What finished campaigns of the same purpose, service line and channel taught."""
    earlier = Lesson.objects.filter(
        campaign__purpose=campaign.purpose,
        campaign__service_line_id=campaign.service_line_id,
        campaign__channel=campaign.channel,
    ).exclude(campaign_id=campaign.pk)
    return [lessons.Taught(*row) for row in earlier.order_by("learnt_at").values_list("lift", "low", "high")]


def _came(people: list[int], campaign: Campaign, now: datetime) -> int:
    since = now - timedelta(days=campaign.window_days)
    with connection.cursor() as cursor:
        cursor.execute(BASE_RATE, {"people": people, "since": since, "until": now, "line": campaign.service_line_id})
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _addresses(people: list[int]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(REACHABLE, {"people": people})
        row = cursor.fetchone()
    assert row is not None
    return {"email": int(row[0]), "phone": int(row[1]), "texts": int(row[2])}
