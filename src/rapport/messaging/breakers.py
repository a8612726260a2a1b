"""Carriers that are away: nobody knocks for a while, then one worker with one message, then everybody again.

What waits meanwhile stays in the queue as it is: an outage uses up no attempt of any message, and no other channel notices.
"""

import random
from typing import Literal

from django.db import connection, transaction

LONGEST = 120.0  # seconds between two knocks
PROBE = 30.0  # how long one worker may take to find out
_READ = "SELECT try_at IS NULL, try_at <= clock_timestamp() FROM messaging_breaker WHERE channel = %s"
_PROBE = """
UPDATE messaging_breaker SET try_at = clock_timestamp() + make_interval(secs => %s)
WHERE channel = %s AND try_at <= clock_timestamp() RETURNING id
"""
_CLOSE = "UPDATE messaging_breaker SET failures = 0, opened_at = NULL, try_at = NULL, reason = '' WHERE channel = %s AND failures > 0"
_FAIL = """
INSERT INTO messaging_breaker (channel, failures, reason) VALUES (%s, 1, %s)
ON CONFLICT (channel) DO UPDATE SET failures = messaging_breaker.failures + 1, reason = EXCLUDED.reason
RETURNING failures
"""
_OPEN = """
UPDATE messaging_breaker SET try_at = clock_timestamp() + make_interval(secs => %s),
    opened_at = coalesce(opened_at, clock_timestamp())
WHERE channel = %s
"""

Gate = Literal["open", "probe", "shut"]


def ask(channel: str) -> Gate:
    """`open`: go on. `shut`: leave it. `probe`: this worker, and no other, tries one message now."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [channel])
        row = cursor.fetchone()
        if row is None or row[0]:
            return "open"
        if not row[1]:
            return "shut"
        cursor.execute(_PROBE, [PROBE, channel])
        return "probe" if cursor.fetchone() else "shut"


@transaction.atomic
def failed(channel: str, *, reason: str, wait: float = 0.0, worked: bool = False) -> float:
    """The carrier is away or asks for patience (`wait` seconds). Returns after how many seconds somebody knocks again.

    The time doubles with each failure in a row, spread by a fifth so that a herd does not come back at once; a carrier that took
    some messages before it asked for patience (`worked`) is not counted as away.
    """
    with connection.cursor() as cursor:
        if worked:
            cursor.execute(_CLOSE, [channel])
        cursor.execute(_FAIL, [channel, reason[:200]])
        row = cursor.fetchone()
        assert row is not None
        pause = max(wait, min(LONGEST, 2.0 ** min(row[0] - 1, 10)) * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
        cursor.execute(_OPEN, [pause, channel])
    return pause


def worked(channel: str) -> None:
    """The carrier took messages: whatever was noted of it is over. Writes only when something was."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [channel])
