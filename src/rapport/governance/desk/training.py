"""Which courses staff must take (`consent/rules/training.yaml`), who took which, and who is due."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.consent import rules as rulebook
from rapport.directory.models import Location
from rapport.governance.models import Training
from rapport.trust import audit
from rapport.trust.actors import Actor, account
from rapport.trust.models import User

SOON = timedelta(days=30)
ORDER = ("overdue", "soon", "later", "done")


class NotYet(ValueError):
    """A course can't have been taken on a day that has not come."""


class Noted(ValueError):
    """This is on file already."""


class Course(msgspec.Struct, frozen=True):
    """One course that the rules ask for."""

    rule: str
    authority: str
    course: str
    within_days: int
    every_months: int | None
    roles: tuple[str, ...]


class Standing(msgspec.Struct, frozen=True):
    """One member of staff and one course: overdue, soon (within 30 days), later (not taken, time left) or done."""

    user: User
    course: Course
    state: str
    due_on: date | None
    taken: Training | None


@transaction.atomic
def note(*, by: Actor, user: User, course: str, completed_on: date, now: datetime, evidence: str = "") -> Training:
    """Somebody took a course. Until when it holds follows from the rule of that course."""
    if completed_on > timezone.localtime(now).date():
        raise NotYet(_("That day has not come yet."))
    if Training.objects.filter(user=user, course=course, completed_on=completed_on).exists():
        raise Noted(_("This is on file already."))
    known = next((one for one in courses(on=completed_on) if one.course == course), None)
    until = months_later(completed_on, known.every_months) if known and known.every_months else None
    taken = Training.objects.create(
        user=user,
        course=course,
        completed_on=completed_on,
        valid_until=until,
        evidence=evidence.strip(),
        noted_by=account(by),
        recorded_at=now,
    )
    audit.record(by=by, verb="training.note", now=now, thing=f"user:{user.pk}", details={"course": course})
    return taken


def courses(*, on: date) -> list[Course]:
    """What the rules of that day ask for. A course of a state counts where one of our places is in that state."""
    states = {f"US-{one}" for one in Location.objects.filter(is_ours=True).values_list("state", flat=True)}
    rows = [row for row in rulebook.rows() if row.kind == "training" and row.is_in_force(on)]
    here = [row for row in rows if row.jurisdiction in {"US", "HOUSE"} | states]
    return [
        msgspec.convert({"rule": row.id, "authority": row.authority, **row.parameters}, Course)
        for row in sorted(here, key=lambda one: one.id)
    ]


def standings(*, on: date) -> list[Standing]:
    """Every member of staff with every course they need, the most urgent first."""
    staff = User.objects.filter(is_active=True).prefetch_related("grants").order_by("name")
    taken: dict[tuple[int, str], Training] = {}
    for one in Training.objects.order_by("completed_on", "id"):
        taken[one.user_id, one.course] = one
    needed, found = courses(on=on), []
    for user in staff:
        roles = {grant.role for grant in user.grants.all()}
        mine = [one for one in needed if not one.roles or roles & set(one.roles)]
        found += [_standing(user, one, taken.get((user.pk, one.course)), on) for one in mine]
    return sorted(found, key=lambda one: (ORDER.index(one.state), one.due_on or date.max, one.user.name))


def due(found: Iterable[Standing]) -> list[Standing]:
    """Those that somebody must do something about."""
    return [one for one in found if one.state in {"overdue", "soon"}]


def months_later(day: date, months: int) -> date:
    """The same day so many months on; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _standing(user: User, course: Course, taken: Training | None, on: date) -> Standing:
    if taken is None:
        due_on: date | None = timezone.localtime(user.joined_at).date() + timedelta(days=course.within_days)
    else:
        due_on = taken.valid_until
    if due_on is not None and due_on < on:
        state = "overdue"
    elif due_on is not None and due_on <= on + SOON:
        state = "soon"
    else:
        state = "done" if taken else "later"
    return Standing(user, course, state, due_on, taken)
