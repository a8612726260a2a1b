"""Reading PostgreSQL for the warehouse: one snapshot, increments by transaction, rows as Arrow. Persons become pseudonyms here.

A row carries the id of the transaction that last wrote it (`tx`). Everything below the oldest running transaction is
settled, so an increment is `tx` from the last settled point up to the present one: nothing is missed, however late a
transaction commits, and nothing is read twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from rapport.consent.queries import CHANNELS, TOPICS
from rapport.kit import horizon
from rapport.segments.sources import CONSENT, PROFILE, SOURCES, Column, Source

# Who is left of merged people: everybody gone, with the pseudonym of the one he or she became at last.
_BECAME = sql.SQL(
    "WITH RECURSIVE step AS ("
    "SELECT id, merged_into_id AS next FROM people_person WHERE merged_into_id IS NOT NULL "
    "UNION SELECT step.id, p.merged_into_id FROM step JOIN people_person p ON p.id = step.next WHERE p.merged_into_id IS NOT NULL"
    "), became AS MATERIALIZED ("
    "SELECT step.id, p.id AS kept, p.pseudonym FROM step JOIN people_person p ON p.id = step.next WHERE p.merged_into_id IS NULL) "
)
_JOINED = sql.SQL(" JOIN people_person p ON p.id = r.person_id LEFT JOIN became b ON b.id = r.person_id ")


@dataclass(frozen=True)
class Span:
    """From the settled point reached last time (None: from the beginning, everything visible) up to the present one."""

    since: int | None
    until: int

    def where(self, alias: str = "r") -> sql.Composable:
        if self.since is None:
            return sql.SQL("true")
        tx = sql.Identifier(alias, "tx")
        return sql.SQL("({} >= {} AND {} < {})").format(tx, sql.Literal(self.since), tx, sql.Literal(self.until))


@dataclass(frozen=True)
class Reader:
    """One repeatable-read snapshot of PostgreSQL, read into Arrow."""

    cursor: Any
    until: int

    def rows(self, query: sql.Composable) -> pa.RecordBatchReader:
        self.cursor.execute(query.as_string(None))
        return self.cursor.fetch_record_batch()

    def people(self, span: Span) -> pa.RecordBatchReader:
        """Profiles that changed, with `gone` for those who were merged into another or erased."""
        gone = sql.SQL("(merged_into_id IS NOT NULL OR erased_at IS NOT NULL) AS gone")
        return self.rows(
            sql.SQL("SELECT {}, {} FROM people_person r WHERE {}").format(_chosen(PROFILE), gone, span.where())
        )

    def erased(self, span: Span) -> list[int]:
        """Pseudonyms of those who were erased in this span: nothing of theirs may stay. A file made anew never knew them."""
        query = sql.SQL("SELECT pseudonym FROM people_person r WHERE erased_at IS NOT NULL AND {}").format(span.where())
        return [] if span.since is None else self.rows(query).read_all()["pseudonym"].to_pylist()

    def changed(self, source: Source, span: Span) -> pa.RecordBatchReader:
        return self.rows(_select(source, span.where()))

    def of_people(self, source: Source, person_ids: list[int]) -> pa.RecordBatchReader:
        """All rows of these people, whenever they were written: after a merge or its undoing."""
        return self.rows(_select(source, _mine(person_ids)))

    def moved(self, span: Span) -> list[int]:
        """People whose rows may have got another pseudonym: they take part in a merge and changed in this span."""
        query = sql.SQL(
            "SELECT r.id FROM people_person r WHERE {} AND EXISTS ("
            "SELECT FROM people_merge m WHERE r.id IN (m.gone_id, m.kept_id))"
        ).format(span.where())
        return [] if span.since is None else self.rows(query).read_all()["id"].to_pylist()

    def spoke(self, span: Span, moved: list[int]) -> pa.RecordBatchReader:
        """The pseudonyms of those whose consents must be looked at again: also of those who no longer have any of their own."""
        some = sql.SQL("({} OR {})").format(span.where(), _mine(moved))
        query = sql.SQL("SELECT coalesce(b.pseudonym, p.pseudonym) AS pseudonym FROM {} r").format(_table(CONSENT))
        themselves = sql.SQL(" UNION SELECT pseudonym FROM people_person WHERE id = ANY({}::bigint[])").format(
            sql.Literal(moved)
        )
        return self.rows(_BECAME + query + _JOINED + sql.SQL("WHERE ") + some + themselves)

    def consents(self, pseudonyms: list[int] | None, now: datetime) -> pa.RecordBatchReader:
        """What these people say now, by the rules of the consent room: the latest statement counts, an expired one is absent."""
        return self.rows(_consents(pseudonyms, now))


@contextmanager
def reading() -> Iterator[Reader]:
    """A reader on one snapshot. Every source is checked first. Raises NotForTheWarehouse."""
    for source in SOURCES:
        source.check()
    with adbc.connect(_dsn(), autocommit=False) as link, link.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(horizon.SETTLED)
        yield Reader(cursor, cursor.fetch_arrow_table()["settled"][0].as_py())
        link.rollback()


def anything_since(watermark: int) -> bool:
    """Whether a settled row is newer than this point. A handful of index look-ups."""
    with connection.cursor() as cursor:
        span = Span(watermark, horizon.settled_until())
        for source in SOURCES:
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {} r WHERE {})").format(_table(source), span.where()))
            if cursor.fetchone()[0]:
                return True
    return False


def _dsn() -> str:
    """The same database as Django's, with every row in sight: what leaves it has no name on it."""
    known = connection.settings_dict
    sslmode = known["OPTIONS"].get("sslmode")
    return make_conninfo(
        dbname=known["NAME"], user=known["USER"] or None, password=known["PASSWORD"] or None, host=known["HOST"] or None,
        port=known["PORT"] or None, options="-c rapport.scope=all", application_name="rapport warehouse", sslmode=sslmode,
    )  # fmt: skip


