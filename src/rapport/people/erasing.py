"""Erasing a human being from this room, and recognising an old feed that would bring her back.

- `same_human` finds every record that was merged into one; all of them go together.
- `known_by` opens, one last time, what other rooms need to find her in raw input.
- `erase` removes rows, destroys keys and leaves a shell. Digests of her numbers stay, so that a record carrying one is held back.
- `keep_out` lets the door and an erasure wait for each other: what is being taken in now is erased too, or is held back.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection

from rapport.people import sealed
from rapport.people.draft import number_digest
from rapport.people.models import ContactPoint, ErasedDigest, FindKeys, Identifier, Person
from rapport.trust import sealing

_DOOR = 0x45524153  # advisory lock: shared by whoever takes records in, alone for whoever erases
_HUMAN = """
WITH RECURSIVE human AS (
    SELECT id, merged_into_id FROM people_person WHERE id = ANY(%s)
    UNION
    SELECT p.id, p.merged_into_id FROM people_person p
    JOIN human h ON p.id = h.merged_into_id OR p.merged_into_id = h.id
) SELECT id FROM human ORDER BY id
"""


@dataclass(frozen=True)
class Known:
    """What one human being is known by, opened for the last time. Lives as long as the erasure."""

    person_ids: tuple[int, ...]
    subjects: tuple[uuid.UUID, ...]
    pseudonyms: tuple[int, ...]
    names: tuple[tuple[str, str], ...] = field(repr=False)
    born: frozenset[date] = field(repr=False)
    numbers: tuple[tuple[str, str], ...] = field(repr=False)
    points: tuple[tuple[str, str], ...] = field(repr=False)
    digests: tuple[bytes, ...] = ()
    addresses: tuple[tuple[str, bytes], ...] = ()


def keep_out(*, alone: bool = False) -> None:
    """Until this transaction ends nobody erases; or, `alone`, nobody takes in."""
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [_DOOR])


def same_human(person_ids: Iterable[int]) -> list[int]:
    """These people and everybody they were merged with, in either direction."""
    with connection.cursor() as cursor:
        cursor.execute(_HUMAN, [list(person_ids)])
        return [row for (row,) in cursor.fetchall()]


def known_by(person_ids: Sequence[int], *, lock: bool = False) -> Known:
    """Everything by which these records could be recognised elsewhere."""
    people = Person.objects.filter(pk__in=person_ids).order_by("pk")
    rows = list((people.select_for_update(of=("self",)) if lock else people).values())
    keys = {row["id"]: key for row in rows if (key := sealing.keys_of([row["key"]]).get(row["key"]))}
    opened = [sealed.open_person(keys.get(row["id"]), row) for row in rows]
    identifiers = list(Identifier.objects.filter(person_id__in=person_ids).order_by("pk"))
    contacts = list(ContactPoint.objects.filter(person_id__in=person_ids).order_by("pk"))
    return Known(
        person_ids=tuple(row["id"] for row in rows),
        subjects=tuple(row["key"] for row in rows),
        pseudonyms=tuple(row["pseudonym"] for row in rows),
        names=tuple({(one["given"], one["family"]) for one in opened if one["given"] and one["family"]}),
        born=frozenset(born for one in opened if (born := sealed.opened_date(one["birth_date"]))),
        numbers=tuple((one.system, value) for one in identifiers if (value := _value(sealed.IDENTIFIER, one, keys))),
        points=tuple((one.kind, value) for one in contacts if (value := _value(sealed.CONTACT, one, keys))),
        digests=tuple(sorted({bytes(one.digest) for one in identifiers})),
        addresses=tuple(sorted({(one.kind, bytes(one.digest)) for one in contacts})),
    )


def erase(known: Known, *, now: datetime) -> None:
    """The numbers are remembered as digests, the keys are destroyed, the rows become shells. The rest is deleted by the caller."""
    hold_back(known.digests, now=now, again=True)
    for subject in known.subjects:
        sealing.destroy(subject, now=now)
    for model in (Identifier, ContactPoint, FindKeys):
        model.objects.filter(person_id__in=known.person_ids).delete()
    for person_id in known.person_ids:
        Person.objects.filter(pk=person_id).update(
            **dict.fromkeys((*sealed.PERSON_FIELDS, "birth_month", "home_location", "deceased_at", "trace")),
            merged_into=None, sex=Person.Sex.UNKNOWN, language="en", city="", state="", country="US", zip5="", timezone="",
            erased_at=now, changed_at=now,
        )  # fmt: skip


def hold_back(digests: Iterable[bytes], *, now: datetime, again: bool = False) -> int:
    """Records that carry one of these numbers wait for staff from now on; `again`: also where staff had released one before."""
    once_more = "DO UPDATE SET erased_at = EXCLUDED.erased_at, released_at = NULL" if again else "DO NOTHING"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_eraseddigest (digest, erased_at) SELECT digest, %s FROM unnest(%s::bytea[]) AS digest "
            f"ON CONFLICT (digest) {once_more}",
            [now, list(digests)],
        )
        return int(cursor.rowcount)


def erased_among(numbers: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these numbers by which an erased person was known, and which nobody has released."""
    digests = {number: number_digest(*number) for number in numbers}
    held = ErasedDigest.objects.filter(digest__in=list(set(digests.values())), released_at__isnull=True)
    found = {bytes(one) for one in held.values_list("digest", flat=True)}
    return {number for number, digest in digests.items() if digest in found}


def release(numbers: Iterable[tuple[str, str]], *, now: datetime) -> int:
    """Let these numbers in again: the person has come back, or the number belongs to somebody else now."""
    digests = [number_digest(*number) for number in numbers]
    return ErasedDigest.objects.filter(digest__in=digests, released_at__isnull=True).update(released_at=now)


def _value(table: str, row: Identifier | ContactPoint, keys: dict[int, sealing.DataKey]) -> str:
    return sealed.open_text(keys.get(row.person_id), row.value, table=table, column="value", row=row.pk)
