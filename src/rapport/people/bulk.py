"""Many rows at once: COPY for batches, by way of a temporary table that a single statement then merges; a few rows as they are."""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

FEW = 25  # rows that are written sooner than a temporary table is made
SMALL = 64 * 1024  # bytes


def copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows into a table in the current transaction. Tables under row security take no COPY, so by way of a temporary one."""
    waiting = iter(rows)
    if not (first := list(islice(waiting, FEW + 1))):
        return
    listed = ", ".join(columns)
    if len(first) <= FEW:
        places = f"({', '.join(['%s'] * len(columns))})"
        statement = f"INSERT INTO {table} ({listed}) VALUES {', '.join([places] * len(first))}"
        with connection.cursor() as cursor:
            cursor.execute(statement, [value for row in first for value in row])
        return
    name = f"copied_{table}"
    _empty(name, f"CREATE TEMP TABLE {name} ON COMMIT DELETE ROWS AS SELECT {listed} FROM {table} WITH NO DATA")
    _copy(name, columns, chain(first, waiting))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM pg_temp.{name}")


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a table in the current transaction."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as out:
        for row in rows:
            out.write_row(row)


def stage(name: str, definition: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a temporary table that lives as long as the connection and is empty again at commit."""
    _empty(name, f"CREATE TEMP TABLE {name} ({definition}) ON COMMIT DELETE ROWS")
    _copy(name, columns, rows)


def _empty(name: str, made: str) -> None:
    """A temporary table with nothing in it. It holds what this transaction put there before; a commit has emptied it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(to_regclass(%s))", [f"pg_temp.{name}"])
        size = cursor.fetchone()[0]
        if size is None:
            cursor.execute(made)
        elif size > SMALL:
            cursor.execute(f"TRUNCATE pg_temp.{name}")
        elif size:
            cursor.execute(f"DELETE FROM pg_temp.{name}")  # a file of its own for each TRUNCATE takes a millisecond


def as_json(value: dict[str, Any]) -> Jsonb:
    return Jsonb(value, dumps=_dumps)


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)
