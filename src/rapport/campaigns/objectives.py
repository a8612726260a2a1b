"""Objectives: what a clinic wants to reach, how far it is, and which campaigns serve it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from rapport.campaigns import calendar, occasions
from rapport.campaigns.models import Campaign, Objective
from rapport.kit import ids
from rapport.trust import audit
from rapport.trust.actors import System
from rapport.trust.models import User
from rapport.trust.sight import Sight

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


@dataclass(frozen=True)
class Outlook:
    """How far an objective is, and what its campaigns still have before them until its last day. Drafts are no plan yet."""

    standing: Standing
    to_come: list[calendar.Entry]
    going_on: list[calendar.Lasting]
    drafts: list[Campaign]
    is_over: bool

    @property
    def is_gap(self) -> bool:
        """There is time left, and nothing is planned in it."""
        return not (self.is_over or self.to_come or self.going_on)


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


def in_sight(sight: Sight) -> QuerySet[Objective]:
    """The objectives of the service lines this person sees, the last to end first."""
    found = Objective.objects.select_related("service_line").order_by("-until_on", "name", "id")
    return found if sight.every_line else found.filter(service_line__in=sight.lines)


def outlook(objective: Objective, now: datetime) -> Outlook:
    """Counted and reckoned now."""
    found = standing(objective, now)
    today = occasions.day_of(now)
    closes = occasions.begins(objective.until_on + timedelta(days=1))
    ahead = calendar.entries(found.campaigns, max(now, occasions.begins(objective.from_on)), closes, now)
    lasting = calendar.lasting(found.campaigns, max(today, objective.from_on), objective.until_on, now)
    return Outlook(
        standing=found,
        to_come=[one for one in ahead if one.what == calendar.PLANNED],
        going_on=[one for one in lasting if one.what == calendar.PLANNED],
        drafts=[one for one in found.campaigns if one.state == Campaign.State.DRAFT],
        is_over=objective.until_on < today,
    )


def meaning(objective: Objective) -> str:
    """What exactly is counted, in words."""
    told = {
        Objective.Metric.VISITS: _(
            "People whom its campaigns contacted and who came after that, in this time. Each counts once. "
            "Who would have come anyway counts too."
        ),
        Objective.Metric.BOOKINGS: _(
            "People whom its campaigns contacted and who booked after that, in this time. Each counts once. "
            "Who would have booked anyway counts too."
        ),
        Objective.Metric.EXTRA: _(
            "People whom its campaigns contacted and who came after that, in this time, less as many as would have "
            "come anyway. The control groups tell how many that is; without one it stays at nothing."
        ),
    }[Objective.Metric(objective.metric)]
    line = objective.service_line
    where = (
        _("Only visits in %(line)s count.") % {"line": line.name} if line else _("Visits in every service line count.")
    )
    return f"{told} {where}"


def standing(objective: Objective, now: datetime) -> Standing:
    """Counted now, from the timelines of the people its campaigns drew."""
    campaigns = list(Campaign.objects.filter(objective=objective).order_by("-created_at"))
    opens, closes = occasions.begins(objective.from_on), occasions.begins(objective.until_on + timedelta(days=1))
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
