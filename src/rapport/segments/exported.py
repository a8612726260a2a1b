"""A published version of the warehouse as Parquet files, for engines that read on many machines at once.

    export(snapshot, folder, store_encrypts=True)      # streams; the folder stands under its name when it is complete

1. Whose store it is has to be said: Parquet files are readable to whoever reads the store, so the store must encrypt at rest.
2. One exporter at a time (lock file); who waited finds the folder there.
3. Every table of the snapshot's own catalog, but not the bookkeeping of the sync: a new table or column comes by itself.
   Rows in the order (kind, at) where a table has both, so that a question about one kind and a window skips most row groups.
4. The draft is made durable, then renamed. A killed exporter leaves a draft, which the next one sweeps.
"""

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

BOOKKEEPING = ("progress",)
ROWS_A_BATCH, ROWS_A_GROUP, ROWS_A_FILE = 65_536, 131_072, 1_048_576
CLUSTERED = ("kind", "at")
LOCK, DRAFT = "exporter.lock", ".part"
_NAMED = re.compile(r"^version-(\d+)-")


class StoreNotEncrypted(RuntimeError):
    """Nobody has said that the place encrypts what lies in it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} would hold codes, ZIPs and dates of people in files that are not encrypted by us. Use a store that encrypts "
            "at rest, and say so: RAPPORT_ANALYTICS_STORE_ENCRYPTED=yes."
        )


class Published(Protocol):
    """One published version of the warehouse (`columnar.Snapshot`)."""

    @property
    def handle(self) -> Any: ...


def name(number: int, lineage: str) -> str:
    """The folder of a version. Numbers start again when a database is made anew; with its lineage no name comes twice."""
    return f"version-{number}-{lineage}"


def export(snapshot: Published, folder: Path, *, store_encrypts: bool, rows_a_file: int = ROWS_A_FILE) -> Path:
    """Write the tables below `folder`, one folder each, unless that is done. Raises StoreNotEncrypted."""
    if not store_encrypts:
        raise StoreNotEncrypted(folder)
    if folder.exists():
        return folder
    with _alone_in(folder.parent):
        if folder.exists():
            return folder
        for left in folder.parent.glob(f"*{DRAFT}"):
            shutil.rmtree(left)
        draft = folder.with_name(folder.name + DRAFT)
        draft.mkdir(mode=0o750)
        cursor = snapshot.handle.cursor()
        for table, columns in tables(cursor).items():
            _write(_rows(cursor, table, columns), draft / table, rows_a_file)
        _make_durable(draft)
        draft.rename(folder)
        _sync(folder.parent)
    return folder


def prune(place: Path, *, newest: int, keep: int) -> list[int]:
    """Remove all but the last `keep` exports up to number `newest`. Returns the numbers that went."""
    if not place.is_dir():
        return []
    known = [(int(found[1]), one) for one in place.iterdir() if (found := _NAMED.match(one.name))]
    there = sorted((one for one in known if one[0] <= newest), key=lambda one: (one[0], one[1].stat().st_mtime))
    gone = there[: len(there) - keep]
    for _, one in gone:
        shutil.rmtree(one)
    return [number for number, _ in gone]


def tables(cursor: Any) -> dict[str, list[str]]:
    """The tables that questions are asked of, with their columns, as the open file itself lists them."""
    found: dict[str, list[str]] = {}
    question = (
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = current_database() AND NOT internal "
        "AND schema_name = 'main' ORDER BY table_name, column_index"
    )
    for table, column in cursor.execute(question).fetchall():
        if table not in BOOKKEEPING:
            found.setdefault(table, []).append(column)
    return found


def _rows(cursor: Any, table: str, columns: list[str]) -> pa.RecordBatchReader:
    order = ", ".join(f'"{one}"' for one in CLUSTERED) if set(CLUSTERED) <= set(columns) else ""
    rows = cursor.execute(f'SELECT * FROM "{table}"' + (f" ORDER BY {order}" if order else ""))
    reader = rows.to_arrow_reader(ROWS_A_BATCH)
    return reader.cast(pa.schema([_said_in_utc(one) for one in reader.schema]))


def _said_in_utc(column: pa.Field) -> pa.Field:
    """Instants are UTC without a mark in our file. Parquet and Spark have a type that says so, and skip blocks only by that type."""
    return column.with_type(pa.timestamp("us", "UTC")) if pa.types.is_timestamp(column.type) else column


def _write(rows: pa.RecordBatchReader, folder: Path, rows_a_file: int) -> None:
    files = ds.ParquetFileFormat()
    ds.write_dataset(
        rows,
        folder,
        format=files,
        file_options=files.make_write_options(compression="zstd"),
        basename_template="part-{i}.parquet",
        max_rows_per_file=rows_a_file,
        max_rows_per_group=min(ROWS_A_GROUP, rows_a_file),
        preserve_order=True,
    )
    if not any(folder.glob("*.parquet")):  # an empty table: a reader still has to see its columns
        folder.mkdir(exist_ok=True)
        pq.write_table(rows.schema.empty_table(), folder / "part-0.parquet")


@contextlib.contextmanager
def _alone_in(place: Path) -> Iterator[None]:
    """Hold the lock of this place; wait for whoever has it."""
    place.mkdir(mode=0o750, parents=True, exist_ok=True)
    lock = os.open(place / LOCK, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _make_durable(folder: Path) -> None:
    for one in sorted(folder.rglob("*"), reverse=True):
        _sync(one)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
