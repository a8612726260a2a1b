"""The warehouse catches up with the record: increments into the work file, a published version, then the pointer row.

1. Nobody else writes (lock file). Somebody does: there is nothing to do for us.
2. The work file belongs to this database and its history, and was made by a program that means the same; or it is built anew.
3. One snapshot of PostgreSQL; one transaction of the work file, which also notes how far it got. A kill here loses nothing.
4. The work file becomes the published one under a new number, then the pointer row. A kill between the two leaves a file that
   nobody points to; the next run goes on from it.
5. Old versions go; sizes of the saved segments are noted; the next work file is copied while nobody waits.

What an erasure and the names of codes need is counted from the pointer row and not from the work file: a kill after step 3 must
not make the next run believe that they were seen to.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import structlog

from rapport.kit.warehouse import Busy, Unreadable, Writer
from rapport.people.models import Gone
from rapport.segments import history, pull, store, tables
from rapport.segments.models import WarehouseVersion

SPACING = timedelta(seconds=5)
SAID_EVERY = timedelta(seconds=20)  # a write in an idle house wakes everybody who waits for one
MEGABYTES_A_SECOND = 50  # how much of a published file a second of rest is worth: the next work file is a copy of it

log = structlog.get_logger("rapport.warehouse")


@dataclass(frozen=True)
class Progress:
    """How far the work file got."""

    lineage: uuid.UUID
    number: int
    seen: pull.Seen
    payers: str
    unsorted: int


class Foreign(RuntimeError):
    """The work file is of another database, of another life of this one, of another program, or half made."""


def refresh(*, now: datetime, said_every: timedelta = timedelta(0)) -> WarehouseVersion | None:
    """Bring the warehouse up to date. Cheap when nothing changed. Returns the newest version; None if there is none yet.

    Where nothing changed it notes so, unless that was said within `said_every`.
    """
    newest = store.newest()
    if newest is None or not _is_ours(newest) or pull.anything_since(newest, now):
        return _write(now=now, anew=False)
    _prune(newest)
    WarehouseVersion.objects.filter(number=newest.number, data_until__lt=now - said_every).update(data_until=now)
    newest.data_until = max(newest.data_until, now)
    return newest


def keep_fresh(*, now: datetime, spacing: timedelta = SPACING) -> WarehouseVersion | None:
    """For loops: `refresh`, but never twice within `spacing`, and rarer when the file is big (the next work file is a copy of it)."""
    newest = store.newest()
    if newest is not None and _is_ours(newest):
        megabytes = (store.folder().path / newest.file_name).stat().st_size / 2**20
        if now - newest.published_at < max(spacing, timedelta(seconds=megabytes / MEGABYTES_A_SECOND)):
            return newest
    return refresh(now=now, said_every=SAID_EVERY)


def rebuild(*, now: datetime) -> WarehouseVersion | None:
    """Throw the work file away and build it from the record. Readers keep the last published version meanwhile."""
    return _write(now=now, anew=True)


def _is_ours(version: WarehouseVersion) -> bool:
    """Whether its file is there and says what this program means."""
    return version.made_by == _made_by() and (store.folder().path / version.file_name).exists()


@cache
def _made_by() -> str:
    return tables.made_by()


def _write(*, now: datetime, anew: bool) -> WarehouseVersion | None:
    try:
        with store.folder().writing(anew=anew) as writer:
            version = _catch_up(writer, now)
            writer.prepare()
            return version
    except Busy:
        return store.newest()
    except (Unreadable, Foreign) as wrong:
        if anew:
            raise
        log.warning("warehouse_rebuilt", reason=str(wrong))
        return _write(now=now, anew=True)


def _catch_up(writer: Writer, now: datetime) -> WarehouseVersion:
    newest = store.newest()
    work = writer.connection
    with pull.reading(now) as reader:
        progress = _progress(work)
        _check(work, progress, newest, reader)
        gone = reader.erased(pull.seen_by(newest)) if progress and newest else []
        lineage = progress.lineage if progress else uuid.uuid4()
        number = 1 + max(
            newest.number if newest else 0, progress.number if progress else 0, *store.folder().numbers(), 0
        )
        with _transaction(work):
            unsorted = 0
            if progress is None:
                tables.fill(work, reader)
            else:
                changed = reader.payers != progress.payers
                unsorted = progress.unsorted + tables.catch_up(work, reader, progress.seen, payers_changed=changed)
            tables.forget(work, gone)
            unsorted = tables.sort(work, unsorted)
            found = {
                "lineage": lineage, "number": number, "watermark": reader.now.settled, "seen": reader.now.snapshot,
                "data_until": now, "made_by": _made_by(), "payers": reader.payers,
            }  # fmt: skip
            tables.note(work, found | {"unsorted": unsorted})
            people, events = tables.sizes(work)
    history.learn_codes(pull.since(pull.seen_by(newest)) if newest and newest.seen else None)
    published = writer.publish(number)
    version = WarehouseVersion.objects.create(
        **found,
        file_name=published.name,
        people=people,
        events=events,
        published_at=now,
        stands_alone=progress is None or bool(gone),
    )
    _prune(version)
    history.note_sizes(now=now)
    return version


def _progress(work: Any) -> Progress | None:
    found = tables.progress(work)
    if found is None or found.get("made_by") != _made_by():
        return None
    seen = pull.Seen(found["watermark"], found["seen"], found["data_until"].replace(tzinfo=UTC))
    return Progress(found["lineage"], found["number"], seen, found["payers"], found["unsorted"])


def _check(work: Any, progress: Progress | None, newest: WarehouseVersion | None, reader: pull.Reader) -> None:
    """The work file is new and empty, or made from this database as it is and not from one that was restored. Raises Foreign."""
    if progress is None:
        if work.execute("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'store'").fetchone()[0]:
            raise Foreign("made by another program, or half made")
    elif newest is None or newest.lineage != progress.lineage:
        raise Foreign("of another database")
    elif not pull.seen_by(newest).end <= progress.seen.end <= reader.now.end:
        raise Foreign("of another life of this database")


@contextmanager
def _transaction(work: Any) -> Iterator[None]:
    """A transaction of the work file."""
    work.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        work.execute("ROLLBACK")
        raise
    work.execute("COMMIT")


def _prune(version: WarehouseVersion) -> None:
    """Older versions go, and notes of deletions that this one has seen."""
    store.prune(version)
    Gone.objects.filter(tx__lt=version.watermark).delete()
