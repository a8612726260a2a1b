"""How people are written: one batch, a few statements, every direct identifier sealed under the person's own key."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from rapport.directory import queries as directory
from rapport.kit import ids
from rapport.people import bulk, sealed
from rapport.people.draft import Draft, birth_month
from rapport.people.known import OPEN_COLUMNS, Known
from rapport.people.records import PersonRecord
from rapport.trust import sealing

CHANGING = (*sealed.PERSON_FIELDS, *OPEN_COLUMNS, "timezone", "changed_at")
PERSON_COLUMNS = ("id", "key", "pseudonym", *CHANGING, "trace", "created_at", "tx")
_STAGED = (
    "id bigint, prefix bytea, given bytea, family bytea, preferred bytea, birth_date bytea, street bytea, sex text, "
    "language text, city text, state text, country text, zip5 text, deceased_at timestamptz, home_location_id bigint, birth_month date, "
    "timezone text, changed_at timestamptz"
)
_IDENTIFIER = ("id", "person_id", "system", "digest", "value")
_CONTACT = (
    "id", "person_id", "kind", "use", "value", "digest", "rank", "is_valid", "invalid_reason", "area_state", "area_timezone",
    "created_at",
)  # fmt: skip


def fields_of(record: PersonRecord) -> dict[str, Any]:
    """The fields of a person as this record tells them, opened."""
    told = {name: getattr(record, name) for name in (*sealed.PERSON_FIELDS, *OPEN_COLUMNS)}
    told["birth_date"] = sealed.text_of(record.birth_date)
    told["birth_month"] = birth_month(record.birth_date) or record.birth_month
    told["language"] = record.language[:8] or "en"
    told["city"], told["state"], told["zip5"] = record.city[:100], record.state[:2], record.zip5[:5]
    told["country"] = country_of(record) or "US"
    return told


def country_of(record: PersonRecord) -> str:
    """Two letters (ISO 3166), or nothing; “USA” is the only longer form that sources use for what we need to know."""
    told = record.country.strip().upper()
    return {"USA": "US"}.get(told, told if len(told) == 2 and told.isalpha() else "")


def folded(known: dict[str, Any], record: PersonRecord, *, fill_only: bool) -> dict[str, Any]:
    """A known person's fields after this record: what it says replaces, what it leaves out stays. Pure."""
    told = fields_of(record) | {"language": record.language[:8], "country": country_of(record)}
    empty = {None, "", "U"} | ({"en", "US"} if fill_only else set())
    changed = dict(known)
    for name, value in told.items():
        may = not fill_only or known[name] in empty
        if value not in {None, "", "U"} and may:
            changed[name] = value
    return changed


