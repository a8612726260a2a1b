"""After a restore: an older backup still holds people who were erased since. The journal tells it again, before anybody looks.

Called at every start. With nothing to do it is a handful of look-ups; it changes nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rapport.consent import suppressions
from rapport.consent.models import Suppression
from rapport.governance import erasing, erasure_journal
from rapport.governance.erasure_journal import Entry
from rapport.governance.models import Erasure
from rapport.integrations.models import Landing
from rapport.people import erasing as people
from rapport.people.models import ErasedDigest, Person
from rapport.trust import audit, sealing
from rapport.trust.access import as_system
from rapport.trust.actors import System
from rapport.trust.models import SubjectKey

BY = System("rapport erasures")


@dataclass(frozen=True)
class Applied:
    """What a start had to do again. `noted`: erasures that a crash had kept out of the journal."""

    known: int
    people: int = 0
    keys: int = 0
    numbers: int = 0
    addresses: int = 0
    noted: int = 0

    @property
    def nothing(self) -> bool:
        return not (self.people or self.keys or self.numbers or self.addresses or self.noted)


def apply(*, now: datetime) -> Applied:
    """Erase again whoever the journal says was erased."""
    with transaction.atomic(), as_system():
        noted = _note_missing()
        entries = erasure_journal.read()
        if not entries:
            return Applied(0)
        done = Applied(
            known=len(entries),
            people=_people(entries, now),
            keys=_keys(entries, now),
            numbers=people.hold_back({one for entry in entries for one in entry.identifiers}, now=now),
            addresses=_addresses(entries, now),
            noted=noted,
        )
        if not done.nothing:
            said = {"people": done.people, "keys": done.keys, "numbers": done.numbers, "addresses": done.addresses}
            audit.record(by=BY, verb="erasures.apply", now=now, details=said)
    return done


def _note_missing() -> int:
    """Erasures that were committed and did not reach the journal."""
    noted = {str(one) for entry in erasure_journal.read() for one in entry.people}
    missing = [one for one in Erasure.objects.order_by("pk") if not noted.intersection(one.subjects)]
    erasure_journal.append([_entry_of(one) for one in missing])
    return len(missing)


def _entry_of(one: Erasure) -> Entry:
    shells = list(Person.objects.filter(key__in=one.subjects).order_by("pk").values_list("key", "pseudonym"))
    keys = {key for key, _ in shells}
    listed = Suppression.objects.filter(reason=Suppression.Reason.ERASED, at=one.erased_at)
    others = SubjectKey.objects.filter(subject__in=one.subjects).exclude(subject__in=keys)
    return Entry(
        at=one.erased_at,
        people=tuple(key for key, _ in shells),
        subjects=tuple(others.values_list("subject", flat=True)),
        pseudonyms=tuple(pseudonym for _, pseudonym in shells),
        identifiers=tuple(
            bytes(row) for row in ErasedDigest.objects.filter(erased_at=one.erased_at).values_list("digest", flat=True)
        ),
        addresses=tuple((kind, bytes(row)) for kind, row in listed.values_list("kind", "digest")),
    )  # fmt: skip


def _people(entries: Sequence[Entry], now: datetime) -> int:
    keys = [one for entry in entries for one in entry.people]
    again = 0
    while (found := Person.objects.filter(key__in=keys, erased_at__isnull=True).order_by("pk").first()) is not None:
        erasing.erase(by=BY, person_id=found.pk, now=now, reason="a restored backup", again=True)
        again += 1
    return again


def _keys(entries: Sequence[Entry], now: datetime) -> int:
    """Keys of letters and raw input that came back. A landing that was not taken in yet may hold others: the door looks at it."""
    subjects = [one for entry in entries for one in (*entry.people, *entry.subjects)]
    alive = SubjectKey.objects.filter(subject__in=subjects, wrapped__isnull=False).values_list("subject", flat=True)
    waiting = set(Landing.objects.filter(key__in=subjects, state=Landing.State.WAITING).values_list("key", flat=True))
    return sum(sealing.destroy(one, now=now) for one in alive if one not in waiting)


def _addresses(entries: Sequence[Entry], now: datetime) -> int:
    wanted = {one for entry in entries for one in entry.addresses}
    listed = Suppression.objects.filter(topic="all", digest__in=[digest for _, digest in wanted])
    wanted -= {(kind, bytes(digest)) for kind, digest in listed.values_list("kind", "digest")}
    for kind in sorted({kind for kind, _ in wanted}):
        digests = [digest for one, digest in wanted if one == kind]
        suppressions.put(kind=kind, digests=digests, topic="all", reason="erased", now=now)
    return len(wanted)
