"""Who works on which intent, for how long. Every change names its owner and attempt, so that a sleeper who wakes up late changes nothing.

1. `claim`: queued -> claimed under a lease, committed at once.
2. `begin`: says durably "from here on it may have gone out". A claimed intent that never began has surely not been sent.
3. `settle`, `give_back`, `defer`: only where owner, attempt and state still hold.

Leases are measured by the clock of the database, and by the monotonic clock inside a worker: the simulated time of the demo
and a wrong clock of one machine change nothing about them.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from django.db import connection

from rapport.messaging.carried import Outgoing
from rapport.messaging.models import ALONE_AFTER, Intent


class Terms(msgspec.Struct, frozen=True):
    """How long things may take. The socket gives up long before the lease, so that nobody else has begun by then."""

    chunk: int = 200
    flight: int = 50  # messages that are on the wire, or noted as such, at once: what a killed worker leaves unknown
    lease_seconds: float = 60.0
    keep_seconds: float = 25.0  # of the lease; when they are gone the rest of the batch is given up
    fresh_seconds: float = 3.0  # how old a decision may be when the message goes
    socket_seconds: float = 15.0
    proven_seconds: float = 180.0  # after the lease: what the mailbox does not have by then, it will never get
    attempts: int = 5


HOUSE = Terms()


class Lease:
    """The monotonic side of a claim, and the moments at which its messages may go."""

    __slots__ = ("_claimed", "_decided", "_moments", "terms")

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._claimed = self._decided = time.monotonic()
        self._moments: dict[int, float] = {}

    def decided_now(self) -> None:
        self._decided = time.monotonic()

    def schedule(self, seconds: Mapping[int, float]) -> None:
        """Intent -> in how many seconds from now it may go."""
        now = time.monotonic()
        self._moments = {number: now + after for number, after in seconds.items()}

    def holds(self) -> bool:
        """Enough of the lease is left to begin."""
        return time.monotonic() - self._claimed < self.terms.keep_seconds

    def is_fresh(self) -> bool:
        """The lease holds, and the decision is fresh: a withdrawal is obeyed within seconds, also in the middle of a batch."""
        return self.holds() and time.monotonic() - self._decided < self.terms.fresh_seconds

    def __call__(self, message: Outgoing) -> bool:
        """Wait for the message's moment; False when there is no time left for it."""
        wait = self._moments.get(message.intent_id, 0.0) - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, self.terms.fresh_seconds))
        return self.is_fresh()

    def soon(self, message: Outgoing) -> bool:
        return self.is_fresh() and self._moments.get(message.intent_id, 0.0) <= time.monotonic()


_TAKE = """
UPDATE messaging_intent
SET state = 'claimed', owner = %(owner)s, attempt = attempt + 1, begun_at = NULL,
    lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
WHERE id = ANY(ARRAY(
    SELECT id FROM messaging_intent WHERE state = 'queued' AND channel = %(channel)s AND due_at <= %(now)s AND {more}
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
))
RETURNING *
"""
_CLAIM = _TAKE.format(more=f"lane = %(lane)s AND attempt < {ALONE_AFTER}")
_SUSPECT = _TAKE.format(more=f"lane = ANY(%(lanes)s) AND attempt >= {ALONE_AFTER}")
_HOLDS = "i.id = v.id AND i.owner = %s AND i.attempt = v.attempt AND i.state = 'claimed'"


def claim(
    *,
    owner: str,
    channel: str,
    lanes: Mapping[int, int | None],
    now: datetime,
    limit: int,
    terms: Terms,
    alone: bool = False,
) -> list[Intent]:
    """Take what is due in a channel, lane by lane; a lane fills the batch up to its number. `alone`: one that was tried often.

    The caller commits before doing anything with them.
    """
    asked = {"owner": owner, "channel": channel, "now": now, "seconds": terms.lease_seconds}
    if alone:
        return list(Intent.objects.raw(_SUSPECT, {**asked, "lanes": list(lanes), "limit": 1}))
    claimed: list[Intent] = []
    for lane, most in lanes.items():
        left = (limit if most is None else min(most, limit)) - len(claimed)
        if left > 0:
            found = Intent.objects.raw(_CLAIM, {**asked, "lane": lane, "limit": left})
            claimed += sorted(found, key=lambda one: (one.due_at, one.pk))
    return claimed


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
    if not intents:
        return set()
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
    """The end of these intents: sent, failed, suppressed, unknown or dead."""
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
