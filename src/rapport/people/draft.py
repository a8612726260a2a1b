"""A record made ready for comparing and writing: contact points in one form, digests and keys computed once."""

from dataclasses import dataclass
from datetime import date

from rapport.people import contact, tokens
from rapport.people.contact import Point
from rapport.people.records import PersonRecord
from rapport.people.rule import Seen
from rapport.trust import sealing

LONGEST_IDENTIFIER = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """`numbers`: (system, digest) -> value, in the order of the record; the first is the source's own name for it."""

    record: PersonRecord
    points: tuple[Point, ...]
    numbers: dict[tuple[str, bytes], str]
    keys: dict[int, str]
    seen: Seen

    @property
    def own(self) -> tuple[str, bytes] | None:
        return next(iter(self.numbers), None)

    def find(self) -> set[int]:
        r = self.record
        return tokens.find_tokens((r.given, r.family, r.preferred), self.points, r.identifiers)


def draft(record: PersonRecord) -> Draft:
    points = _points(record)
    numbers: dict[tuple[str, bytes], str] = {}
    systems: dict[str, set[bytes]] = {}
    for system, value in record.identifiers:
        if value.strip():
            digest = number_digest(system, value)
            numbers[system[:LONGEST_IDENTIFIER], digest] = value
            systems.setdefault(system[:LONGEST_IDENTIFIER], set()).add(digest)
    keys = tokens.match_keys(record.given, record.family, record.birth_date, record.sex, points)
    frozen = {system: frozenset(digests) for system, digests in systems.items()}
    return Draft(
        record, points, numbers, keys, Seen(record.given, record.family, record.birth_date, record.sex, frozen)
    )


def number_digest(system: str, value: str) -> bytes:
    """The blind index of an identifier: bound to its system, blind to case and outer blanks."""
    return sealing.digest("identifier", f"{system}|{value.strip().casefold()}")


def birth_month(birth_date: date | None) -> date | None:
    return birth_date.replace(day=1) if birth_date else None


def _points(record: PersonRecord) -> tuple[Point, ...]:
    found = [contact.email(value) for value in record.emails]
    found += [contact.phone(value, use) for value, use in record.phones]
    once: dict[tuple[str, str], Point] = {}
    for point in found:
        if point is not None:
            once.setdefault((point.kind, point.value), point)
    return tuple(once.values())
