"""The profile: the present state of what lasts (conditions, medications, coverages, appointments), folded from what arrives."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from rapport.people import bulk
from rapport.people.records import NewFact

COLUMNS = (
    "person_id", "kind", "source_key", "code_system", "code", "label", "status", "data_class", "starts_at", "ends_at",
    "location_id", "service_line_id", "detail", "changed_at",
)  # fmt: skip
_STAGE = (
    "person_id bigint, kind text, source_key uuid, code_system text, code text, label text, status text, data_class text, "
    "starts_at timestamptz, ends_at timestamptz, location_id bigint, service_line_id bigint, detail jsonb, changed_at timestamptz"
)
_NO_DETAIL = bulk.as_json({})
# A fact that says what it said before keeps its row untouched, so that the warehouse has nothing to fetch.
_COMPARED = [column for column in COLUMNS if column not in {"source_key", "changed_at"}]


@transaction.atomic
def fold(*, facts: Sequence[NewFact], now: datetime) -> int:
    """Bring facts up to date by source key; the last one of a batch wins. Returns how many rows are new or changed."""
    if not facts:
        return 0
    last = {fact.source_key: fact for fact in facts}
    bulk.stage("new_fact", _STAGE, COLUMNS, (_row(fact, now) for fact in last.values()))
    columns = ", ".join(COLUMNS)
    changes = ", ".join(f"{column} = EXCLUDED.{column}" for column in COLUMNS if column != "source_key")
    old = ", ".join(f"people_fact.{column}" for column in _COMPARED)
    new = ", ".join(f"EXCLUDED.{column}" for column in _COMPARED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO people_fact ({columns}, tx) SELECT {columns}, 0 FROM pg_temp.new_fact ORDER BY source_key "
            f"ON CONFLICT (source_key) DO UPDATE SET {changes} WHERE ({old}) IS DISTINCT FROM ({new})"
        )
        return cursor.rowcount


def _row(fact: NewFact, now: datetime) -> tuple:
    return (
        fact.person_id, fact.kind, fact.source_key, fact.code_system[:60], fact.code[:40], fact.label[:200],
        fact.status[:30], fact.data_class, fact.starts_at, fact.ends_at, fact.location_id, fact.service_line_id,
        bulk.as_json(fact.detail) if fact.detail else _NO_DETAIL, now,
    )  # fmt: skip
