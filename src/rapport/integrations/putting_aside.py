"""What is refused is put aside once: the same broken record again is counted on the row that stands there, and opens no second one.

The same is: the same source, and a record of one key and content (`translation.Record`); where it can't be read so far, the same text.
That is kept as a blind index, because the text is about a patient. What the desk may expect when a record comes broken again:

- its row is open: it is counted there, with the reason of today; a text that somebody is mending keeps its own.
- it was dismissed: it stays dismissed as long as the same is wrong with it. Nobody is asked twice.
- a person mended it: the source has not mended its own, what we took in holds, nobody is asked twice while the same is wrong.
- something else is wrong with it now, or it was taken in as it came because what it lacked had arrived: a new row, since nobody has
  looked at this and the record is not in.

The database allows one open row a record, so two imports at once make one row and count two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import connection

from rapport.integrations.models import Quarantine
from rapport.integrations.translation import Problem
from rapport.trust import sealing

TABLE = "integrations_quarantine"
LARGEST_KEPT = 4 << 20  # of one record; beyond it the beginning is enough to see what it is
AT_ONCE = 1000
_STANDING = """
SELECT DISTINCT ON (fingerprint) fingerprint, id, state = 'open', reason, path, state = 'dismissed' OR mended IS NOT NULL
FROM integrations_quarantine WHERE fingerprint = ANY(%s) ORDER BY fingerprint, state = 'open' DESC, id DESC
"""
_COUNT = """
UPDATE integrations_quarantine q SET seen = q.seen + v.many, last_seen_at = greatest(q.last_seen_at, %s)
FROM unnest(%s::bigint[], %s::int[]) AS v(id, many) WHERE q.id = v.id
"""
_OPEN = """
INSERT INTO integrations_quarantine AS q (
    key, raw, landing_id, line, path, resource_type, reason, remedy, waits_for, fingerprint, seen, state, created_at, last_seen_at
)
SELECT v.*, 'open', %s, %s FROM unnest(
    %s::uuid[], %s::bytea[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::bytea[],
    %s::int[]
) AS v
ON CONFLICT (fingerprint) WHERE state = 'open' DO UPDATE SET
    seen = q.seen + EXCLUDED.seen,
    last_seen_at = greatest(q.last_seen_at, EXCLUDED.last_seen_at),
    reason = CASE WHEN q.mended IS NULL THEN EXCLUDED.reason ELSE q.reason END,
    path = CASE WHEN q.mended IS NULL THEN EXCLUDED.path ELSE q.path END,
    remedy = CASE WHEN q.mended IS NULL THEN EXCLUDED.remedy ELSE q.remedy END,
    waits_for = CASE WHEN q.mended IS NULL THEN EXCLUDED.waits_for ELSE q.waits_for END
RETURNING q.key, q.fingerprint
"""


@dataclass
class _Standing:
    """The row of a record that counts for it: the open one, else the last that was settled."""

    id: int
    is_open: bool
    reason: str
    path: str
    is_decided: bool

    def answers(self, problem: Problem) -> bool:
        """Whether a person has decided about exactly this fault."""
        return self.is_decided and (self.reason, self.path) == (problem.reason[:300], problem.path[:200])


def fingerprint(problem: Problem) -> bytes:
    """The blind index by which the same broken record is known again."""
    record = problem.record
    what = f"{record.key}:{record.content}" if record else sha256(problem.raw.strip()).hexdigest()
    waits = problem.waits_for or ""
    return sealing.digest("quarantine", f"{problem.landing.source_id}:{what}:{problem.mark.hex()}:{waits}")


def put_aside(problems: Sequence[Problem], now: datetime) -> list[bool]:
    """Write what was refused. Of each whether it is held back anew; the others came before, also earlier among these."""
    prints = [fingerprint(one) for one in problems]
    first: dict[bytes, Problem] = {}
    many: dict[bytes, int] = {}
    for one, known in zip(problems, prints, strict=True):
        first.setdefault(known, one)
        many[known] = many.get(known, 0) + 1
    standing = _standing(list(first))
    decided = {
        known for known, row in standing.items() if not row.is_open and row.answers(first[known])
    }  # an open row never answers: it is counted where it is opened
    _count({standing[known].id: many[known] for known in decided}, now)
    rest = sorted(known for known in first if known not in decided)
    opened: set[bytes] = set()
    for start in range(0, len(rest), AT_ONCE):
        some = rest[start : start + AT_ONCE]
        opened |= _open([(known, first[known], many[known]) for known in some], now)
    anew = []
    for known in prints:
        anew.append(known in opened)
        opened.discard(known)
    return anew


def _standing(prints: list[bytes]) -> dict[bytes, _Standing]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [prints])
        return {bytes(known): _Standing(*row) for known, *row in cursor.fetchall()}


def _count(rows: dict[int, int], now: datetime) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [now, sorted(rows), [rows[one] for one in sorted(rows)]])


def _open(some: Sequence[tuple[bytes, Problem, int]], now: datetime) -> set[bytes]:
    """Open rows or count on those that are open, in the order of their fingerprints so that two imports never wait for each other.

    Each is sealed under a key of its own; the key of one that was there is thrown away unused. Returns the fingerprints of new rows.
    """
    rows = [Quarantine() for _ in some]
    keys = sealing.new_keys([row.key for row in rows])
    raws = [
        sealing.seal(keys[row.key], one.raw[:LARGEST_KEPT], table=TABLE, column="raw", row=row.key)
        for row, (_, one, _) in zip(rows, some, strict=True)
    ]
    found = [one for _, one, _ in some]
    columns: list[list[Any]] = [
        [row.key for row in rows],
        raws,
        [one.landing.pk for one in found],
        [one.line for one in found],
        [one.path[:200] for one in found],
        [one.kind[:60] for one in found],
        [one.reason[:300] for one in found],
        [one.remedy[:300] for one in found],
        [one.waits_for for one in found],
        [known for known, _, _ in some],
        [number for _, _, number in some],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [now, now, *columns])
        stands = {key: bytes(known) for key, known in cursor.fetchall()}
    sealing.discard([row.key for row in rows if row.key not in stands])
    return {stands[row.key] for row in rows if row.key in stands}
