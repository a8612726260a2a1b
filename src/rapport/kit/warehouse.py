"""An encrypted columnar file with one writer, published in numbered copies that any number of processes read.

    folder = Folder(path, key)
    with folder.writing() as writer:            # one at a time, whoever asks; Busy when somebody else is at it
        writer.connection.execute(...)          # the work file; its own transactions
        published = writer.publish(number)      # the work file itself, under a name that was never used before
        writer.prepare()                        # the next work file, a copy of it: now, or whoever writes next does it
    handle = folder.reading(published.name)     # read-only, kept as long as this process asks for this file
    handle.cursor().execute(...)

The work file is only ever opened by the holder of the lock; a killed writer loses the lock with its life and leaves a
work file that replays its log, or none, and then the newest published file is its copy. The copy is made after the
publication, so nobody waits for it. A name is never used twice: an engine that still holds the old file would answer from it.
The engine is cut off: no files, no network, no extension but the one for encryption, and no way to change that.
"""

import contextlib
import fcntl
import os
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

import duckdb

WORK, LOCK = "work.duckdb", "writer.lock"
STORE = "store"  # the name of the attached file inside the engine
SPILL, SPILL_OF_WRITER = "spill", "spill-of-writer"
KEPT = 2
_FICLONE = 0x40049409  # linux/fs.h: share all blocks of another file
_NUMBERED = re.compile(r"^warehouse-(\d+)\.duckdb$")


class Busy(RuntimeError):
    """Another process is writing."""


class Unreadable(RuntimeError):
    """The file can't be opened: damaged, or locked with another key."""


@dataclass(frozen=True)
class Limits:
    """What the engine may take of this machine."""

    memory: str = "2GB"
    threads: int = 0  # 0: all cores


