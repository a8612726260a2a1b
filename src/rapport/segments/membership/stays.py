"""Writing stays: who enters and who leaves one segment, in a handful of statements whatever the number.

1. What is to change is staged by pseudonym; it may be too much: who is in already does not enter, who is not in does not leave.
2. The open stay of a record that was merged moves to the record it became, if that one is to be in and has none of its own.
3. Leave: one UPDATE. Records that are gone say why: merged, deceased, erased.
4. Enter: one INSERT, of the living alone. The partial unique index lets nobody be in twice.

The caller holds the lock of the segment (`alone` for the full refresh, `beside` for the live one) and the transaction.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from rapport.people import bulk, identity
from rapport.segments.membership.models import Why

_LOCK = 0x4D454D42  # advisory locks of this package, one a segment
_STAGE = "pseudonym bigint, enters boolean, why text, kind text, trace uuid"
_COLUMNS = ("pseudonym", "enters", "why", "kind", "trace")

_GONE = """
SELECT m.person_id FROM pg_temp.staying s JOIN people_person p ON p.pseudonym = s.pseudonym AND p.merged_into_id IS NOT NULL
JOIN segments_membership m ON m.person_id = p.id AND m.segment_id = %(segment)s AND m.left_at IS NULL WHERE NOT s.enters
"""
_MOVE = """
UPDATE segments_membership m SET person_id = t.kept FROM (
    SELECT DISTINCT ON (b.kept) own.id, b.kept
    FROM unnest(%(gone)s::bigint[], %(kept)s::bigint[]) AS b (gone, kept)
    JOIN segments_membership own ON own.person_id = b.gone AND own.segment_id = %(segment)s AND own.left_at IS NULL
    JOIN people_person k ON k.id = b.kept AND k.deceased_at IS NULL AND k.erased_at IS NULL AND k.merged_into_id IS NULL
    WHERE NOT EXISTS (
        SELECT FROM segments_membership m WHERE m.segment_id = %(segment)s AND m.person_id = b.kept AND m.left_at IS NULL)
    AND (%(everybody)s OR EXISTS (SELECT FROM pg_temp.staying s WHERE s.pseudonym = k.pseudonym AND s.enters))
    ORDER BY b.kept, own.entered_at, own.id
) AS t WHERE m.id = t.id
"""
_LEAVE = """
UPDATE segments_membership m SET left_at = %(now)s, left_kind = s.kind, left_trace = s.trace, left_why = CASE
    WHEN p.erased_at IS NOT NULL THEN 'erased' WHEN p.merged_into_id IS NOT NULL THEN 'merged'
    WHEN p.deceased_at IS NOT NULL THEN 'deceased' ELSE s.why END
FROM pg_temp.staying s JOIN people_person p ON p.pseudonym = s.pseudonym
WHERE m.segment_id = %(segment)s AND m.person_id = p.id AND m.left_at IS NULL AND NOT s.enters
"""
_ENTER = """
INSERT INTO segments_membership (segment_id, person_id, segment_version, entered_at, entered_why, entered_kind, entered_trace,
    left_why, left_kind, tx)
SELECT %(segment)s, p.id, %(version)s, %(now)s, s.why, s.kind, s.trace, '', '', 0
FROM pg_temp.staying s JOIN people_person p ON p.pseudonym = s.pseudonym
WHERE s.enters AND p.merged_into_id IS NULL AND p.deceased_at IS NULL AND p.erased_at IS NULL
ORDER BY p.id
ON CONFLICT (segment_id, person_id) WHERE left_at IS NULL DO NOTHING
"""


@dataclass(frozen=True)
class Step:
    """One person enters or leaves, and why."""

    pseudonym: int
    enters: bool
    why: Why
    kind: str = ""
    trace: uuid.UUID | None = None


@dataclass(frozen=True)
class Changed:
    """How many stays began, ended, or went over to the record that is left of a merge."""

    entered: int = 0
    left: int = 0
    moved: int = 0

    def __add__(self, other: "Changed") -> "Changed":
        return Changed(self.entered + other.entered, self.left + other.left, self.moved + other.moved)


NOTHING = Changed()


def alone(segment_id: int) -> None:
    """Nobody else writes the stays of this segment until the transaction ends. Waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, segment_id % 2**31])


def beside(segment_ids: Sequence[int]) -> set[int]:
    """Those of these segments whose stays nobody has alone; they stay so until the transaction ends. Does not wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM unnest(%s::bigint[]) AS id WHERE pg_try_advisory_xact_lock_shared(%s, (id %% 2147483648)::int)",
            [list(segment_ids), _LOCK],
        )
        return {row[0] for row in cursor.fetchall()}


def stage(steps: Iterable[Step]) -> None:
    """What is to change."""
    bulk.stage("staying", _STAGE, _COLUMNS, ((s.pseudonym, s.enters, str(s.why), s.kind[:80], s.trace) for s in steps))


def stage_many(*, entering: Sequence[int], leaving: Sequence[int], why: Why) -> None:
    """What is to change, where the reason is one for all."""
    rows = ((one, enters, str(why), "", None) for enters, some in ((True, entering), (False, leaving)) for one in some)
    bulk.stage("staying", _STAGE, _COLUMNS, rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE pg_temp.staying")


def apply(*, segment_id: int, version: int, now: datetime, is_list: bool = False) -> Changed:
    """Write what is staged. On a list nobody is staged to enter: a record that was merged moves to whoever it became."""
    values: dict[str, Any] = {"segment": segment_id, "version": version, "now": now, "everybody": is_list}
    with connection.cursor() as cursor:
        cursor.execute(_GONE, values)
        gone = [row[0] for row in cursor.fetchall()]
        moved = 0
        if gone:
            became = identity.living(person_ids=gone)
            cursor.execute(_MOVE, values | {"gone": list(became), "kept": list(became.values())})
            moved = cursor.rowcount
        cursor.execute(_LEAVE, values)
        left = cursor.rowcount
        cursor.execute(_ENTER, values)
        return Changed(cursor.rowcount, left, moved)
