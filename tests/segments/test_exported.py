"""Exports for a cluster: all tables of the version, in order, complete or absent, and only into a store that encrypts."""

import shutil
from concurrent.futures import ThreadPoolExecutor, wait

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from rapport.kit.warehouse import Folder
from rapport.segments import exported
from rapport.segments.columnar import Snapshot
from tests.segments import worlds

PEOPLE, EVENTS = 50, 5_000
FILL = f"""
INSERT INTO profile (pseudonym, birth_month, sex, language, state, zip5, deceased)
SELECT range, DATE '1931-05-01', 'F', 'en', 'MA', '01852', false FROM range({PEOPLE});
INSERT INTO event (id, pseudonym, kind, "at", code_system, code, data_class)
SELECT range, range % {PEOPLE}, CASE WHEN range % 3 = 0 THEN 'encounter' ELSE 'procedure' END,
    TIMESTAMP '1969-12-31 23:59:59.999999' + INTERVAL (range) HOUR, '', '', 'general'
FROM range({EVENTS - 1}, -1, -1);
"""


@pytest.fixture
def snapshot(tmp_path) -> Snapshot:
    """A published version as readers have it: encrypted, read-only, with an engine that may open no file."""
    place = Folder(tmp_path / "warehouse", "a key")
    with place.writing() as writer:
        writer.connection.execute(worlds.SCHEMA + FILL)
        published = writer.publish(1)
    return Snapshot(place.reading(published.name), 1, published.name)


def test_every_table_of_the_version_is_there_but_not_the_bookkeeping(snapshot, tmp_path):
    found = exported.export(snapshot, tmp_path / "out" / "version-1-a", store_encrypts=True)
    there = {one.name for one in found.iterdir()}
    listed = snapshot.handle.cursor().execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert there == {name for (name,) in listed} - {"progress"}
    for table, columns in exported.tables(snapshot.handle.cursor()).items():
        rows = ds.dataset(found / table, format="parquet")
        assert rows.schema.names == columns
        (many,) = snapshot.handle.cursor().execute(f"SELECT count(*) FROM {table}").fetchone()
        assert rows.count_rows() == many


def test_events_stand_in_order_in_many_files_and_groups_and_say_that_they_are_utc(snapshot, tmp_path):
    found = exported.export(snapshot, tmp_path / "version-1-a", store_encrypts=True, rows_a_file=1_000)
    files = sorted((found / "event").iterdir(), key=lambda one: int(one.stem.split("-")[1]))
    assert len(files) == EVENTS / 1_000
    keys = [(row["kind"], row["at"]) for one in files for row in pq.read_table(one, columns=["kind", "at"]).to_pylist()]
    assert keys == sorted(keys)
    assert min(at for _kind, at in keys).isoformat() == "1969-12-31T23:59:59.999999+00:00"
    first = pq.ParquetFile(files[0]).metadata.row_group(0).column(2).statistics
    assert first.min == first.max == "encounter"


def test_nothing_is_written_before_the_site_has_said_that_the_store_encrypts(snapshot, tmp_path):
    with pytest.raises(exported.StoreNotEncrypted, match="RAPPORT_ANALYTICS_STORE_ENCRYPTED"):
        exported.export(snapshot, tmp_path / "out" / "version-1-a", store_encrypts=False)
    assert not (tmp_path / "out").exists()


def test_a_broken_export_leaves_no_folder_under_its_name_and_the_next_one_sweeps(snapshot, tmp_path, monkeypatch):
    target = tmp_path / "out" / "version-1-a"
    durable = exported._make_durable
    monkeypatch.setattr(exported, "_make_durable", lambda draft: shutil.rmtree(draft / "event") or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        exported.export(snapshot, target, store_encrypts=True)
    assert not target.exists()
    monkeypatch.setattr(exported, "_make_durable", durable)
    (target.parent / "version-0-a.part").mkdir()
    exported.export(snapshot, target, store_encrypts=True)
    assert ds.dataset(target / "event", format="parquet").count_rows() == EVENTS
    assert not list(target.parent.glob("*.part"))


def test_two_who_export_the_same_version_make_one_folder(snapshot, tmp_path):
    target = tmp_path / "out" / "version-1-a"
    with ThreadPoolExecutor(1) as somebody:
        with exported._alone_in(tmp_path / "out"):
            other = somebody.submit(exported.export, snapshot, target, store_encrypts=True)
            assert not wait([other], timeout=0.5).done  # it waits
            (target / "made by the first").mkdir(parents=True)
        assert other.result(timeout=20) == target
    assert [one.name for one in target.iterdir()] == ["made by the first"]


def test_old_exports_go_and_all_of_them_when_nothing_may_stay(tmp_path):
    for number in (1, 2, 3, 10):
        (tmp_path / exported.name(number, "a") / "event").mkdir(parents=True)
    (tmp_path / "something else").mkdir()
    assert exported.prune(tmp_path, newest=9, keep=2) == [1]
    assert exported.prune(tmp_path, newest=10, keep=2) == [2]
    assert exported.prune(tmp_path, newest=10, keep=0) == [3, 10]
    assert (tmp_path / "something else").exists()
    assert exported.prune(tmp_path / "nowhere", newest=10, keep=0) == []