def _select(source: Source, where: sql.Composable) -> sql.Composable:
    return (
        _BECAME
        + sql.SQL("SELECT {} FROM {} r").format(_chosen(source), _table(source))
        + _JOINED
        + sql.SQL("WHERE ")
        + where
    )


def _chosen(source: Source) -> sql.Composable:
    return sql.SQL(", ").join(_expression(source, column) for column in source.columns)


def _expression(source: Source, column: Column) -> sql.Composable:
    field = sql.Identifier("r", source.column_of(column.field))
    forms = {
        "plain": sql.SQL("{}").format(field),
        "utc": sql.SQL("{} AT TIME ZONE 'UTC'").format(field),
        "double": sql.SQL("NULLIF({}::float8, 'NaN'::float8)").format(field),
        "is set": sql.SQL("({} IS NOT NULL)").format(field),
        "person": sql.SQL("coalesce(b.pseudonym, p.pseudonym)"),
    }
    return sql.SQL("{} AS {}").format(forms[column.how], sql.Identifier(column.name))


def _table(source: Source) -> sql.Identifier:
    return sql.Identifier(source.model._meta.db_table)


def _mine(person_ids: list[int]) -> sql.Composable:
    return sql.SQL("r.person_id = ANY({}::bigint[])").format(sql.Literal(person_ids))


def _consents(pseudonyms: list[int] | None, now: datetime) -> sql.Composable:
    whose: sql.Composable = sql.SQL("true")
    if pseudonyms is not None:
        whose = sql.SQL("coalesce(b.pseudonym, p.pseudonym) = ANY({}::bigint[])").format(sql.Literal(pseudonyms))
    at = sql.Literal(now)
    return (
        _BECAME
        + sql.SQL(", said AS (SELECT r.id AS record, {} FROM {} r").format(_chosen(CONSENT), _table(CONSENT))
        + _JOINED
        + sql.SQL(
            "WHERE {} AND r.kind = 'consent' AND (r.expires_at IS NULL OR r.expires_at > {}) "
            "AND (r.at <= {} OR r.status = 'withdrawn')), "
            "spread AS (SELECT said.*, c AS one_channel, t AS one_topic FROM said "
            "CROSS JOIN LATERAL unnest(CASE channel WHEN 'all' THEN {} ELSE ARRAY[channel]::text[] END) AS c "
            "CROSS JOIN LATERAL unnest(CASE topic WHEN 'all' THEN {} ELSE ARRAY[topic]::text[] END) AS t) "
            "SELECT DISTINCT ON (pseudonym, one_channel, one_topic) pseudonym, one_channel AS channel, one_topic AS topic, status, at, "
            "expires_at FROM spread ORDER BY pseudonym, one_channel, one_topic, at DESC, record DESC"
        ).format(whose, at, at, sql.Literal(list(CHANNELS)), sql.Literal(list(TOPICS)))
    )
