"""Soft bounces in a row, by address: five of them, the first at least two weeks before the last, count as one for good.

Both are asked for, so that neither a day on which a host is down nor a monthly newsletter alone decides.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from rapport.integrations.models import BounceRun

IN_A_ROW, OVER = 5, timedelta(days=14)

_ADD = """
INSERT INTO integrations_bouncerun AS b (digest, count, first_at, last_at, reason)
SELECT digest, count(*), min(at), max(at), (array_agg(reason ORDER BY at DESC))[1]
FROM unnest(%s::bytea[], %s::timestamptz[], %s::text[]) AS v(digest, at, reason)
GROUP BY digest ORDER BY digest
ON CONFLICT (digest) DO UPDATE SET
    count = b.count + EXCLUDED.count,
    first_at = least(b.first_at, EXCLUDED.first_at),
    last_at = greatest(b.last_at, EXCLUDED.last_at),
    reason = EXCLUDED.reason
RETURNING digest, count, first_at, last_at
"""


def add(bounces: Sequence[tuple[bytes, datetime, str]]) -> dict[bytes, datetime]:
    """Count (address, when, why). Returns the addresses whose run has become too long, with its last moment."""
    if not bounces:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD, [[one[0] for one in bounces], [one[1] for one in bounces], [one[2][:20] for one in bounces]]
        )
        rows = cursor.fetchall()
    return {bytes(digest): last for digest, count, first, last in rows if count >= IN_A_ROW and last - first >= OVER}


def end(digests: Sequence[bytes]) -> None:
    """Something arrived there, or the address was given up."""
    if digests:
        BounceRun.objects.filter(digest__in=list(digests)).delete()