@dataclass
class Batch:
    """What is to be written for one batch of records, gathered while it is decided."""

    source: str
    now: datetime
    fill_only: bool = False
    made: list[tuple[Known, PersonRecord]] = field(default_factory=list)
    changed: dict[int, Known] = field(default_factory=dict)
    numbers: list[tuple[Known, str, bytes, str]] = field(default_factory=list)
    points: list[tuple[Known, int, Any]] = field(default_factory=list)
    tokens: dict[int, tuple[set[int], set[int]]] = field(default_factory=dict)
    doubts: dict[tuple[int, int], str] = field(default_factory=dict)

    def take(self, known: Known, one: Draft, numbers: dict[tuple[str, bytes], str], *, is_new: bool) -> None:
        """Add one record of this person."""
        if is_new:
            self.made.append((known, one.record))
        else:
            self._change(known, one.record)
        self.numbers += [(known, system, digest, value) for (system, digest), value in numbers.items()]
        self.points += [(known, rank, point) for rank, point in enumerate(one.points, 1)]
        find, match = self.tokens.setdefault(known.id, (set(), set()))
        find |= one.find()
        match.update(one.keys)

    def _change(self, known: Known, record: PersonRecord) -> None:
        after = folded(known.fields, record, fill_only=self.fill_only)
        if after != known.fields:
            known.fields = after
            if not known.is_new:
                self.changed[known.id] = known

    def write(self) -> None:
        keys = sealing.new_keys([known.subject for known, _ in self.made])
        for known, _ in self.made:
            known.key = keys[known.subject]
        bulk.copy(sealed.PERSON, PERSON_COLUMNS, (self._new_row(known, record) for known, record in self.made))
        self._write_changes()
        self._write_numbers()
        self._write_points()
        self._write_tokens()
        self._write_doubts()

    def _new_row(self, known: Known, record: PersonRecord) -> tuple:
        return (known.id, known.subject, ids.pseudonym(), *self._changing(known), record.trace, self.now, 0)

    def _changing(self, known: Known) -> tuple:
        fields = known.fields
        blobs = [
            sealed.seal(known.key, fields[name], table=sealed.PERSON, column=name, row=known.id) if known.key else None
            for name in sealed.PERSON_FIELDS
        ]
        zone = directory.timezone_of(fields["zip5"], fields["state"])
        return (*blobs, *(fields[name] for name in OPEN_COLUMNS), zone, self.now)

    def _write_changes(self) -> None:
        rows = [(known.id, *self._changing(known)) for known in self.changed.values() if known.key is not None]
        if not rows:
            return
        bulk.stage("changed_person", _STAGED, ("id", *CHANGING), rows)
        sets = ", ".join(f"{column} = c.{column}" for column in CHANGING)
        _run(
            f"UPDATE people_person p SET {sets} FROM pg_temp.changed_person c WHERE p.id = c.id AND p.erased_at IS NULL"
        )

    def _write_numbers(self) -> None:
        once = {
            (system, digest): (known, value) for known, system, digest, value in self.numbers if known.key is not None
        }
        rows = [
            (
                row,
                known.id,
                system,
                digest,
                sealed.seal(known.key, value, table=sealed.IDENTIFIER, column="value", row=row),
            )
            for row, ((system, digest), (known, value)) in zip(
                ids.allocate(table=sealed.IDENTIFIER, count=len(once)), once.items(), strict=True
            )
        ]
        _merge(
            sealed.IDENTIFIER, "id bigint, person_id bigint, system text, digest bytea, value bytea", _IDENTIFIER, rows
        )

    def _write_points(self) -> None:
        once = {
            (known.id, point.kind, point.value): (known, rank, point) for known, rank, point in self.points if known.key
        }
        rows = []
        for row, (known, rank, point) in zip(
            ids.allocate(table=sealed.CONTACT, count=len(once)), once.values(), strict=True
        ):
            value = sealed.seal(known.key, point.value, table=sealed.CONTACT, column="value", row=row)
            fine = not point.problem
            area = directory.area_of(point.value) if point.kind == "phone" else directory.NOWHERE
            rows.append(
                (
                    row, known.id, point.kind, point.use, value, point.digest(), rank, fine, point.problem[:60], area.state,
                    area.timezone, self.now,
                )
            )  # fmt: skip
        definition = (
            "id bigint, person_id bigint, kind text, use text, value bytea, digest bytea, rank smallint, is_valid boolean, "
            "invalid_reason text, area_state text, area_timezone text, created_at timestamptz"
        )
        _merge(sealed.CONTACT, definition, _CONTACT, rows)

    def _write_tokens(self) -> None:
        rows = [(person, sorted(find), sorted(match)) for person, (find, match) in self.tokens.items()]
        if not rows:
            return
        columns = ("person_id", "find", "match_keys")
        bulk.stage("new_findkeys", "person_id bigint, find bigint[], match_keys bigint[]", columns, rows)
        _run(
            "INSERT INTO people_findkeys AS f (person_id, find, match_keys) "
            "SELECT person_id, find, match_keys FROM pg_temp.new_findkeys ORDER BY person_id "
            "ON CONFLICT (person_id) DO UPDATE SET "
            "find = ARRAY(SELECT unnest(f.find) UNION SELECT unnest(EXCLUDED.find)), "
            "match_keys = ARRAY(SELECT unnest(f.match_keys) UNION SELECT unnest(EXCLUDED.match_keys)) "
            "WHERE NOT (f.find @> EXCLUDED.find AND f.match_keys @> EXCLUDED.match_keys)"
        )

    def _write_doubts(self) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO people_ambiguity (person_id, candidate_id, rule, state, found_at) VALUES (%s, %s, %s, 'open', %s) "
                "ON CONFLICT (person_id, candidate_id) DO NOTHING",
                [(person, other, why, self.now) for (person, other), why in sorted(self.doubts.items())],
            )


def _merge(table: str, definition: str, columns: tuple[str, ...], rows: Iterable[tuple]) -> None:
    """Insert what isn't there yet."""
    rows = list(rows)
    if not rows:
        return
    bulk.stage(f"new_{table}", definition, columns, rows)
    names = ", ".join(columns)
    _run(f"INSERT INTO {table} ({names}) SELECT {names} FROM pg_temp.new_{table} ORDER BY id ON CONFLICT DO NOTHING")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
