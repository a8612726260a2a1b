"""A person asks for a right: take it in, extend it once, decide it. What she wrote is sealed under her own key."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.governance import clocks
from rapport.governance.models import RightsRequest
from rapport.people.models import Person
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor, System
from rapport.trust.models import User

TABLE = "governance_rightsrequest"
OLDEST = timedelta(days=366)


class NotSo(ValueError):
    """This can't be done with this request; the text says why."""


@transaction.atomic
def receive(
    *,
    by: Actor,
    person_id: int,
    kind: str,
    via: str,
    now: datetime,
    regime: str = "HIPAA",
    wish: str = "",
    received_at: datetime | None = None,
) -> RightsRequest:
    """Write down what she asks; the clock runs from the day it came. Raises NotSo, clocks.NoClock, Person.DoesNotExist."""
    received = received_at or now
    if not now - OLDEST <= received <= now:
        raise NotSo(_("The day it came must be today or in the past year."))
    clock = clocks.find(kind, regime, _day(received))
    person = Person.objects.get(pk=person_id, erased_at__isnull=True)
    made = RightsRequest.objects.create(
        person=person, kind=kind, regime=clock.regime, received_at=received, received_via=via[:30],
        due_on=clock.due_on(_day(received)), clock_rule=clock.rule, taken_by=_user(by),
    )  # fmt: skip
    key = sealing.keys_of([person.key]).get(person.key)
    if wish.strip() and key:
        made.wish = sealing.seal(key, wish.strip(), table=TABLE, column="wish", row=made.pk)
        made.save(update_fields=["wish"])
    said = {"kind": kind, "regime": clock.regime, "due_on": made.due_on.isoformat()}
    audit.record(by=by, verb="rights.receive", now=now, person=person.pk, thing=f"rights:{made.pk}", details=said)
    return made


@transaction.atomic
def extend(*, by: Actor, request: RightsRequest, reason: str, now: datetime) -> RightsRequest:
    """Take the one extension the law gives; the person must be told why before the first date has passed."""
    row = _open(request)
    clock = clocks.named(row.clock_rule, _day(row.received_at))
    if row.extended_because:
        raise NotSo(_("It has been extended once. A second time is not allowed."))
    if not clock.can_be_extended:
        raise NotSo(_("%(law)s gives no extension.") % {"law": clock.authority})
    if _day(now) > row.due_on:
        raise NotSo(_("The date has passed. An extension must be told before it passes."))
    if not reason.strip():
        raise NotSo(_("An extension needs a reason: it is told to the person in writing."))
    row.due_on, row.extended_because = clock.extended(row.due_on), reason.strip()[:200]
    row.save(update_fields=["due_on", "extended_because"])
    said = {"due_on": row.due_on.isoformat()}
    audit.record(by=by, verb="rights.extend", now=now, person=row.person_id, thing=f"rights:{row.pk}", details=said)
    return row


@transaction.atomic
def decide(*, by: Actor, request: RightsRequest, state: str, reason: str, now: datetime) -> RightsRequest:
    """Granted, denied with a reason, or withdrawn by the person. An erasure is granted by erasing, and in no other way."""
    row = _open(request)
    if state not in {RightsRequest.State.GRANTED, RightsRequest.State.DENIED, RightsRequest.State.WITHDRAWN}:
        raise NotSo(_("A decision is granted, denied or withdrawn."))
    if state == RightsRequest.State.GRANTED and row.kind == RightsRequest.Kind.ERASURE:
        raise NotSo(_("An erasure is granted by erasing."))
    if state == RightsRequest.State.DENIED and not reason.strip():
        raise NotSo(_("A denial needs its reason: the person has a right to it in writing."))
    row.state, row.decided_at, row.decided_by, row.reason = state, now, _user(by), reason.strip()[:300]
    row.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    said = {"kind": row.kind, "state": state, "late": _day(now) > row.due_on}
    audit.record(by=by, verb="rights.decide", now=now, person=row.person_id, thing=f"rights:{row.pk}", details=said)
    return row


def wish_of(row: RightsRequest) -> str:
    """What the person wrote, opened; empty when there is nothing or it was erased. The caller writes the audit line."""
    if row.wish is None or row.person is None:
        return ""
    key = sealing.keys_of([row.person.key]).get(row.person.key)
    return sealing.unseal_text(key, row.wish, table=TABLE, column="wish", row=row.pk) if key else ""


def days_left(row: RightsRequest, now: datetime) -> int:
    """Until the due date; negative when it has passed."""
    return (row.due_on - _day(now)).days


def waiting() -> list[RightsRequest]:
    """Open requests about people in sight, the most pressing first."""
    return list(RightsRequest.objects.filter(state=RightsRequest.State.OPEN).order_by("due_on", "id"))


def decided(limit: int = 100) -> list[RightsRequest]:
    """What was decided, newest first."""
    rows = RightsRequest.objects.exclude(state=RightsRequest.State.OPEN).select_related("decided_by")
    return list(rows.order_by("-decided_at", "-id")[:limit])


def overdue(rows: Iterable[RightsRequest], now: datetime) -> int:
    return sum(days_left(row, now) < 0 for row in rows)


def _open(request: RightsRequest) -> RightsRequest:
    row = RightsRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if row.state != RightsRequest.State.OPEN:
        raise NotSo(_("Somebody decided it in the meantime."))
    return row


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _user(by: Actor) -> User | None:
    return None if isinstance(by, System) else by
