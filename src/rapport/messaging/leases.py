"""Who works on which intent, for how long. Every change names its owner and attempt, so that a sleeper who wakes up late changes nothing.

1. `claim`: queued -> claimed under a lease, committed at once.
2. `begin`: says durably "from here on it may have gone out". A claimed intent that never began has surely not been sent.
3. `settle`, `give_back`, `defer`: only where owner, attempt and state still hold.

Leases are measured by the clock of the database, and by the monotonic clock inside a worker: the simulated time of the demo
and a wrong clock of one machine change nothing about them.
"""

import time
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import connection

from rapport.messaging.models import Intent


class Terms(msgspec.Struct, frozen=True):
    """How long things may take. The socket gives up long before the lease, so that nobody else has begun by then."""

    chunk: int = 200
    lease_seconds: float = 60.0
    keep_seconds: float = 25.0  # of the lease; when they are gone the rest of the batch is given up
    fresh_seconds: float = 3.0  # how old a decision may be when the message goes
    socket_seconds: float = 15.0
    proven_seconds: float = 180.0  # after the lease: what the mailbox does not have by then, it will never get
    attempts: int = 5


HOUSE = Terms()


class Lease:
    """The monotonic side of a claim."""

    __slots__ = ("_claimed", "_decided", "terms")

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._claimed = self._decided = time.monotonic()

    def decided_now(self) -> None:
        self._decided = time.monotonic()

    def holds(self) -> bool:
        """Enough of the lease is left to begin."""
        return time.monotonic() - self._claimed < self.terms.keep_seconds

    def may_send(self) -> bool:
        """The lease holds, and the decision is fresh: a withdrawal is obeyed within seconds, also in the middle of a batch."""
        return self.holds() and time.monotonic() - self._decided < self.terms.fresh_seconds


_CLAIM = """
UPDATE messaging_intent
SET state = 'claimed', owner = %s, attempt = attempt + 1, begun_at = NULL,
    lease_until = clock_timestamp() + make_interval(secs => %s)
WHERE id = ANY(ARRAY(
    SELECT id FROM messaging_intent WHERE state = 'queued' AND due_at <= %s
    ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED
))
RETURNING *
"""
_HOLDS = "i.id = v.id AND i.owner = %s AND i.attempt = v.attempt AND i.state = 'claimed'"


def claim(*, owner: str, now: datetime, limit: int, terms: Terms) -> list[Intent]:
    """Take due intents. The caller commits before doing anything with them."""
    claimed = Intent.objects.raw(_CLAIM, [owner, terms.lease_seconds, now, limit])
    return sorted(claimed, key=lambda one: (one.due_at, one.pk))


def begin(*, owner: str, intents: Sequence[Intent], now: datetime) -> set[int]:
    """Note that sending starts. Returns the ids that are still ours; only these may be sent."""
    return _guarded(
        f"UPDATE messaging_intent i SET begun_at = %s FROM {_VALUES} WHERE {_HOLDS} RETURNING i.id",
        [now],
        owner,
        intents,
    )


def give_back(*, owner: str, intents: Sequence[Intent]) -> set[int]:
    """Surely not sent: back into the queue as if nothing had been."""
    return _guarded(
        "UPDATE messaging_intent i SET state = 'queued', owner = '', lease_until = NULL, begun_at = NULL, attempt = i.attempt - 1 "
        f"FROM {_VALUES} WHERE {_HOLDS} RETURNING i.id",
        [],
        owner,
        intents,
    )


def defer(*, owner: str, intents: Sequence[Intent], until: Sequence[datetime], count: bool) -> set[int]:
    """Not now: back into the queue with a later due time. `count` keeps the attempt, for carriers that refuse for a while."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_intent i SET state = 'queued', owner = '', lease_until = NULL, begun_at = NULL, due_at = v.until, "
            "attempt = i.attempt - %s "
            "FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[]) AS v(id, attempt, until) "
            f"WHERE {_HOLDS} RETURNING i.id",
            [0 if count else 1, [one.pk for one in intents], [one.attempt for one in intents], list(until), owner],
        )
        return {row[0] for row in cursor.fetchall()}


def settle(*, owner: str, intents: Sequence[Intent], state: str, now: datetime) -> set[int]:
    """The end of these intents: sent, failed, suppressed or unknown."""
    return _guarded(
        f"UPDATE messaging_intent i SET state = %s, settled_at = %s FROM {_VALUES} WHERE {_HOLDS} RETURNING i.id",
        [state, now],
        owner,
        intents,
    )


def settle_sent(
    *, owner: str, intents: Sequence[Intent], answers: Sequence[str], message_ids: Sequence[str], now: datetime
) -> set[int]:
    """Accepted by the carrier. Also where the reaper has already written unknown for this very attempt: this is the proof."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_intent i SET state = 'sent', settled_at = %s, provider_id = v.answer, message_id = v.message_id "
            "FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[]) AS v(id, attempt, answer, message_id) "
            "WHERE i.id = v.id AND i.owner = %s AND i.attempt = v.attempt AND i.state IN ('claimed', 'unknown') RETURNING i.id",
            [
                now,
                [one.pk for one in intents],
                [one.attempt for one in intents],
                list(answers),
                list(message_ids),
                owner,
            ],
        )
        return {row[0] for row in cursor.fetchall()}


_VALUES = "unnest(%s::bigint[], %s::int[]) AS v(id, attempt)"


def _guarded(sql: str, first: list, owner: str, intents: Sequence[Intent]) -> set[int]:
    if not intents:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(sql, [*first, [one.pk for one in intents], [one.attempt for one in intents], owner])
        return {row[0] for row in cursor.fetchall()}
