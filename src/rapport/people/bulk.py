"""COPY, for batches: straight into a table, or into a temporary one that a single statement then merges."""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb


def copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows into a table in the current transaction. Tables under row security take no COPY, so by way of a temporary one."""
    name = f"copied_{table}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"pg_temp.{name}"])
        if cursor.fetchone()[0] is None:
            listed = ", ".join(columns)
            cursor.execute(
                f"CREATE TEMP TABLE {name} ON COMMIT DELETE ROWS AS SELECT {listed} FROM {table} WITH NO DATA"
            )
    _copy(name, columns, rows)
    listed = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM pg_temp.{name}")
        cursor.execute(f"TRUNCATE pg_temp.{name}")


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
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"pg_temp.{name}"])
        if cursor.fetchone()[0] is None:
            cursor.execute(f"CREATE TEMP TABLE {name} ({definition}) ON COMMIT DELETE ROWS")
        else:
            cursor.execute(f"TRUNCATE pg_temp.{name}")
    _copy(name, columns, rows)


def as_json(value: dict[str, Any]) -> Jsonb:
    return Jsonb(value, dumps=_dumps)


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)