class Handle:
    """One open file. Every user takes a cursor of its own; the file closes when the last of them is gone."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        self._connection = connection
        self.name = name

    def cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        cursor.execute(f"USE {STORE}")
        return cursor


class Writer:
    """The one who may write, for as long as it holds the lock."""

    def __init__(self, folder: "Folder") -> None:
        self.folder = folder
        self._connection: duckdb.DuckDBPyConnection | None = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The work file, opened; made from the newest published file when there is none. Raises Unreadable."""
        if self._connection is None:
            self.prepare()
            self._connection = self.folder._open(self.folder.work)
        return self._connection

    def start_anew(self) -> None:
        """An empty work file in place of the one that is there."""
        self.close()
        self.folder._discard_work()
        self._connection = self.folder._open(self.folder.work)

    def publish(self, number: int) -> Path:
        """The work file becomes the published one, durable under its new name; what stands in it was committed before."""
        self.connection.execute("CHECKPOINT")
        self.close()
        if self.folder.log.exists():
            raise Unreadable("The log of the work file was not taken in.")
        target = self.folder.path / f"warehouse-{number}.duckdb"
        _sync_to_disk(self.folder.work)
        self.folder.work.rename(target)
        _sync_to_disk(self.folder.path)
        return target

    def prepare(self) -> None:
        """Have a work file: a copy of the newest published one, if there is one. Durable now, so that `publish` need not wait for it."""
        numbers = self.folder.numbers()
        if self.folder.work.exists() or not numbers:
            return
        draft = self.folder.work.with_suffix(".part")
        copy_file(self.folder.path / f"warehouse-{numbers[-1]}.duckdb", draft)
        draft.chmod(0o600)
        _sync_to_disk(draft)
        draft.rename(self.folder.work)

    def close(self) -> None:
        """Let go of the work file; the lock stays."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass
class Folder:
    """Where the files of one warehouse stand, and the key they are locked with."""

    path: Path
    key: str = field(repr=False)
    limits: Limits = Limits()
    _handle: Handle | None = field(default=None, repr=False)
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def work(self) -> Path:
        return self.path / WORK

    @property
    def log(self) -> Path:
        """What was committed and has not reached the work file itself yet."""
        return self.path / (WORK + ".wal")

    @contextlib.contextmanager
    def writing(self, *, anew: bool = False) -> Iterator[Writer]:
        """Hold the lock and the work file. `anew` throws the old work file away first. Raises Busy, Unreadable."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy("Another process is writing to the warehouse.") from None
            self._sweep()
            writer = Writer(self)
            try:
                if anew:
                    writer.start_anew()
                yield writer
            finally:
                writer.close()
        finally:
            os.close(lock)

    def reading(self, name: str) -> Handle:
        """A published file, read-only. The handle is shared by this process until another name is asked for."""
        with self._guard:
            if self._handle is None or self._handle.name != name:
                if not _NUMBERED.match(name):
                    raise Unreadable(f"{name} is no name of a published file.")
                self._handle = Handle(self._open(self.path / name, read_only=True), name)
            return self._handle

    def forget(self) -> None:
        """Let go of the open file."""
        with self._guard:
            self._handle = None

    def numbers(self) -> list[int]:
        """The numbers of the published files that are there, oldest first."""
        if not self.path.exists():
            return []
        return sorted(int(found[1]) for one in self.path.iterdir() if (found := _NUMBERED.match(one.name)))

    def prune(self, *, newest: int, keep: int = KEPT) -> list[int]:
        """Remove what nobody will open any more: all but the last `keep` up to `newest`. Who still reads keeps reading."""
        gone = [number for number in self.numbers() if number <= newest][:-keep]
        for number in gone:
            (self.path / f"warehouse-{number}.duckdb").unlink(missing_ok=True)
        return gone

    def _open(self, file: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
        if read_only and not file.exists():
            raise Unreadable(f"{file.name} is not there.")
        _see_encryption_signed()
        connection = duckdb.connect(
            ":memory:", config={"allow_unsigned_extensions": "true"}
        )  # signed, as we have just seen
        try:
            self._attach(connection, file, read_only=read_only)
        except duckdb.Error as error:
            connection.close()
            # The message of the engine may quote the statement, and the statement holds the key.
            raise Unreadable(f"{file.name} can't be opened ({type(error).__name__}).") from None
        if not read_only:
            file.chmod(0o600)
        return connection

    def _attach(self, connection: duckdb.DuckDBPyConnection, file: Path, *, read_only: bool) -> None:
        options = f"ENCRYPTION_KEY {_quoted(self.key)}" + (", READ_ONLY" if read_only else "")
        spill = self.path / (SPILL if read_only else SPILL_OF_WRITER)
        for statement in (
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            f"LOAD {_quoted(str(_encryption()))}",
            "SET temp_file_encryption = true",
            f"SET temp_directory = {_quoted(str(spill))}",
            f"SET memory_limit = {_quoted(self.limits.memory)}",
            *([f"SET threads = {int(self.limits.threads)}"] if self.limits.threads else []),
            f"ATTACH {_quoted(str(file))} AS {STORE} ({options})",
            f"USE {STORE}",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            connection.execute(statement)

    def _discard_work(self) -> None:
        for file in (self.log, self.work):
            file.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """What a killed writer left: half a copy, what did not fit in memory, and a log whose file is no more."""
        shutil.rmtree(self.path / SPILL_OF_WRITER, ignore_errors=True)
        if not self.work.exists():
            self.log.unlink(missing_ok=True)
        for part in self.path.glob("*.part"):
            part.unlink(missing_ok=True)


def copy_file(source: Path, target: Path) -> None:
    """Copy by reference where the file system can share blocks, by the kernel where it can't."""
    with source.open("rb") as original, target.open("wb") as copy:
        try:
            fcntl.ioctl(copy.fileno(), _FICLONE, original.fileno())
            return
        except OSError:
            pass
    shutil.copyfile(source, target)


def _encryption() -> Path:
    """The extension that can write encrypted files, from its wheel, for exactly this engine."""
    found = (
        resources.files("duckdb_extension_httpfs") / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
    )
    return Path(str(found))


@cache
def _see_encryption_signed() -> None:
    """Have the engine check its maker's signature of the extension, once a process: it hashes the whole file each time it is asked."""
    with duckdb.connect(":memory:") as checking:
        try:
            checking.execute(f"LOAD {_quoted(str(_encryption()))}")
        except duckdb.Error as error:
            raise Unreadable(f"The engine can't load what encrypts its files: {error}") from None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sync_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
