"""Who was written about since some point, told by the stamp `tx` that every row of the warehouse's tables carries.

A point is a snapshot of PostgreSQL: which transactions were visible then. The warehouse has one, the live refresh another. So
nothing is missed while a long transaction runs, and nothing is read twice.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from rapport.people.models import Person, Relationship
from rapport.segments import pull
from rapport.segments.membership.plans import HOUSEHOLD, MEMBER
from rapport.segments.sources import SOURCES, Source


@dataclass(frozen=True)
class Change:
    """What was written: the table of the warehouse it belongs to, the kind of thing, and its trace where there is one."""

    table: str
    kind: str
    trace: uuid.UUID | None = None


@dataclass(frozen=True)
class Human:
    """A record of a person as it stands, and the record she goes by (`head`; her own, unless she was merged)."""

    id: int
    head: int
    pseudonym: int
    is_living: bool


Changes = dict[int, list[Change]]  # person id -> what was written about her

_HUMANS = """
WITH RECURSIVE up AS (
    SELECT id, merged_into_id FROM people_person WHERE id = ANY(%s)
    UNION SELECT p.id, p.merged_into_id FROM up JOIN people_person p ON p.id = up.merged_into_id
), down AS (
    SELECT id, id AS head FROM up WHERE merged_into_id IS NULL
    UNION SELECT p.id, down.head FROM down JOIN people_person p ON p.merged_into_id = down.id
)
SELECT p.id, down.head, p.pseudonym, p.id = down.head AND p.deceased_at IS NULL AND p.erased_at IS NULL
FROM down JOIN people_person p ON p.id = down.id
"""
_HOUSEMATES = """
SELECT DISTINCT other.person_id FROM {relationship} mine JOIN {relationship} other ON other.household_id = mine.household_id
WHERE mine.person_id = ANY(%s)
"""


def is_ahead(mark: str, now: str) -> bool:
    """Whether a snapshot was taken in another life of this database: before it was restored or made anew."""
    return int(mark.split(":")[1]) > int(now.split(":")[1])


def since_snapshot(mark: str, *, tables: Iterable[str], at_most: int) -> Changes | None:
    """Who was written about in transactions that a snapshot did not see. None: more than `at_most` people, or rows to match."""
    parts: list[sql.Composable] = [
        _changes(source, mark, 20 * at_most + 1) for source in SOURCES if source.table in set(tables)
    ]
    found: dict[int, dict[Change, None]] = defaultdict(dict)
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        rows = cursor.fetchall()
    for person, table, kind, trace in rows:
        found[person][Change(table, kind, trace)] = None
    if len(found) > at_most or len(rows) > 20 * at_most:
        return None
    return {person: list(changes) for person, changes in found.items()}


def since_version(before: pull.Seen, *, tables: Iterable[str]) -> sql.Composable:
    """A query for the ids of those written about in what a warehouse has not seen: themselves, who they are now, who lives with them."""
    wanted = set(tables)
    parts: list[sql.Composable] = [
        sql.SQL("SELECT {person} AS id FROM {table} r WHERE {since}").format(
            person=_person(source), table=_table(source), since=pull.since(before)
        )
        for source in SOURCES
        if source.table in wanted
    ] or [sql.SQL("SELECT NULL::bigint AS id WHERE false")]
    people = sql.SQL(
        "WITH RECURSIVE touched AS (SELECT DISTINCT id FROM ({}) AS rows), became AS (SELECT id FROM touched "
        "UNION SELECT p.merged_into_id FROM became JOIN people_person p ON p.id = became.id WHERE p.merged_into_id IS NOT NULL) "
        "SELECT id FROM became"
    ).format(sql.SQL(" UNION ALL ").join(parts))
    if HOUSEHOLD not in wanted:
        return people
    return sql.SQL(
        "WITH near AS ({}) SELECT id FROM near UNION SELECT other.person_id FROM near JOIN {} mine ON mine.person_id = near.id "
        "JOIN {} other ON other.household_id = mine.household_id"
    ).format(people, _relationship(), _relationship())


def humans(person_ids: Sequence[int]) -> list[Human]:
    """These records, the ones they became, and every other record that became the same."""
    with connection.cursor() as cursor:
        cursor.execute(_HUMANS, [list(person_ids)])
        return [Human(*row) for row in cursor.fetchall()]


def with_housemates(person_ids: Iterable[int]) -> set[int]:
    """These people and everybody who was ever put into one household with them."""
    mine = set(person_ids)
    with connection.cursor() as cursor:
        cursor.execute(_HOUSEMATES.format(relationship=Relationship._meta.db_table), [list(mine)])
        return mine | {row[0] for row in cursor.fetchall()}


def tables_of_people() -> frozenset[str]:
    """Everything that is written about people from outside: all tables of the warehouse but the stays themselves."""
    return frozenset(source.table for source in SOURCES) - {MEMBER}


def _changes(source: Source, mark: str, limit: int) -> sql.Composable:
    fields = {one.name for one in source.model._meta.get_fields()}
    kind: sql.Composable = sql.Literal(source.table)
    if source.table in {"event", "fact"}:
        kind = sql.SQL("r.kind::text")
    elif source.table == "trait":
        kind = sql.SQL("r.name::text")
    return sql.SQL(
        "(SELECT {person}, {name}::text, {kind}::text, {trace} FROM {table} r WHERE r.tx >= {since} "
        "AND NOT pg_visible_in_snapshot(r.tx::text::xid8, {mark}::pg_snapshot) LIMIT {limit})"
    ).format(
        person=_person(source),
        name=sql.Literal(source.table),
        kind=kind,
        trace=sql.SQL("r.trace" if "trace" in fields else "NULL::uuid"),
        table=_table(source),
        since=sql.Literal(int(mark.split(":")[0])),
        mark=sql.Literal(mark),
        limit=sql.Literal(limit),
    )


def _person(source: Source) -> sql.Composable:
    """The column of a table of the record that says whose row it is."""
    if source.model is Person:
        return sql.SQL("r.id")
    (field,) = [column.field for column in source.columns if column.how == "person"]
    return sql.Identifier("r", source.column_of(field))


def _table(source: Source) -> sql.Identifier:
    return sql.Identifier(source.model._meta.db_table)


def _relationship() -> sql.Identifier:
    return sql.Identifier(Relationship._meta.db_table)
