"""The tables of the work file: filled from the record, or brought up to date with what changed.

1. People: the row of the profile.
2. Rows by id: deleted ones go; new and changed ones take the place of the old; rows of merged people follow them.
3. What is derived from all that a human being said is made again for those who spoke, or whose statement came or expired.
4. Whoever was erased leaves every table.
5. Events are put in order again when too many stand behind the sorted ones.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from rapport.segments.pull import Reader, Seen, meaning
from rapport.segments.pull_sql import of_a_person
from rapport.segments.sources import BY_ID, DERIVED, EVENT, FACT, PROFILE, Source

SCHEMA = Path(__file__).with_name("schema.sql").read_text()
OF_PEOPLE = ("profile", "event", "fact", "consent_now", "trait", "household", "preference_now", "member")
UNSORTED_SHARE, UNSORTED_ROWS = 0.25, 100_000
ORDER = {EVENT.table: 'kind, "at", id', "consent_now": "channel, topic, pseudonym"}


def layout() -> str:
    """A digest of which tables there are: what a reader must find."""
    return hashlib.sha256(SCHEMA.encode()).hexdigest()[:16]


def made_by() -> str:
    """The layout, and a digest of what stands in it: what a writer must find to go on."""
    return f"{layout()}.{hashlib.sha256(meaning().encode()).hexdigest()[:16]}"


def fill(work: Any, reader: Reader) -> None:
    """All tables, new and empty before."""
    work.execute(SCHEMA)
    work.register("incoming", reader.who())
    work.execute("CREATE OR REPLACE TEMP TABLE who AS SELECT * FROM incoming")
    work.unregister("incoming")
    for source in (PROFILE, *BY_ID):
        _insert(work, source, reader.everything(source), renamed=of_a_person(source))
    work.execute("DROP TABLE temp.who")
    for source in DERIVED:
        _insert(work, source, reader.sums(source, None))


def catch_up(work: Any, reader: Reader, before: Seen, *, payers_changed: bool) -> int:
    """All changed rows. Returns how many events were put behind the sorted ones."""
    moved = reader.moved(before)
    _replace(work, PROFILE, reader.changed(PROFILE, before))
    appended = 0
    for source in BY_ID:
        many = _replace(work, source, reader.changed(source, before))
        if moved:
            many += _replace(work, source, reader.of_people(source, moved))
        if source is EVENT:
            appended = many
    if payers_changed:
        _replace(work, FACT, reader.coverages(FACT))
    for source in (PROFILE, *BY_ID):
        _delete(work, source.table, source.key, reader.deleted(source, before))
    for source in DERIVED:
        records, pseudonyms = reader.spoke(source, before, moved)
        if records:
            _delete(work, source.table, "pseudonym", pseudonyms)
            _insert(work, source, reader.sums(source, records))
    return appended


def forget(work: Any, pseudonyms: list[int]) -> None:
    """Nothing of these people stays."""
    for table in OF_PEOPLE:
        _delete(work, table, "pseudonym", pseudonyms)


def sort(work: Any, unsorted: int) -> int:
    """Put all events in order again when too many stand behind. Returns how many are unsorted now."""
    total = work.execute("SELECT count(*) FROM event").fetchone()[0]
    if unsorted <= max(UNSORTED_ROWS, UNSORTED_SHARE * total):
        return unsorted
    create = next(one for one in SCHEMA.split(";") if "CREATE TABLE event " in one)
    work.execute("ALTER TABLE event RENAME TO event_before")
    work.execute(create)
    work.execute(f"INSERT INTO event SELECT * FROM event_before ORDER BY {ORDER[EVENT.table]}")
    work.execute("DROP TABLE event_before")
    return 0


def sizes(work: Any) -> tuple[int, int]:
    """How many people and events there are."""
    return work.execute("SELECT (SELECT count(*) FROM profile), (SELECT count(*) FROM event)").fetchone()


def progress(work: Any) -> dict[str, Any] | None:
    """The row that says how far the work file got; None in one that is empty, half made or of an older program."""
    found = work.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'store'").fetchall()
    if ("progress",) not in found:
        return None
    cursor = work.execute("SELECT * FROM progress")
    names = [column[0] for column in cursor.description]
    row = cursor.fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def note(work: Any, values: dict[str, Any]) -> None:
    """Write that row anew."""
    work.execute("DELETE FROM progress")
    marks = ", ".join("?" for _ in values)
    rows = [
        value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
        for value in values.values()
    ]
    work.execute(f"INSERT INTO progress ({', '.join(values)}) VALUES ({marks})", rows)


def _insert(work: Any, source: Source, rows: pa.RecordBatchReader, *, renamed: bool = False) -> int:
    """Add rows. `renamed`: their pseudonym is the id of the record, and `who` knows the pseudonym."""
    origin = "incoming"
    if renamed:
        origin = "(SELECT incoming.* REPLACE (who.pseudonym AS pseudonym) FROM incoming JOIN who ON who.person = incoming.pseudonym)"
    work.register("incoming", rows)
    many = work.execute(_insertion(source, origin)).fetchone()[0]
    work.unregister("incoming")
    return int(many)


def _replace(work: Any, source: Source, rows: pa.RecordBatchReader) -> int:
    """Rows take the place of those with the same key. Returns how many there are."""
    work.register("incoming", rows)
    work.execute("CREATE OR REPLACE TEMP TABLE taken AS SELECT * FROM incoming")
    work.unregister("incoming")
    work.execute(f"DELETE FROM {source.table} WHERE {source.key} IN (SELECT {source.key} FROM taken)")
    many = work.execute(_insertion(source, "taken WHERE NOT gone")).fetchone()[0]
    work.execute("DROP TABLE temp.taken")
    return int(many)


def _insertion(source: Source, origin: str) -> str:
    columns = ", ".join(f'"{column.name}"' for column in source.columns)
    order = ORDER.get(source.table, "pseudonym")
    return f"INSERT INTO {source.table} ({columns}) SELECT {columns} FROM {origin} ORDER BY {order}"


def _delete(work: Any, table: str, key: str, values: Iterable[int]) -> None:
    incoming = pa.table({"key": pa.array(values, pa.int64())})
    if not len(incoming):
        return
    work.register("incoming", incoming)
    work.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT key FROM incoming)")
    work.unregister("incoming")
