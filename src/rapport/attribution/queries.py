"""What a campaign brought: the numbers of the results pages, each with its definition. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from rapport.attribution import roi
from rapport.attribution.models import Reading
from rapport.attribution.window import Window
from rapport.attribution.window import window as window_of
from rapport.campaigns import costs
from rapport.campaigns.models import Assignment, Campaign

HERE = Path(__file__).parent
ARMS = (HERE / "arms.sql").read_text()
FUNNEL = (HERE / "funnel.sql").read_text()


@dataclass(frozen=True)
class ArmCount:
    """One arm in plain numbers; margins in cents. A person counts once in `visitors`, each visit in `visits`."""

    people: int
    visitors: int
    visits: int
    margin_cents: int

    @property
    def rate(self) -> float:
        return self.visitors / self.people if self.people else 0.0

    @property
    def margin_each_cents(self) -> float:
        return self.margin_cents / self.people if self.people else 0.0


@dataclass(frozen=True)
class View:
    """One way to count: which visits, both arms, and what the difference says (None without two arms or without a visit)."""

    key: str
    contact: ArmCount
    holdout: ArmCount
    incremental: roi.Incremental | None


@dataclass(frozen=True)
class Attributed:
    """The gross view, which is not causal: everything that contacted people brought, and those of them who responded."""

    margin_cents: int
    responded_margin_cents: int
    ratio: float | None
    responded_ratio: float | None


@dataclass(frozen=True)
class Funnel:
    """People of the contact arm by how far they got."""

    meant: int
    sent: int
    delivered: int
    opened: int
    clicked: int
    booked: int
    came: int
    margin_cents: int


@dataclass(frozen=True)
class Result:
    """Everything the page of one campaign says. `objective` is the headline, by intention to treat."""

    campaign: Campaign
    window: Window
    read_at: datetime | None
    days_left: int
    cost_cents: int
    funnel: Funnel
    objective: View
    everything: View
    new_patients: View
    attributed: Attributed

    @property
    def is_provisional(self) -> bool:
        return self.days_left > 0

    @property
    def headline(self) -> roi.Incremental | None:
        return self.objective.incremental


def result(campaign: Campaign, now: datetime) -> Result:
    """The result as of the last `conversions.refresh`. Raises `NotLaunched`."""
    span = window_of(campaign)
    sums = _rows(ARMS, {"campaign": campaign.pk})
    found = _rows(FUNNEL, {"campaign": campaign.pk, "opens": span.opens, "now": now})[0]
    cost = cost_cents(campaign, found["sent"])
    views = {key: _view(key, sums, cost) for key in ("objective", "everything", "new_patients")}
    contact = views["objective"].contact
    responded = sum(int(row["responded_total"]) for row in sums if row["arm"] == Assignment.Arm.CONTACT)
    reading = Reading.objects.filter(campaign=campaign).first()
    return Result(
        campaign=campaign,
        window=span,
        read_at=reading.read_at if reading else None,
        days_left=span.days_left(now),
        cost_cents=cost,
        funnel=Funnel(**found, came=contact.visitors, margin_cents=contact.margin_cents),
        attributed=Attributed(
            margin_cents=contact.margin_cents,
            responded_margin_cents=responded,
            ratio=contact.margin_cents / cost if cost else None,
            responded_ratio=responded / cost if cost else None,
        ),
        **views,
    )


def cost_cents(campaign: Campaign, sent: int) -> int:
    """What it cost: the fixed part and each message that left."""
    return round(campaign.fixed_cost_cents + costs.of_message(campaign).cents * sent)


def _rows(sql: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _view(key: str, sums: list[dict[str, Any]], cost: int) -> View:
    """One way to count, from the sums of arms.sql; an arm without people has no row."""
    arms = {row["arm"]: row for row in sums}
    counts = {arm: _count(key, arms.get(arm)) for arm in (Assignment.Arm.CONTACT.value, Assignment.Arm.HOLDOUT.value)}
    contact, holdout = counts["contact"], counts["holdout"]
    told = contact.people and holdout.people and contact.visitors + holdout.visitors
    return View(
        key,
        contact,
        holdout,
        roi.incremental(_arm(key, arms["contact"]), _arm(key, arms["holdout"]), cost) if told else None,
    )


def _count(key: str, row: dict[str, Any] | None) -> ArmCount:
    if row is None:
        return ArmCount(0, 0, 0, 0)
    return ArmCount(row["people"], row[f"{key}_visitors"], int(row[f"{key}_visits"]), int(row[f"{key}_total"]))


def _arm(key: str, row: dict[str, Any]) -> roi.Arm:
    return roi.Arm(row["people"], row[f"{key}_visitors"], float(row[f"{key}_total"]), float(row[f"{key}_squares"]))
