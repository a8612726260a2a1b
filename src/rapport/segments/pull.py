"""Reading PostgreSQL for the warehouse: one snapshot, increments by transaction, rows as Arrow. Persons become pseudonyms here.

A row carries the id of the transaction that last wrote it (`tx`). The warehouse remembers the snapshot that it has seen, so an
increment is every row whose transaction this snapshot sees and that one did not: nothing is missed, however late a
transaction commits, nothing is read twice, and nobody waits for a long transaction of somebody else. `settled`, below which
all transactions had ended, only tells the index where to begin.
"""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from rapport.kit import horizon
from rapport.people.models import Gone
from rapport.segments import pull_sql
from rapport.segments.models import WarehouseVersion
from rapport.segments.sources import CONSENT, DERIVED, PREFERENCE, SOURCES, Source

WORK_MEM = "128MB"  # of the session that reads: people are joined to everything
_idle: dict[
    tuple[int, str], Any
] = {}  # process and database -> a session to read by; in a child process the parent's is nobody's


@dataclass(frozen=True)
class Seen:
    """What a snapshot of PostgreSQL contains: every transaction below `settled`, and of the later ones those that `snapshot` sees."""

    settled: int
    snapshot: str
    at: datetime

    @property
    def end(self) -> int:
        """The first transaction that this snapshot can't have seen. It never goes back while a database lives."""
        return int(self.snapshot.split(":")[1])


@dataclass(frozen=True)
class Reader:
    """One repeatable-read snapshot of PostgreSQL, read into Arrow. `before`: what is there already; None reads everything."""

    cursor: Any
    now: Seen
    payers: str

    def rows(self, query: sql.Composable) -> pa.RecordBatchReader:
        self.cursor.execute(query.as_string(None))
        return self.cursor.fetch_record_batch()

    def who(self) -> pa.RecordBatchReader:
        """Every record (`person`) and the pseudonym it goes by."""
        return self.rows(pull_sql.who())

    def everything(self, source: Source) -> pa.RecordBatchReader:
        """All rows, with the id of the record in place of the pseudonym: the engine that sorts them joins them to `who` faster."""
        return self.rows(pull_sql.select(source, pull_sql.passes(source), joined=False))

    def changed(self, source: Source, before: Seen) -> pa.RecordBatchReader:
        """New and changed rows, each with `gone` for what must leave the warehouse."""
        return self.rows(pull_sql.select(source, since(before), flagged=True))

    def of_people(self, source: Source, person_ids: list[int]) -> pa.RecordBatchReader:
        """All rows of these people, whenever they were written: after a merge or its undoing."""
        return self.rows(pull_sql.select(source, pull_sql.among("person_id", person_ids), flagged=True))

    def coverages(self, source: Source) -> pa.RecordBatchReader:
        """All coverages: after the classes of payers changed."""
        return self.rows(pull_sql.select(source, sql.SQL("r.kind = 'coverage'"), flagged=True))

    def deleted(self, source: Source, before: Seen) -> list[int]:
        """Keys of rows that are no more."""
        name = sql.Literal(source.model._meta.db_table)
        query = sql.SQL("SELECT r.key FROM people_gone r WHERE r.name = {} AND {}").format(name, since(before))
        return self.rows(query).read_all()["key"].to_pylist()

    def erased(self, before: Seen) -> list[int]:
        """Pseudonyms of those who were erased: nothing of theirs may stay."""
        query = sql.SQL("SELECT pseudonym FROM people_person r WHERE erased_at IS NOT NULL AND {}").format(
            since(before)
        )
        return self.rows(query).read_all()["pseudonym"].to_pylist()

    def moved(self, before: Seen) -> list[int]:
        """People whose rows may have got another pseudonym: part of a merge that changed, or merged into such a one long ago.

        An erasure takes the records of merges with it; then everybody who changed may have been part of one.
        """
        return self.rows(pull_sql.moved(since(before), anybody=bool(self.erased(before)))).read_all()["id"].to_pylist()

    def spoke(self, source: Source, before: Seen, moved: list[int]) -> tuple[list[int], list[int]]:
        """Whose sum of statements may be another now: the records of these human beings, and all their pseudonyms."""
        some = since(before)
        if source is CONSENT:
            some = sql.SQL("({} OR {})").format(some, pull_sql.came_or_expired(before.at, self.now.at))
        found = self.rows(pull_sql.humans(source, some, moved)).read_all()
        return found["id"].to_pylist(), found["pseudonym"].to_pylist()

    def sums(self, source: Source, person_ids: list[int] | None) -> pa.RecordBatchReader:
        """What these people say now, by the rules of the consent room. None: everybody."""
        whose = sql.SQL("true") if person_ids is None else pull_sql.among("person_id", person_ids)
        return self.rows(SUMS[source.table](whose, self.now.at))


