"""The open visits of a service line, week by week, and what that means for a campaign that keeps pace with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from rapport.campaigns import lessons, occasions, pace
from rapport.campaigns.models import Assignment, Campaign, Capacity, Lesson
from rapport.directory.models import ServiceLine
from rapport.kit import ids
from rapport.trust import audit
from rapport.trust.actors import System
from rapport.trust.models import User

HERE = Path(__file__).parent
TAKEN = (HERE / "taken.sql").read_text()
OUTSTANDING = (HERE / "outstanding.sql").read_text()
ANSWERS_COME = timedelta(days=28)  # after that an invitation brings nobody any more


@dataclass(frozen=True)
class Shown:
    """One week of a line, for the page and for the pace. `slots` is None where nobody has said it."""

    week_on: date
    slots: int | None
    taken: int

    @property
    def free(self) -> int | None:
        return None if self.slots is None else max(self.slots - self.taken, 0)


@transaction.atomic
def put(*, by: User | System, service_line: ServiceLine, weeks: Mapping[date, int | None], now: datetime) -> int:
    """What a line can take in these weeks, by their Mondays; None takes a number back. Returns how many were changed."""
    before = dict(Capacity.objects.filter(service_line=service_line).values_list("week_on", "slots"))
    changed = {week: slots for week, slots in weeks.items() if before.get(week) != slots}
    for week, slots in changed.items():
        if slots is None:
            Capacity.objects.filter(service_line=service_line, week_on=week).delete()
            continue
        Capacity.objects.update_or_create(
            service_line=service_line,
            week_on=week,
            defaults={"slots": slots, "set_by": by if isinstance(by, User) else None, "set_at": now},
        )
    if changed:
        audit.record(
            by=by,
            verb="campaigns.capacity",
            now=now,
            thing=f"service_line:{service_line.slug}",
            details={str(week): slots for week, slots in sorted(changed.items())},
            trace=ids.trace(),
        )
    return len(changed)


def monday(now: datetime) -> date:
    day = now.astimezone(occasions.clinic_zone()).date()
    return day - timedelta(days=day.weekday())


def weeks(service_line_id: int, now: datetime, count: int = pace.WEEKS) -> list[Shown]:
    """This week and those after it."""
    first = monday(now)
    said = dict(
        Capacity.objects.filter(service_line=service_line_id, week_on__gte=first).values_list("week_on", "slots")
    )
    taken = _taken(service_line_id, first, count, now)
    days = [first + timedelta(weeks=number) for number in range(count)]
    return [Shown(day, said.get(day), taken.get(day, 0)) for day in days]


def room(campaign: Campaign, now: datetime) -> pace.Room:
    """How many more people a paced campaign may invite. What other campaigns of the line have out counts too."""
    assert campaign.service_line_id is not None
    known = [one for one in weeks(campaign.service_line_id, now) if one.slots is not None]
    last = max((one.week_on for one in known), default=None)
    return pace.room(
        [pace.Week(one.slots or 0, one.taken) for one in known],
        invited=_outstanding(campaign, now),
        rate=response_rate(campaign),
        workdays=_workdays(now, last),
        invited_today=_invited_today(campaign, now),
    )


def response_rate(campaign: Campaign) -> float:
    """The share of the invited who are expected to come: what was typed, else the upper end of what like campaigns taught, else all."""
    if campaign.response_percent is not None:
        return max(float(campaign.response_percent) / 100, 0.001)
    rows = Lesson.objects.filter(campaign__purpose=campaign.purpose, campaign__channel=campaign.channel)
    rows = rows.filter(campaign__service_line=campaign.service_line_id).exclude(campaign=campaign.pk)
    found = lessons.expected([lessons.Taught(*row) for row in rows.values_list("lift", "low", "high")])
    return min(max(found.high, 0.001), 1.0) if found else 1.0


def _workdays(now: datetime, last_week: date | None) -> int:
    if last_week is None:
        return 1
    today = now.astimezone(occasions.clinic_zone()).date()
    days = (last_week + timedelta(days=pace.WORKDAYS) - today).days
    return max(sum((today + timedelta(days=day)).weekday() < pace.WORKDAYS for day in range(days)), 1)


def _invited_today(campaign: Campaign, now: datetime) -> int:
    zone = occasions.clinic_zone()
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return Assignment.objects.filter(
        campaign__service_line=campaign.service_line_id, campaign__is_paced=True, invited_at__gte=midnight
    ).count()


def _taken(service_line_id: int, first: date, count: int, now: datetime) -> dict[date, int]:
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "line": service_line_id,
            "first": first,
            "until": first + timedelta(weeks=count),
            "zone": str(occasions.clinic_zone()),
        }
        cursor.execute(TAKEN, given)
        return dict(cursor.fetchall())


def _outstanding(campaign: Campaign, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(OUTSTANDING, {"line": campaign.service_line_id, "since": now - ANSWERS_COME})
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
