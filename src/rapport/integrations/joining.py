"""Rows from before the same record was known again (`putting_aside`): each gets its fingerprint, and open doubles become one row.

For the migration that brings fingerprints; it names its columns, so that it reads the tables as they were then.

1. The text as it came is opened and read again, which gives the fingerprint it would get today. Rows that hold no whole record
   (a file that breaks off, an archive that can't be read) keep none.
2. Of open rows of one record the one that somebody edited stays, else the first. It counts the others, which go: their text is
   the same. Where two were edited differently both stay.
3. The landings and deliveries of those that go say "duplicates" where they said "held back", so that everything still adds up.
"""

import json
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from rapport.integrations.models import Landing, Source
from rapport.integrations.putting_aside import TABLE, fingerprint
from rapport.integrations.registry import FORMS
from rapport.integrations.translation import Problem, Record, problem_of
from rapport.trust import sealing

CHUNK = 500
_ROWS = """
SELECT q.id, q.key, q.raw, q.mended, q.state = 'open', q.waits_for, q.resource_type, q.created_at, q.landing_id, l.delivery_id, l.form,
    l.first_line, s.id, s.slug
FROM integrations_quarantine q JOIN integrations_landing l ON l.id = q.landing_id JOIN integrations_source s ON s.id = l.source_id
WHERE q.id > %s ORDER BY q.id LIMIT %s
"""
_MOVE = """
UPDATE integrations_landing SET quarantined = quarantined - %(n)s, duplicates = duplicates + %(n)s, held_again = held_again + %(n)s
WHERE id = %(landing)s
"""
_KEEP = "UPDATE integrations_quarantine SET seen = seen + %s, last_seen_at = %s WHERE id = %s"
_DROP_KEY = "UPDATE trust_subjectkey SET wrapped = NULL, destroyed_at = %s WHERE subject = ANY(%s)"


@dataclass
class _Row:
    id: int
    key: uuid.UUID
    raw: bytes
    mended: bytes | None
    is_open: bool
    waits_for: uuid.UUID | None
    kind: str
    created_at: datetime
    landing_id: int
    delivery_id: int | None
    form: str
    first_line: int
    source_id: int
    slug: str


def join_doubles(now: datetime) -> int:
    """Returns how many rows went."""
    doubles: dict[bytes, list[_Row]] = defaultdict(list)
    last = 0
    while rows := _rows(last):
        last = rows[-1].id
        keys = sealing.keys_of([row.key for row in rows])
        for row in rows:
            found = _fingerprint(row, keys[row.key]) if row.key in keys and row.raw else None
            row.raw = b""
            if found and row.is_open:
                doubles[found].append(row)
            elif found:
                _run("UPDATE integrations_quarantine SET fingerprint = %s WHERE id = %s", [found, row.id])
    return sum(_joined(found, same, now) for found, same in doubles.items())


def _rows(after: int) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [after, CHUNK])
        return [_Row(*row) for row in cursor.fetchall()]


def _fingerprint(row: _Row, key: sealing.DataKey) -> bytes | None:
    raw = sealing.unseal(key, row.raw, table=TABLE, column="raw", row=row.key)
    landing = Landing(pk=row.landing_id, form=row.form, first_line=row.first_line)
    landing.source = Source(pk=row.source_id, slug=row.slug)
    if raw.strip() in (b"", b"{}"):
        return None
    found = list(FORMS[row.form].read(raw, landing))
    if len(found) != 1:
        return None
    one = found[0]
    one.landing = landing
    problem = problem_of(one, "", waits_for=row.waits_for) if isinstance(one, Record) else one
    return None if problem.mark else fingerprint(_as_it_came(problem, raw))


def _as_it_came(problem: Problem, raw: bytes) -> Problem:
    problem.raw = raw
    return problem


def _joined(found: bytes, same: list[_Row], now: datetime) -> int:
    kept = next((row for row in same if row.mended is not None), same[0])
    going = [row for row in same if row is not kept and row.mended is None]
    _run("UPDATE integrations_quarantine SET fingerprint = %s WHERE id = %s", [found, kept.id])
    if not going:
        return 0
    _run(_KEEP, [len(going), max(row.created_at for row in same), kept.id])
    _run("DELETE FROM integrations_quarantine WHERE id = ANY(%s)", [[row.id for row in going]])
    _run(_DROP_KEY, [now, [row.key for row in going]])
    counted = Counter((row.landing_id, row.delivery_id, row.kind or "unknown") for row in going)
    for (landing, delivery, kind), number in sorted(counted.items(), key=str):
        _run(_MOVE, {"n": number, "landing": landing})
        if delivery is not None:
            _move_in_delivery(delivery, kind, number)
    return len(going)


def _move_in_delivery(delivery: int, kind: str, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT counts::text FROM integrations_delivery WHERE id = %s FOR UPDATE", [delivery])
        counts = json.loads(cursor.fetchone()[0])
        for some in (counts, counts.setdefault("kinds", {}).setdefault(kind, {})):
            for name, by in (("quarantined", -number), ("duplicates", number), ("held_again", number)):
                some[name] = some.get(name, 0) + by
        counts["kinds"][kind] = {name: many for name, many in counts["kinds"][kind].items() if many}
        cursor.execute(
            "UPDATE integrations_delivery SET counts = %s::jsonb WHERE id = %s", [json.dumps(counts), delivery]
        )


def _run(statement: str, values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
