"""Emergency access to one person: a reason, sixty minutes, a notice that nobody can miss, and a review."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.trust import audit
from rapport.trust.models import BreakGlass, User

LASTS = timedelta(minutes=60)
SHORTEST_REASON = 10


class ReasonMissing(ValueError):
    """Emergency access needs a reason another human can judge."""


class AlreadyReviewed(ValueError):
    """Somebody has reviewed this access before."""


class OwnReview(ValueError):
    """Nobody reviews an access of their own."""


@transaction.atomic
def open(*, by: User, person_id: int, reason: str, now: datetime) -> BreakGlass:  # noqa: A001 - the glass is opened
    """Let `by` see this one person for an hour. It stands on the list of compliance until it is reviewed."""
    told = " ".join(reason.split())
    if len(told) < SHORTEST_REASON:
        raise ReasonMissing(_("Say in a sentence why this can't wait; compliance will read it."))
    glass = BreakGlass.objects.create(
        user=by, person_id=person_id, reason=told[:300], opened_at=now, closes_at=now + LASTS
    )
    audit.record(
        by=by, verb="breakglass.open", now=now, person=person_id, thing=f"breakglass:{glass.pk}", reason=glass.reason
    )
    return glass


@transaction.atomic
def review(*, by: User, glass: BreakGlass, note: str, now: datetime) -> BreakGlass:
    """Compliance has looked at it; the note says what they found."""
    glass = BreakGlass.objects.select_for_update().get(pk=glass.pk)
    if glass.user_id == by.pk:
        raise OwnReview(_("An emergency access is reviewed by somebody else."))
    if glass.reviewed_at is not None:
        raise AlreadyReviewed(_("This access has been reviewed already."))
    glass.reviewed_by, glass.reviewed_at, glass.review_note = by, now, " ".join(note.split())[:300]
    glass.save(update_fields=["reviewed_by", "reviewed_at", "review_note"])
    audit.record(
        by=by,
        verb="breakglass.review",
        now=now,
        person=glass.person_id,
        thing=f"breakglass:{glass.pk}",
        reason=glass.review_note,
    )
    return glass


def opened(*, by: User, now: datetime) -> list[int]:
    """The people `by` may see in this hour because the glass is broken."""
    rows = BreakGlass.objects.filter(user=by, opened_at__lte=now, closes_at__gt=now)
    return sorted(set(rows.values_list("person_id", flat=True)))


def waiting() -> int:
    """How many accesses nobody has reviewed yet: the notice that compliance sees on every page of theirs."""
    return BreakGlass.objects.filter(reviewed_at=None).count()
