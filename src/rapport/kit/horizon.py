"""Up to where the past is settled: the first transaction of this database that may still write.

`pg_snapshot_xmin` alone would wait for transactions of other databases on the same server, which can't write here. Those that
we know to be of another database are left out; one whose database we may not see counts as ours.
"""

from django.db import connection

SETTLED = """
SELECT
    least(
        held.first, pg_current_xact_id_if_assigned()::text::bigint, pg_snapshot_xmax(now_seen.snapshot)::text::bigint
    ) AS settled,
    coalesce(held.unseen, false) AS unseen
FROM (SELECT pg_current_snapshot() AS snapshot) AS now_seen, LATERAL (
    SELECT min(running.xid::text::bigint) AS first, bool_or(backend.pid IS NULL) AS unseen
    FROM pg_snapshot_xip(now_seen.snapshot) AS running(xid)
    LEFT JOIN pg_stat_activity AS backend ON backend.backend_xid = running.xid::xid
    WHERE backend.datname IS NULL OR backend.datname = current_database()
) AS held
"""
LOOKS = 3


def settled_until() -> int:
    """Every transaction below this number has ended, or can't have written here.

    A transaction may end between the snapshot and the look at who runs it; then we look anew, for it may have been another
    database's, and does not hold ours up.
    """
    with connection.cursor() as cursor:
        for _look in range(LOOKS):
            cursor.execute(SETTLED)
            settled, unseen = cursor.fetchone()
            if not unseen:
                break
            cursor.execute("SELECT pg_stat_clear_snapshot()")
        return int(settled)
