"""The warehouse catches up with the record: increments into the work file, a published copy, then the pointer row.

1. Nobody else writes (lock file). Somebody does: there is nothing to do for us.
2. The work file belongs to this database and its history (`lineage`, watermark), or it is built anew.
3. One snapshot of PostgreSQL; one transaction of the work file, which also notes how far it got. A kill here loses nothing.
4. A copy under a new number, then the pointer row. A kill between the two leaves a file nobody points to.
5. Old copies go; sizes of the saved segments are noted.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import structlog

from rapport.kit.warehouse import KEPT, Busy, Unreadable, Writer
from rapport.segments import history, pull, store
from rapport.segments.models import WarehouseVersion
from rapport.segments.sources import BY_ID, CONSENT, EVENT, PROFILE, Source

SCHEMA = (Path(__file__).with_name("schema.sql")).read_text()
TABLES_OF_PEOPLE = ("profile", "event", "fact", "consent_now", "trait", "household", "preference_now", "member")
TABLES = (*TABLES_OF_PEOPLE, "progress")
UNSORTED_SHARE, UNSORTED_ROWS = 0.25, 100_000
SPACING = timedelta(seconds=5)

log = structlog.get_logger("rapport.warehouse")
T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """How far the work file got."""

    lineage: uuid.UUID
    number: int
    watermark: int
    unsorted: int


def refresh(*, now: datetime) -> WarehouseVersion | None:
    """Bring the warehouse up to date. Cheap when nothing changed. Returns the newest version; None if there is none yet."""
    newest = store.newest()
    if newest is not None and _file_is_there(newest) and not pull.anything_since(newest.watermark):
        WarehouseVersion.objects.filter(number=newest.number, data_until__lt=now).update(data_until=now)
        newest.data_until = max(newest.data_until, now)
        return newest
    return _write(now=now, anew=False)


def keep_fresh(*, now: datetime, spacing: timedelta = SPACING) -> WarehouseVersion | None:
    """For loops: `refresh`, but never twice within `spacing`, and rarer when the file is big (a copy costs its size)."""
    newest = store.newest()
    if newest is not None and _file_is_there(newest):
        megabytes = (store.folder().path / newest.file_name).stat().st_size / 2**20
        if now - newest.published_at < max(spacing, timedelta(seconds=megabytes / 10)):
            return newest
    return refresh(now=now)


def rebuild(*, now: datetime) -> WarehouseVersion | None:
    """Throw the work file away and build it from the record. Readers keep the last published version meanwhile."""
    return _write(now=now, anew=True)


def _file_is_there(version: WarehouseVersion) -> bool:
    return (store.folder().path / version.file_name).exists()


def _write(*, now: datetime, anew: bool) -> WarehouseVersion | None:
    place = store.folder()
    try:
        with place.writing(anew=anew) as writer:
            return _catch_up(writer, now)
    except Busy:
        return store.newest()
    except Unreadable:
        if anew:
            raise
        log.warning("warehouse_rebuilt", reason="work file unreadable")
        return _write(now=now, anew=True)


def _catch_up(writer: Writer, now: datetime) -> WarehouseVersion:
    newest = store.newest()
    with pull.reading() as reader:
        known = _progress(writer.connection)
        progress = known if known is not None and _belongs(known, newest, reader.until) else None
        span = pull.Span(progress.watermark if progress else None, reader.until)
        lineage = progress.lineage if progress else uuid.uuid4()
        used = [newest.number if newest else 0, progress.number if progress else 0, *store.folder().numbers()]
        number = 1 + max(used)
        with _transaction(writer.connection) as work:
            if progress is None:
                _create(work)
            unsorted = _take_in(work, reader, span, now) + (progress.unsorted if progress else 0)
            erased = _forget(work, reader.erased(span))
            unsorted = _sort(work, unsorted)
            work.execute("DELETE FROM progress")
            work.execute(
                "INSERT INTO progress VALUES (?, ?, ?, ?, ?)", [lineage, number, reader.until, _naive(now), unsorted]
            )
            people, events = _sizes(work)
    history.learn_codes(span)
    published = writer.publish(number)
    version = WarehouseVersion.objects.create(
        number=number, file_name=published.name, watermark=span.until, people=people, events=events, data_until=now,
        published_at=now, lineage=lineage,
    )  # fmt: skip
    store.folder().prune(newest=number, keep=1 if erased else KEPT)  # an older copy still holds those who were erased
    history.note_sizes(now=now)
    return version


def _progress(work: Any) -> Progress | None:
    tables = {
        row[0]
        for row in work.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'store'").fetchall()
    }
    if "progress" not in tables:
        return None
    found = work.execute("SELECT lineage, number, watermark, unsorted FROM progress").fetchone()
    return Progress(*found) if found else None


def _belongs(progress: Progress, newest: WarehouseVersion | None, settled: int) -> bool:
    """Whether the work file was made from this database as it is, and not from one that was restored or made anew."""
    if newest is None or progress.watermark > settled:
        return False
    return newest.lineage == progress.lineage and newest.watermark <= progress.watermark


@contextmanager
def _transaction(work: Any) -> Iterator[Any]:
    """A transaction of the work file."""
    work.execute("BEGIN TRANSACTION")
    try:
        yield work
    except BaseException:
        work.execute("ROLLBACK")
        raise
    work.execute("COMMIT")


def fill(work: Any, reader: pull.Reader, now: datetime) -> None:
    """Fresh tables, and in them everything that this reader sees. For a warehouse that is not kept (`membership.near`)."""
    _create(work)
    _take_in(work, reader, pull.Span(None, reader.until), now)


def _create(work: Any) -> None:
    for table in TABLES:
        work.execute(f"DROP TABLE IF EXISTS {table}")
    work.execute(SCHEMA)


def _take_in(work: Any, reader: pull.Reader, span: pull.Span, now: datetime) -> int:
    """All changed rows. Returns how many events were put behind the sorted ones."""
    _profiles(work, reader.people(span))
    moved = reader.moved(span)
    appended = 0
    for source in BY_ID:
        many = _upsert(work, source, reader.changed(source, span), first=span.since is None)
        if moved:
            many += _upsert(work, source, reader.of_people(source, moved), first=False)
        if source is EVENT and span.since is not None:
            appended = many
    _consents(work, reader, span, moved, now)
    return appended


def _forget(work: Any, pseudonyms: list[int]) -> int:
    """Whoever was erased leaves every table. Deleted rows of PostgreSQL are not seen by an increment, so they go by pseudonym here."""
    if pseudonyms:
        work.register("incoming", pa.table({"pseudonym": pa.array(pseudonyms, pa.int64())}))
        for table in TABLES_OF_PEOPLE:
            work.execute(f"DELETE FROM {table} WHERE pseudonym IN (SELECT pseudonym FROM incoming)")
        work.unregister("incoming")
    return len(pseudonyms)


def _profiles(work: Any, rows: pa.RecordBatchReader) -> None:
    columns = _names(PROFILE)

    def replace() -> None:
        work.execute("DELETE FROM profile WHERE pseudonym IN (SELECT pseudonym FROM taken)")
        work.execute(f"INSERT INTO profile ({columns}) SELECT {columns} FROM taken WHERE NOT gone ORDER BY pseudonym")

    _with_taken(work, rows, replace)


def _upsert(work: Any, source: Source, rows: pa.RecordBatchReader, *, first: bool) -> int:
    columns = _names(source)
    order = ' ORDER BY kind, "at", id' if source is EVENT else " ORDER BY pseudonym"
    insert = f"INSERT INTO {source.table} ({columns}) SELECT {columns} FROM "
    if first:
        work.register("incoming", rows)
        many = work.execute(f"{insert} incoming {order}").fetchone()[0]
        work.unregister("incoming")
        return int(many)

    def replace() -> int:
        work.execute(f"DELETE FROM {source.table} WHERE id IN (SELECT id FROM taken)")
        return int(work.execute(f"{insert} taken {order}").fetchone()[0])

    return _with_taken(work, rows, replace)


def _consents(work: Any, reader: pull.Reader, span: pull.Span, moved: list[int], now: datetime) -> None:
    columns = ", ".join(_quoted(column.name) for column in CONSENT.columns if column.name != "tier")
    pseudonyms = None
    if span.since is not None:
        pseudonyms = reader.spoke(span, moved).read_all()["pseudonym"].to_pylist()
        if not pseudonyms:
            return
        work.register("incoming", pa.table({"pseudonym": pa.array(pseudonyms, pa.int64())}))
        work.execute("DELETE FROM consent_now WHERE pseudonym IN (SELECT pseudonym FROM incoming)")
        work.unregister("incoming")
    work.register("incoming", reader.consents(pseudonyms, now))
    work.execute(
        f"INSERT INTO consent_now ({columns}) SELECT {columns} FROM incoming ORDER BY channel, topic, pseudonym"
    )
    work.unregister("incoming")


def _with_taken(work: Any, rows: pa.RecordBatchReader, act: Callable[[], T]) -> T:
    work.register("incoming", rows)
    work.execute("CREATE OR REPLACE TEMP TABLE taken AS SELECT * FROM incoming")
    work.unregister("incoming")
    done = act()
    work.execute("DROP TABLE temp.taken")
    return done


def _sort(work: Any, unsorted: int) -> int:
    """Put all events in order again when too many stand behind. Returns how many are unsorted now."""
    total = work.execute("SELECT count(*) FROM event").fetchone()[0]
    if unsorted <= max(UNSORTED_ROWS, UNSORTED_SHARE * total):
        return unsorted
    create = next(one for one in SCHEMA.split(";") if "CREATE TABLE event " in one)
    work.execute("ALTER TABLE event RENAME TO event_before")
    work.execute(create)
    work.execute('INSERT INTO event SELECT * FROM event_before ORDER BY kind, "at", id')
    work.execute("DROP TABLE event_before")
    return 0


def _sizes(work: Any) -> tuple[int, int]:
    return work.execute("SELECT (SELECT count(*) FROM profile), (SELECT count(*) FROM event)").fetchone()


def _names(source: Source) -> str:
    return ", ".join(_quoted(column.name) for column in source.columns)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
