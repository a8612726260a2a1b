"""The compliance calendar: what is to be looked at, by when, how often, and what was found."""

from datetime import date, datetime, timedelta

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.consent import rules as rulebook
from rapport.governance.desk.training import months_later
from rapport.governance.models import Review
from rapport.trust import audit
from rapport.trust.actors import Actor
from rapport.trust.models import User

SOON = timedelta(days=30)


class AlreadyDone(ValueError):
    """Somebody finished it before."""


class NoFinding(ValueError):
    """A review without a finding proves nothing."""


class NoTitle(ValueError):
    """A date needs a name."""


class Dated(msgspec.Struct, frozen=True):
    """One row of `rules/calendar.yaml`."""

    title: str
    subject: str
    first_on: date
    every_months: int | None


@transaction.atomic
def plan(
    *, by: Actor, title: str, subject: str, due_on: date, now: datetime, every_months: int | None = None
) -> Review:
    """Put a date on the calendar."""
    if not title.strip():
        raise NoTitle(_("Say what is to be looked at."))
    review = _new(title.strip(), subject.strip() or "other", due_on, every_months, now)
    audit.record(by=by, verb="review.plan", now=now, thing=f"review:{review.pk}")
    return review


@transaction.atomic
def finish(*, by: User, review: Review, finding: str, now: datetime) -> Review | None:
    """It was looked at, and this was found. Returns the next date of a repeating one."""
    if not finding.strip():
        raise NoFinding(_("Write in a few words what you found."))
    locked = Review.objects.select_for_update().get(pk=review.pk)
    if locked.done_at is not None:
        raise AlreadyDone(_("Somebody finished this before."))
    locked.done_at, locked.done_by, locked.finding = now, by, finding.strip()
    locked.save(update_fields=["done_at", "done_by", "finding"])
    following = None
    if locked.every_months:
        today = timezone.localtime(now).date()
        next_on = _next(months_later(locked.due_on, locked.every_months), locked.every_months, today)
        following = _new(locked.title, locked.subject, next_on, locked.every_months, now)
    details = {"next": following.due_on.isoformat() if following else None}
    audit.record(by=by, verb="review.finish", now=now, thing=f"review:{locked.pk}", details=details)
    return following


@transaction.atomic
def fill(*, by: Actor, now: datetime) -> int:
    """Put the dates of the rules on the calendar; those that stand there already stay. How many are new."""
    today = timezone.localtime(now).date()
    known = set(Review.objects.values_list("title", flat=True))
    fresh = 0
    for row in rulebook.rows():
        if row.kind != "review" or not row.is_in_force(today):
            continue
        dated = msgspec.convert(row.parameters, Dated)
        due_on = _next(dated.first_on, dated.every_months, today)
        if dated.title in known or due_on < today:
            continue
        _new(dated.title, dated.subject, due_on, dated.every_months, now)
        fresh += 1
    if fresh:
        audit.record(by=by, verb="review.fill", now=now, details={"dates": fresh})
    return fresh


def open_reviews() -> QuerySet[Review]:
    """What is still to be looked at, the most urgent first."""
    return Review.objects.filter(done_at__isnull=True).order_by("due_on", "id")


def done_reviews() -> QuerySet[Review]:
    """What was looked at, the newest first."""
    return Review.objects.filter(done_at__isnull=False).select_related("done_by").order_by("-done_at", "-id")


def authorities() -> dict[str, str]:
    """Which clause asks for a date, by its title."""
    return {str(row.parameters["title"]): row.authority for row in rulebook.rows() if row.kind == "review"}


def _next(day: date, every_months: int | None, today: date) -> date:
    """The first date of the row that has not passed; a date that does not repeat stays where it is."""
    steps = 0
    while every_months and months_later(day, steps * every_months) < today:
        steps += 1
    return months_later(day, steps * every_months) if every_months else day


def _new(title: str, subject: str, due_on: date, every_months: int | None, now: datetime) -> Review:
    return Review.objects.create(title=title, subject=subject, due_on=due_on, every_months=every_months, created_at=now)
