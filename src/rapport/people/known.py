"""The people whom a batch of records might mean, fetched in a handful of statements and then looked at in memory."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from rapport.people import sealed
from rapport.people.draft import Draft
from rapport.people.rule import Seen
from rapport.trust import sealing
from rapport.trust.sealing import DataKey

OPEN_COLUMNS = ("sex", "language", "city", "state", "country", "zip5", "deceased_at", "home_location_id", "birth_month")
COLUMNS = ("id", "key", *sealed.PERSON_FIELDS, *OPEN_COLUMNS)


@dataclass
class Known:
    """One person as we know her: opened fields, numbers, and whether she is still to be written."""

    id: int
    subject: uuid.UUID
    key: DataKey | None
    fields: dict[str, Any]
    seen: Seen
    is_new: bool = False


@dataclass
class World:
    """Everything that bears on one batch. New people join it as they are decided, so a batch recognises its own doubles."""

    numbers: dict[tuple[str, bytes], int] = field(default_factory=dict)
    keys: dict[int, set[int]] = field(default_factory=dict)
    people: dict[int, Known] = field(default_factory=dict)

    def load(self, drafts: Sequence[Draft], *, by_key: bool) -> None:
        """Fetch who has these numbers and, if asked for, who shares a match key. Asking again refreshes."""
        wanted = {number for draft in drafts for number in draft.numbers}
        strangers_keys = {key for draft in drafts for key in draft.keys} if by_key else set()
        self.numbers.update(known_owners(wanted))
        for person, keys in _sharing(strangers_keys).items():
            for key in keys & strangers_keys:
                self.keys.setdefault(key, set()).add(person)
        near = {self.numbers[number] for number in wanted if number in self.numbers}
        near |= {person for key in strangers_keys for person in self.keys.get(key, ())}
        self.people.update(_people(near - self.people.keys()))
        self._follow_merges()

    def join(self, known: Known, draft: Draft) -> None:
        """A person just made or matched is known to the rest of the batch."""
        self.people[known.id] = known
        for number in draft.numbers:
            self.numbers.setdefault(number, known.id)
        for key in draft.keys:
            self.keys.setdefault(key, set()).add(known.id)

    def own(self, draft: Draft) -> Seen | None:
        person = self.numbers.get(draft.own) if draft.own else None
        return self.people[person].seen if person is not None else None

    def by_identifier(self, draft: Draft) -> dict[str, Seen]:
        return {number[0]: self.people[self.numbers[number]].seen for number in draft.numbers if number in self.numbers}

    def by_key(self, draft: Draft) -> list[tuple[Seen, str]]:
        found = [(person, rule) for key, rule in draft.keys.items() for person in sorted(self.keys.get(key, ()))]
        return [(self.people[person].seen, rule) for person, rule in found]

    def _follow_merges(self) -> None:
        """Whoever was merged stands for the one she became."""
        became = merged_into(list(self.people))
        if not became:
            return
        self.people.update(_people(set(became.values()) - self.people.keys()))
        self.numbers = {number: became.get(person, person) for number, person in self.numbers.items()}
        self.keys = {key: {became.get(person, person) for person in people} for key, people in self.keys.items()}


def known_owners(numbers: set[tuple[str, bytes]]) -> dict[tuple[str, bytes], int]:
    """(system, digest) -> the person who has this number."""
    if not numbers:
        return {}
    systems, digests = zip(*numbers, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.system, i.digest, i.person_id FROM unnest(%s::text[], %s::bytea[]) AS wanted (system, digest) "
            "JOIN people_identifier i ON i.system = wanted.system AND i.digest = wanted.digest",
            [list(systems), list(digests)],
        )
        return {(system, bytes(digest)): person for system, digest, person in cursor.fetchall()}


def _sharing(keys: set[int]) -> dict[int, set[int]]:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id, match_keys FROM people_findkeys WHERE match_keys && %s::bigint[]", [list(keys)]
        )
        return {person: set(found) for person, found in cursor.fetchall()}


def merged_into(people: list[int]) -> dict[int, int]:
    """Those of them who were merged -> who they are now, at the end of the chain."""
    if not people:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE path AS ("
            " SELECT id AS start, merged_into_id AS stop FROM people_person WHERE id = ANY(%s) AND merged_into_id IS NOT NULL"
            " UNION ALL SELECT path.start, p.merged_into_id FROM path JOIN people_person p ON p.id = path.stop"
            " WHERE p.merged_into_id IS NOT NULL"
            ") SELECT start, stop FROM path JOIN people_person p ON p.id = path.stop WHERE p.merged_into_id IS NULL",
            [people],
        )
        return dict(cursor.fetchall())


def _people(people: set[int]) -> dict[int, Known]:
    if not people:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM people_person WHERE id = ANY(%s)", [list(people)])
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT person_id, system, digest FROM people_identifier WHERE person_id = ANY(%s)", [list(people)]
        )
        systems: dict[int, dict[str, set[bytes]]] = {}
        for person, system, digest in cursor.fetchall():
            systems.setdefault(person, {}).setdefault(system, set()).add(bytes(digest))
    keys = sealing.keys_of([row["key"] for row in rows])
    return {row["id"]: _known(row, keys.get(row["key"]), systems.get(row["id"], {})) for row in rows}


def _known(row: dict[str, Any], key: DataKey | None, systems: dict[str, set[bytes]]) -> Known:
    fields = sealed.open_person(key, row) | {column: row[column] for column in OPEN_COLUMNS}
    numbers = {system: frozenset(digests) for system, digests in systems.items()}
    born = sealed.opened_date(fields["birth_date"])
    seen = Seen(fields["given"], fields["family"], born, row["sex"], numbers, row["id"])
    return Known(row["id"], row["key"], key, fields, seen)
