"""The encrypted file: one writer, many readers, versions that are complete or absent."""

import contextlib
import threading

import duckdb
import pytest

from rapport.kit import warehouse
from rapport.kit.warehouse import Busy, Folder, Limits, Unreadable


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path / "warehouse", "a key with ' a quote")


def fill(folder: Folder, number: int, rows: int) -> str:
    with folder.writing() as writer:
        writer.connection.execute("CREATE TABLE IF NOT EXISTS thing (number BIGINT, word VARCHAR)")
        writer.connection.execute("INSERT INTO thing SELECT range, 'canary-word' FROM range(?)", [rows])
        return writer.publish(number).name


def size(folder: Folder, name: str) -> int:
    return folder.reading(name).cursor().execute("SELECT count(*) FROM thing").fetchall()[0][0]


def test_a_published_version_never_changes_while_the_next_is_written(folder):
    first = fill(folder, 1, 10)
    assert size(folder, first) == 10
    with folder.writing() as writer:
        writer.connection.execute("INSERT INTO thing VALUES (1, 'x')")
        assert size(folder, first) == 10
        second = writer.publish(2).name
        writer.connection.execute("INSERT INTO thing VALUES (2, 'y')")
        assert size(folder, second) == 11
    assert size(folder, first) == 10


def test_only_one_writes_at_a_time(folder):
    with folder.writing(), pytest.raises(Busy), folder.writing():
        pass
    with folder.writing():
        pass


def test_nothing_is_readable_without_the_key(folder):
    name = fill(folder, 1, 1_000)
    assert b"canary-word" not in (folder.path / name).read_bytes()
    with pytest.raises(Unreadable) as refused:
        Folder(folder.path, "another key").reading(name)
    assert "another key" not in str(refused.value)
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(folder.path / name), read_only=True).execute("SELECT * FROM thing")


def test_the_key_does_not_stand_in_a_printed_folder(folder):
    assert "quote" not in repr(folder)


@pytest.mark.parametrize(
    "forbidden",
    [
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/hostname')",
        "COPY thing TO '/tmp/thing.csv'", "ATTACH '/tmp/other.duckdb'",
        "SELECT * FROM read_parquet('https://localhost/x.parquet')", "SET enable_external_access = true", "SET memory_limit = '1GB'",
        "INSTALL spatial", "SELECT * FROM glob('/etc/*')", "EXPORT DATABASE '/tmp/out'",
        "INSERT INTO thing VALUES (1, 'x')", "DROP TABLE thing",
    ],
)  # fmt: skip
def test_the_engine_reaches_nothing_but_its_tables(folder, forbidden):
    cursor = folder.reading(fill(folder, 1, 10)).cursor()
    with pytest.raises(duckdb.Error):
        cursor.execute(forbidden)


@pytest.mark.parametrize(
    "name", ["../work.duckdb", "work.duckdb", "warehouse-1.duckdb.part", "warehouse-x.duckdb", "/etc/passwd", ""]
)
def test_only_published_names_are_opened(folder, name):
    fill(folder, 1, 1)
    with pytest.raises(Unreadable):
        folder.reading(name)


def test_a_reader_keeps_its_file_after_it_was_removed(folder):
    name = fill(folder, 1, 10)
    handle = folder.reading(name)
    for number in range(2, 5):
        fill(folder, number, 1)
    assert folder.prune(newest=4) == [1, 2]
    assert folder.numbers() == [3, 4]
    assert handle.cursor().execute("SELECT count(*) FROM thing").fetchall() == [(10,)]


def test_versions_newer_than_the_pointer_are_not_removed(folder):
    for number in range(1, 5):
        fill(folder, number, 1)
    folder.prune(newest=3)
    assert folder.numbers() == [2, 3, 4]


def test_files_are_private(folder):
    name = fill(folder, 1, 1)
    with folder.writing() as writer:
        writer.prepare()
    for file in (folder.path, folder.work, folder.path / name):
        assert file.stat().st_mode & 0o077 == 0


def test_many_threads_read_through_one_handle(folder):
    handle = folder.reading(fill(folder, 1, 1_000))
    found: list[int] = []

    def ask() -> None:
        found.extend(handle.cursor().execute("SELECT count(*) FROM thing").fetchall()[0][0] for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1_000] * 60


def test_the_next_work_file_is_a_copy_of_what_was_published_last(folder):
    first = fill(folder, 1, 10)
    assert not folder.work.exists(), "it was published itself"
    with folder.writing() as writer:
        writer.prepare()
        assert folder.work.read_bytes() == (folder.path / first).read_bytes()
    assert size(folder, fill(folder, 2, 5)) == 15
    assert size(folder, first) == 10


def test_a_work_file_started_anew_has_nothing_of_the_published_one(folder):
    fill(folder, 1, 10)
    with folder.writing(anew=True) as writer:
        assert writer.connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]


def test_a_copy_is_the_same_where_blocks_cannot_be_shared(tmp_path, monkeypatch):
    (tmp_path / "from").write_bytes(bytes(range(256)) * 5_000)
    monkeypatch.setattr(warehouse, "_FICLONE", 0)
    warehouse.copy_file(tmp_path / "from", tmp_path / "to")
    assert (tmp_path / "to").read_bytes() == (tmp_path / "from").read_bytes()


def test_what_did_not_fit_in_memory_is_swept_after_a_kill(folder):
    left = folder.path / warehouse.SPILL_OF_WRITER / "duckdb_temp_storage-0.tmp"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"left")
    fill(folder, 1, 1)
    assert not left.exists()


def test_what_does_not_fit_in_memory_is_put_aside_encrypted_and_nothing_fails(folder):
    folder.limits = Limits(memory="60MB", threads=1)
    canary, over, seen = b"canary-word", threading.Event(), []

    def watch() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):
                spilt = (folder.path / warehouse.SPILL_OF_WRITER).iterdir()
                seen.extend(canary in file.read_bytes() for file in spilt)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with folder.writing() as writer:
            work = writer.connection
            work.execute(
                "CREATE TABLE thing AS SELECT range AS number, 'canary-word-' || hash(range) AS word FROM range(1000000) ORDER BY word"
            )
            found = work.execute("SELECT count(*), min(word) FROM thing").fetchall()
    finally:
        over.set()
        watcher.join()
    assert found[0][0] == 1_000_000
    assert seen, "nothing was put aside"
    assert not any(seen)


def test_half_copied_files_of_a_killed_writer_are_swept(folder):
    fill(folder, 1, 1)
    (folder.path / "warehouse-2.part").write_bytes(b"half")
    fill(folder, 2, 1)
    assert not list(folder.path.glob("*.part"))
