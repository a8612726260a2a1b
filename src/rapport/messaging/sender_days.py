"""How each day's mail of a sender fared, counted by sets. Gate 15 and the automatic pause read it."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Literal

from django.conf import settings
from django.db import connection

COLUMNS = ("delivered", "bounced", "complaints", "handed_over")
What = Literal["delivered", "bounced", "complaints", "handed_over"]

_ADD = """
INSERT INTO messaging_senderday AS s (sender, day, handed_over, delivered, bounced, complaints, source, noted_at)
SELECT v.sender, v.day, v.handed_over, v.delivered, v.bounced, v.complaints, %s, %s
FROM unnest(%s::text[], %s::date[], %s::int[], %s::int[], %s::int[], %s::int[])
    AS v(sender, day, handed_over, delivered, bounced, complaints)
ORDER BY v.sender, v.day
ON CONFLICT (sender, day) DO UPDATE SET
    handed_over = s.handed_over + EXCLUDED.handed_over,
    delivered = s.delivered + EXCLUDED.delivered,
    bounced = s.bounced + EXCLUDED.bounced,
    complaints = s.complaints + EXCLUDED.complaints,
    source = EXCLUDED.source,
    noted_at = EXCLUDED.noted_at
"""


def add(rows: Iterable[tuple[str, datetime, What]], *, source: str, now: datetime) -> int:
    """Count (sender domain, when, what); days are days in UTC. One statement, whatever the number. Returns the days touched."""
    counted: Counter[tuple[str, date, str]] = Counter()
    for sender, at, what in rows:
        counted[sender.lower(), at.astimezone(UTC).date(), what] += 1
    return add_counts(counted, source=source, now=now)


def add_counts(counted: Counter[tuple[str, date, str]], *, source: str, now: datetime) -> int:
    """The same for what is counted already: (sender, day, what) -> how many."""
    days = sorted({(sender, day) for sender, day, _ in counted})
    if not days:
        return 0

    def column(what: str) -> list[int]:
        return [counted[sender, day, what] for sender, day in days]

    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            [
                source[:30], now, [one[0] for one in days], [one[1] for one in days], column("handed_over"), column("delivered"),
                column("bounced"), column("complaints"),
            ],
        )  # fmt: skip
    return len(days)


def our_domain() -> str:
    """The domain we write from."""
    return str(settings.MAIL_FROM.rpartition("@")[2]).lower()
