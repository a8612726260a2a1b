"""What we took already: the key of every record and the digest of its content. The same again is a duplicate, not news."""

from collections.abc import Sequence

from django.db import connection

from rapport.integrations.translation import Record
from rapport.people import bulk


def sift(records: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """(new or changed, duplicates), also among the records themselves."""
    last = _contents([record.key for record in records])
    fresh: list[Record] = []
    duplicates: list[Record] = []
    for record in records:
        (duplicates if last.get(record.key) == record.content else fresh).append(record)
        last[record.key] = record.content
    return fresh, duplicates


def remember(records: Sequence[Record]) -> None:
    """These are taken. Of several with one key the last counts."""
    rows = {record.key: (record.key, record.content, record.landing.pk) for record in records}
    if not rows:
        return
    bulk.stage(
        "now_seen", "key uuid, content bigint, landing_id bigint", ("key", "content", "landing_id"), rows.values()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_seenrecord AS s (key, content, landing_id) "
            "SELECT key, content, landing_id FROM pg_temp.now_seen ORDER BY key "
            "ON CONFLICT (key) DO UPDATE SET content = EXCLUDED.content, landing_id = EXCLUDED.landing_id"
        )


def _contents(keys: list) -> dict:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, content FROM integrations_seenrecord WHERE key = ANY(%s)", [list(set(keys))])
        return dict(cursor.fetchall())
