"""A warehouse of a few people, made from the record at this moment: the same tables, by the same queries, in memory.

`pull` and `sync` do not know that they are asked about a few: each of their queries runs over tables that are narrowed to these
people. So what a column of the warehouse means is said in one place, and an answer here is the answer of tomorrow's file.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, get_args

import duckdb
from psycopg import sql

from rapport.people.models import Person
from rapport.segments import compiler, memory, pull, tables
from rapport.segments.days import AsOf
from rapport.segments.language import Node
from rapport.segments.sources import SOURCES

FEW = 4  # up to so many people the reference engine answers itself; for more the compiled statements are quicker
LISTS = {
    "profiles": "profile", "events": "event", "facts": "fact", "consents": "consent_now", "traits": "trait",
    "roofs": "household", "preferences": "preference_now", "members": "member",
}  # fmt: skip


@dataclass
class Near:
    """The rows of some people, as the warehouse would hold them."""

    work: duckdb.DuckDBPyConnection

    def holding(self, node: Node, pseudonyms: Collection[int], as_of: AsOf) -> set[int]:
        """Those of these people of whom the node is true."""
        if len(pseudonyms) <= FEW:
            return self.by_reference(node, pseudonyms, as_of)
        return self.by_statement(node, as_of) & set(pseudonyms)

    def by_reference(self, node: Node, pseudonyms: Collection[int], as_of: AsOf) -> set[int]:
        """As the reference engine says."""
        asked = set(pseudonyms)
        return {
            person.pseudonym
            for person in self.world.profiles
            if person.pseudonym in asked and not person.deceased and memory.holds(node, person, self.world, as_of)
        }

    def by_statement(self, node: Node, as_of: AsOf) -> set[int]:
        """As the compiled statement says, of everybody here."""
        return {row[0] for row in self.work.execute(compiler.sql(compiler.compile(node, as_of))).fetchall()}

    @cached_property
    def world(self) -> memory.World:
        """All rows as the reference engine wants them."""
        found: dict[str, list[Any]] = {}
        for one in fields(memory.World):
            table = LISTS.get(one.name)
            if table is not None:
                found[one.name] = self._rows(table, get_args(one.type)[0])
        return memory.World(**found)

    def _rows(self, table: str, made: type) -> list[Any]:
        names = [one.name for one in fields(made)]
        columns = ", ".join(f'"{name}"' for name in names)
        rows = self.work.execute(f"SELECT {columns} FROM {table}").fetchall()
        return [made(*(_aware(value) for value in row)) for row in rows]


class _Narrowed:
    """A cursor of PostgreSQL to which every table of people is as small as these people."""

    def __init__(self, cursor: Any, person_ids: Sequence[int]) -> None:
        self.cursor = cursor
        ids = sql.Literal(list(person_ids))
        tables = {"people_person": "id"}
        for source in SOURCES:
            if source.model is not Person:
                (field,) = [column.field for column in source.columns if column.how == "person"]
                tables[source.model._meta.db_table] = source.column_of(field)
        narrow = [
            sql.SQL("{table} AS (SELECT * FROM {table} WHERE {column} = ANY({ids}::bigint[]))").format(
                table=sql.Identifier(table), column=sql.Identifier(column), ids=ids
            )
            for table, column in tables.items()
        ]
        self.before = (sql.SQL("WITH ") + sql.SQL(", ").join(narrow)).as_string(None)

    def execute(self, query: str) -> None:
        self.cursor.execute(f"{self.before} SELECT * FROM ({query}) AS asked")

    def fetch_record_batch(self) -> Any:
        return self.cursor.fetch_record_batch()


@contextmanager
def near(person_ids: Sequence[int], *, now: datetime) -> Iterator[Near]:
    """The warehouse of these records. Of merged people name every record: the rows of one are the rows of all."""
    work = duckdb.connect(":memory:", config={"enable_external_access": "false", "threads": 1})
    try:
        with pull.reading(now) as reader:
            tables.fill(work, pull.Reader(_Narrowed(reader.cursor, person_ids), reader.now, reader.payers))
        yield Near(work)
    finally:
        work.close()


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
