"""Erasing a person: every record that is the same human being, everywhere, at once. It can't be undone.

1. Nobody takes records in meanwhile; the rows of the person are locked.
2. A legal hold in force refuses, and says so.
3. The addresses go on the suppression list, as keyed digests: nobody ever writes there again.
4. What waits in the queue is stopped, each with its receipt.
5. Raw input, quarantine and letters lose her; keys are destroyed; rows go as `erasure_plan` says.
6. An Erasure row, one audit line without a name, and after the commit a line in the journal outside the database.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from rapport.consent import suppressions
from rapport.consent.models import ConsentRecord
from rapport.governance import erasure_journal
from rapport.governance.erasure_plan import PLAINLY, PLAN, Part
from rapport.governance.models import Erasure, RightsRequest
from rapport.integrations import erasing as raw
from rapport.messaging import erasing as voice
from rapport.messaging.models import Intent
from rapport.people import erasing as people
from rapport.people.erasing import Known
from rapport.people.models import ContactPoint, Person
from rapport.trust import audit
from rapport.trust.access import as_system
from rapport.trust.actors import Actor, System


class NotErasable(ValueError):
    """The person can't be erased; the text says why."""


class UnderHold(NotErasable):
    """A legal hold is in force."""


class NobodyThere(NotErasable):
    """No such person in sight, or erased before."""


@dataclass(frozen=True)
class Look:
    """What would happen, before it happens."""

    person_ids: tuple[int, ...]
    parts: tuple[tuple[Part, int], ...]
    raw: dict[str, int]
    queued: int
    addresses: int
    sharing: int
    hold: ConsentRecord | None


def look(*, person_id: int, now: datetime) -> Look:
    """Count what an erasure would remove, empty and keep. Changes nothing; the caller has said who looks."""
    ids = _in_sight(person_id)
    with as_system():
        known = people.known_by(ids)
        waiting = Intent.objects.filter(person_id__in=ids, state=Intent.State.QUEUED).count()
        parts = tuple((part, part.rows(ids).count()) for part in PLAN)
        return Look(
            tuple(ids), parts, raw.find(known).counts, waiting, len(known.addresses), _sharing(known), hold_on(ids, now)
        )


@transaction.atomic
def erase(
    *,
    by: Actor,
    person_id: int,
    now: datetime,
    reason: str = "",
    request: RightsRequest | None = None,
    again: bool = False,
) -> Erasure:
    """Erase a human being. `again`: the journal says it was done before, so no hold can forbid it."""
    people.keep_out(alone=True)
    ids = _in_sight(person_id)
    with as_system():
        known = people.known_by(ids, lock=True)
        hold = None if again else hold_on(ids, now)
        if hold is not None:
            raise UnderHold(f"A legal hold of {hold.at:%Y-%m-%d} is in force. It must be lifted first.")
        removed, subjects = _remove(known, now)
        done = Erasure.objects.create(
            person_id=person_id, subjects=[str(one) for one in (*known.subjects, *subjects)], erased_at=now,
            erased_by=None if isinstance(by, System) else by, request=request, removed=removed,
        )  # fmt: skip
        _answer(by, ids, request, now)
        audit.record(
            by=by, verb="person.erase", now=now, person=person_id, people=ids, thing=f"erasure:{done.pk}",
            details={**removed, "again": again}, reason=reason[:300],
        )  # fmt: skip
    entry = erasure_journal.Entry(
        now, known.subjects, tuple(subjects), known.pseudonyms, known.digests, known.addresses
    )
    transaction.on_commit(lambda: erasure_journal.append([entry]))
    return done


def hold_on(person_ids: list[int], now: datetime) -> ConsentRecord | None:
    """The legal hold in force on one of these records: the latest word about it says so."""
    holds = ConsentRecord.objects.filter(person_id__in=person_ids, kind=ConsentRecord.Kind.LEGAL_HOLD)
    for latest in holds.order_by("person_id", "-at", "-id").distinct("person_id"):
        expired = latest.expires_at is not None and latest.expires_at <= now
        if latest.status == ConsentRecord.Status.GRANTED and not expired:
            return latest
    return None


def _in_sight(person_id: int) -> list[int]:
    """The records of this human being. Row security decides whether the one asked for is there."""
    if not Person.objects.filter(pk=person_id, erased_at__isnull=True).exists():
        raise NobodyThere(_("There is no such person, or the person was erased before."))
    with as_system():
        return people.same_human([person_id])


def _remove(known: Known, now: datetime) -> tuple[dict[str, Any], list[uuid.UUID]]:
    """Everything that is removed and emptied: how many rows of what, and which other keys were destroyed."""
    ids = list(known.person_ids)
    removed: dict[str, Any] = {"people": len(ids), "addresses": _suppress(known, now)}
    found = raw.find(known)
    removed["stopped"] = voice.stop(ids, now=now)
    removed["receipts"] = voice.empty_receipts(ids, now=now)
    letters = voice.destroy_letters(ids, now=now)
    removed["letters"] = len(letters)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL rapport.erasing = 'on'")
    for part in PLAINLY:
        removed[part.model._meta.model_name or ""] = part.rows(ids).delete()[0]
    subjects = [*letters, *raw.erase(found, known, now=now)]
    removed |= found.counts
    people.erase(known, now=now)
    return removed, subjects


def _suppress(known: Known, now: datetime) -> int:
    """Her addresses go on the list before anything else; they stay there when she is gone."""
    for kind in sorted({kind for kind, _digest in known.addresses}):
        digests = [digest for one, digest in known.addresses if one == kind]
        suppressions.put(kind=kind, digests=digests, topic="all", reason="erased", now=now)
    return len(known.addresses)


def _answer(by: Actor, ids: list[int], request: RightsRequest | None, now: datetime) -> None:
    """What she wrote to us is emptied; the request that asked for this is granted by it."""
    RightsRequest.objects.filter(person_id__in=ids).update(wish=None)
    if request is not None:
        RightsRequest.objects.filter(pk=request.pk, state=RightsRequest.State.OPEN).update(
            state=RightsRequest.State.GRANTED, decided_at=now, decided_by=None if isinstance(by, System) else by,
            reason="Erased.",
        )  # fmt: skip


def _sharing(known: Known) -> int:
    """How many others use one of these addresses: they will get no more messages there either."""
    digests = [digest for _, digest in known.addresses]
    others = ContactPoint.objects.filter(digest__in=digests).exclude(person_id__in=known.person_ids)
    return others.values("person_id").distinct().count()
