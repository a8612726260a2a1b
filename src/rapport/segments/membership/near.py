"""The rows of a few people, read from the record at this moment as the warehouse would hold them, for the reference engine.

`pull` does not know that it is asked about a few: each of its queries runs over tables that are narrowed to these people. So what
a column of the warehouse means is said in one place, and an answer here is the answer of tomorrow's file.

Measured: the reference engine needs well under a millisecond a person for a dozen segments, a warehouse in memory with the compiled
statements some hundred milliseconds whatever their number. So it is the reference engine up to what one turn takes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args

from django.db import connection
from psycopg import sql

from rapport.people.models import Person
from rapport.segments import memory, pull, pull_sql, worldly
from rapport.segments.days import AsOf
from rapport.segments.language import Node
from rapport.segments.sources import BY_ID, DERIVED, PROFILE, SOURCES, Source

Row = dict[str, Any]
# The lists of the reference engine's world and the tables of the warehouse they are read from.
LISTS = {
    "profiles": "profile", "events": "event", "facts": "fact", "consents": "consent_now", "traits": "trait",
    "roofs": "household", "preferences": "preference_now", "members": "member",
}  # fmt: skip


@dataclass(frozen=True)
class Near:
    """People with all that is known about them and about those who live with them."""

    worlds: dict[int, worldly.World]  # pseudonym -> the world in which she is asked about
    profiles: dict[int, worldly.Profile]

    def holding(self, node: Node, pseudonyms: Collection[int], as_of: AsOf) -> set[int]:
        """Those of these people of whom the node is true: what the reference engine says."""
        return {
            one
            for one in pseudonyms
            if (person := self.profiles.get(one)) is not None
            and not person.deceased
            and memory.holds(node, person, self.worlds[one], as_of)
        }


@dataclass(frozen=True)
class _Narrowed(pull.Reader):
    """A reader to which every table of people is as small as these people. It gives rows, and takes the session as it is."""

    before: str = ""

    def rows(self, query: sql.Composable) -> Any:
        self.cursor.execute(f"{self.before} SELECT * FROM ({query.as_string(None)}) AS asked")
        names = [column[0] for column in self.cursor.description]
        return [dict(zip(names, map(_aware, row), strict=True)) for row in self.cursor.fetchall()]

    def everything(self, source: Source) -> Any:
        """With the pseudonym in place: for a few people the record joins them itself."""
        return self.rows(pull_sql.select(source, pull_sql.passes(source)))


def near(person_ids: Sequence[int], *, now: datetime) -> Near:
    """What is known about these records. Of merged people name every record: the rows of one are the rows of all."""
    with connection.cursor() as cursor:
        tables = _read(_Narrowed(cursor, pull.Seen(0, "", now), "", _narrowing(person_ids)))
    rows: dict[str, dict[int, list[Any]]] = {}
    for name, (table, made) in _lists().items():
        rows[name] = _by_person(made, tables.get(table, ()))
    worlds = {}
    for one, together in _together(rows["profiles"], tables.get("household", ())).items():
        parts = {name: [row for other in together for row in some.get(other, ())] for name, some in rows.items()}
        worlds[one] = worldly.World(**parts)
    return Near(worlds, {one: found[0] for one, found in rows["profiles"].items()})


def _read(reader: pull.Reader) -> dict[str, list[Row]]:
    """Every table of the warehouse, of these people, by the queries of its increments: each row under its pseudonym."""
    found: dict[str, Any] = {
        source.table: reader.rows(pull_sql.select(source, pull_sql.passes(source))) for source in (PROFILE, *BY_ID)
    }
    return found | {source.table: reader.sums(source, None) for source in DERIVED}


def _narrowing(person_ids: Sequence[int]) -> str:
    """Names of tables, each given to a part of that table."""
    ids = sql.Literal(list(person_ids))
    narrow = [
        sql.SQL("{table} AS (SELECT * FROM {table} WHERE {column} = ANY({ids}::bigint[]))").format(
            table=sql.Identifier(table), column=sql.Identifier(column), ids=ids
        )
        for table, column in _tables().items()
    ]
    return (sql.SQL("WITH ") + sql.SQL(", ").join(narrow)).as_string(None)


@cache
def _tables() -> dict[str, str]:
    """The tables of the record that say something about a person, and the column that says about whom."""
    tables = {Person._meta.db_table: "id"}
    for source in SOURCES:
        for column in source.columns:
            if column.how == "person":
                tables[source.model._meta.db_table] = source.column_of(column.field)
    return tables


@cache
def _lists() -> dict[str, tuple[str, type]]:
    """List of a world -> (table, what one row is made into)."""
    return {one.name: (LISTS[one.name], get_args(one.type)[0]) for one in fields(worldly.World) if one.name in LISTS}


def _by_person(made: type, rows: Iterable[Row]) -> dict[int, list[Any]]:
    names = [one.name for one in fields(made)]
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["pseudonym"]].append(made(**{name: row[name] for name in names}))
    return found


def _together(people: Iterable[int], households: Iterable[Row]) -> dict[int, list[int]]:
    """Each person, with those whom some household holds too."""
    houses: dict[int, set[int]] = defaultdict(set)
    mine: dict[int, set[int]] = defaultdict(set)
    for row in households:
        houses[row["household_id"]].add(row["pseudonym"])
        mine[row["pseudonym"]].add(row["household_id"])
    return {one: sorted({one}.union(*(houses[house] for house in mine[one]))) for one in list(people)}


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