SUMS = {CONSENT.table: pull_sql.consents, PREFERENCE.table: pull_sql.preferences}


def since(before: Seen) -> sql.Composable:
    return pull_sql.unseen(before.settled, before.snapshot)


@contextmanager
def reading(now: datetime) -> Iterator[Reader]:
    """A reader on one snapshot. Every source is checked first. Raises NotForTheWarehouse."""
    for source in SOURCES:
        source.check()
    with _linked() as link, link.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET LOCAL work_mem = '{WORK_MEM}'")
        cursor.execute(f"SELECT settled, pg_current_snapshot()::text AS snapshot FROM ({horizon.SETTLED}) AS s")
        found = cursor.fetch_arrow_table().to_pylist()[0]
        cursor.execute(pull_sql.PAYERS)
        payers = cursor.fetch_arrow_table()["payers"][0].as_py()
        yield Reader(cursor, Seen(found["settled"], found["snapshot"], now), payers)


@contextmanager
def _linked() -> Iterator[Any]:
    """A session with the database that nobody else uses meanwhile; kept for the next one while it answers.

    To open one, the driver reads every type of the database, which takes longer than most increments. What goes wrong with the
    warehouse is no fault of the session.
    """
    dsn = _dsn()
    try:
        link = _idle.pop((os.getpid(), dsn))
    except KeyError:
        link = adbc.connect(dsn, autocommit=False)
    else:
        link = link if _still_answers(link) else adbc.connect(dsn, autocommit=False)
    try:
        yield link
    finally:
        _put_back(dsn, link)


def _put_back(dsn: str, link: Any) -> None:
    try:
        link.rollback()
    except adbc.Error:
        with suppress(adbc.Error):
            link.close()
        return
    if _idle.setdefault((os.getpid(), dsn), link) is not link:
        link.close()


def _still_answers(link: Any) -> bool:
    """False for a session that the server has ended; it is closed then."""
    try:
        with link.cursor() as cursor:
            cursor.execute("SELECT 1")
        link.rollback()
    except adbc.Error:
        with suppress(adbc.Error):
            link.close()
        return False
    return True


@atexit.register
def let_go() -> None:
    """Close the sessions that are kept, as before a database is taken away."""
    while _idle:
        (process, _dsn), link = _idle.popitem()
        if process == os.getpid():
            link.close()


def anything_since(version: WarehouseVersion, now: datetime) -> bool:
    """Whether there is something that this version has not seen, or a statement came into force or expired. A handful of look-ups."""
    before = seen_by(version)
    stated = CONSENT.model._meta.db_table
    asked = [(source.model._meta.db_table, since(before)) for source in SOURCES]
    asked += [(Gone._meta.db_table, since(before)), (stated, pull_sql.came_or_expired(version.data_until, now))]
    questions = [sql.SQL("SELECT FROM {} r WHERE {}").format(sql.Identifier(table), some) for table, some in asked]
    with connection.cursor() as cursor:
        for question in questions:
            cursor.execute(sql.SQL("SELECT EXISTS ({})").format(question))
            if cursor.fetchone()[0]:
                return True
        cursor.execute(pull_sql.PAYERS)
        return bool(cursor.fetchone()[0] != version.payers)


def seen_by(version: WarehouseVersion) -> Seen:
    return Seen(version.watermark, version.seen, version.data_until)


def meaning() -> str:
    """Everything that decides what stands in the warehouse, as text: another text is another warehouse."""
    always = sql.SQL("true")
    parts = [pull_sql.select(source, pull_sql.passes(source)) for source in SOURCES if source not in DERIVED]
    parts += [SUMS[source.table](always, datetime.min.replace(tzinfo=UTC)) for source in DERIVED]
    return "\n".join(part.as_string(None) for part in parts)


def _dsn() -> str:
    """The same database as Django's, with every row in sight: what leaves it has no name on it."""
    known = connection.settings_dict
    sslmode = known["OPTIONS"].get("sslmode")
    return make_conninfo(
        dbname=known["NAME"], user=known["USER"] or None, password=known["PASSWORD"] or None, host=known["HOST"] or None,
        port=known["PORT"] or None, options="-c rapport.scope=all", application_name="rapport warehouse", sslmode=sslmode,
    )  # fmt: skip
