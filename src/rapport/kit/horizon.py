"""Up to where the past is settled: the first transaction of this database that may still write.

`pg_snapshot_xmin` alone would wait for transactions of other databases on the same server, which can't write here. Those that
we know to be of another database are left out; one whose database we may not see counts as ours.
"""

from django.db import connection

SETTLED = """
SELECT least(
    (
        SELECT min(xid::text::bigint) FROM pg_snapshot_xip(now_seen.snapshot) AS xid
        WHERE NOT EXISTS (
            SELECT FROM pg_stat_activity other WHERE other.backend_xid = xid::xid AND other.datname <> current_database()
        )
    ),
    pg_current_xact_id_if_assigned()::text::bigint,
    pg_snapshot_xmax(now_seen.snapshot)::text::bigint
) AS settled
FROM (SELECT pg_current_snapshot() AS snapshot) AS now_seen
"""


def settled_until() -> int:
    """Every transaction below this number has ended, or can't have written here."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED)
        return int(cursor.fetchone()[0])
