"""The next channel: a message that can't go one way, or stays unanswered there, goes another, if its cause named others.

- It is the same intent with the same name: never in two channels at once. The channel changes, `others` shrinks, attempts begin anew,
  and every attempt leaves receipts of its own.
- Which ends lead on: failed and dead ones; of the suppressed those that a gate of that channel alone held back (`CHANNEL_GATES`);
  of the sent those that came back for good (`returns`), once. What is unknown may have arrived, and never leads on.
- Unanswered: a call that nobody took in all its tries or that nobody rang for a week; a message in the inbox unopened for some days.
- A way for which no words are published in the piece's family is passed over.

A turn reads what stands in the tables and changes it in one transaction: whoever dies in the middle leaves it to the next turn.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db import connection, transaction

from rapport.messaging import at_hand, failpoints, receipts, returns
from rapport.messaging.models import Intent
from rapport.trust import audit
from rapport.trust.actors import System

CHANNEL_GATES = frozenset({"contact", "consent", "suppression"})
NOT_PAUSED = "NOT EXISTS (SELECT FROM messaging_hold h WHERE h.cause = i.cause AND h.cause_id = i.cause_id)"
_ENDED = f"""
SELECT i.*, coalesce(r.gate, '') AS last_gate FROM messaging_intent i
LEFT JOIN LATERAL (
    SELECT gate FROM messaging_receipt
    WHERE intent_id = i.id AND i.state = 'suppressed' AND at >= i.settled_at - interval '1 hour' ORDER BY at DESC, id DESC LIMIT 1
) r ON true
WHERE NOT i.others = '[]'::jsonb AND i.state IN ('failed', 'suppressed', 'dead') AND {NOT_PAUSED}
ORDER BY i.id LIMIT %(limit)s FOR UPDATE OF i SKIP LOCKED
"""
# Asked first: to plan the question above over all months of receipts takes longer than to see that nothing ended.
_ANY_ENDED = """
SELECT EXISTS (
    SELECT FROM messaging_intent WHERE NOT others = '[]'::jsonb AND state IN ('failed', 'suppressed', 'dead')
)
"""
_UNANSWERED = f"""
SELECT i.*, 'unanswered' AS last_gate FROM messaging_intent i
WHERE i.id IN (
    SELECT intent_id FROM messaging_call WHERE state = 'unreached'
        OR (state = 'open' AND placed_at < %(called)s AND held_by_id IS NULL AND NOT is_promised)
    UNION ALL
    SELECT intent_id FROM messaging_portalmessage WHERE opened_at IS NULL AND closed_at IS NULL AND placed_at < %(opened)s
) AND NOT i.others = '[]'::jsonb AND i.state = 'sent' AND {NOT_PAUSED}
ORDER BY i.id LIMIT %(limit)s FOR UPDATE OF i SKIP LOCKED
"""
_CAME_BACK = f"""
SELECT i.*, 'came_back' AS last_gate FROM messaging_cameback r
JOIN messaging_intent i ON i.id = r.intent_id AND i.channel = r.channel
WHERE r.settled_at IS NULL AND NOT i.others = '[]'::jsonb AND i.state = 'sent' AND {NOT_PAUSED}
ORDER BY i.id LIMIT %(limit)s FOR UPDATE OF i SKIP LOCKED
"""
ELSEWHERE = {"unanswered": "nobody answered", "came_back": "it came back"}  # ends of what was sent that lead on
# The newest published words of each family, by channel, in the language and about the topic of the version that was meant.
_WORDS = """
SELECT DISTINCT ON (meant.id, piece.channel) meant.id, piece.channel, version.id
FROM content_version meant JOIN content_piece own ON own.id = meant.piece_id
JOIN content_piece piece
    ON piece.family = own.family AND own.family <> '' AND piece.language = own.language AND piece.topic = own.topic
JOIN content_version version ON version.piece_id = piece.id AND version.state = 'published'
WHERE meant.id = ANY(%s)
ORDER BY meant.id, piece.channel, version.number DESC
"""
_SWITCH = """
UPDATE messaging_intent i SET state = 'queued', channel = v.channel, others = v.others::jsonb, version_id = v.version,
    owner = '', lease_until = NULL, begun_at = NULL, attempt = 0, message_id = '', provider_id = '', settled_at = NULL, due_at = %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    AS v(id, state, was, channel, others, version)
WHERE i.id = v.id AND i.state = v.state AND i.channel = v.was RETURNING i.id
"""
_NO_MORE = "UPDATE messaging_intent SET others = '[]'::jsonb WHERE id = ANY(%s)"


class Way(msgspec.Struct, frozen=True):
    """The channel to take next, and those that are left after it."""

    channel: str
    rest: tuple[str, ...]


class Switched(msgspec.Struct, frozen=True):
    """What a turn did, in messages."""

    on: int = 0
    nowhere: int = 0


def leads_on(state: str, gate: str) -> bool:
    """Whether an end of this kind says only that this channel was the wrong one. Pure."""
    return state in {"failed", "dead"} or (state == "suppressed" and gate in CHANNEL_GATES) or gate in ELSEWHERE


def next_way(channel: str, others: Sequence[str], worded: Collection[str]) -> Way | None:
    """The first of the others for which there are words. Pure."""
    for number, other in enumerate(others):
        if other != channel and other in worded:
            return Way(other, tuple(others[number + 1 :]))
    return None


@transaction.atomic
def turn(*, now: datetime, limit: int = 1000) -> Switched:
    """Everything that ended, came back or stayed unanswered, and has another way, takes it at once."""
    waits = settings.UNANSWERED_DAYS
    asked = {
        "limit": limit,
        "called": now - timedelta(days=waits["call"]),
        "opened": now - timedelta(days=waits["portal"]),
    }
    back = list(Intent.objects.raw(_CAME_BACK, asked))
    known = {one.pk for one in back}
    ended = list(Intent.objects.raw(_ENDED, asked)) if _any_ended() else []
    found = back + [one for one in (*ended, *Intent.objects.raw(_UNANSWERED, asked)) if one.pk not in known]
    if not found:
        returns.settle(reached_ids=(), now=now)
        return Switched()
    reached = returns.reached([one.pk for one in back])
    worded = _words({one.version_id for one in found})
    ways: dict[int, Way] = {}
    for one in found:
        way = next_way(one.channel, one.others, worded[one.version_id])
        if way is not None and one.pk not in reached and leads_on(one.state, one.last_gate):  # type: ignore[attr-defined]  # a column of the query
            ways[one.pk] = way
    going = [one for one in found if one.pk in ways]
    done = _switch(going, ways, worded, now)
    failpoints.reach("before_switch")
    nowhere = [one.pk for one in found if one.pk not in done]
    with connection.cursor() as cursor:
        cursor.execute(_NO_MORE, [nowhere])
    returns.settle(reached_ids=reached, now=now)
    said = {"on": len(done), "nowhere": len(nowhere)}
    audit.record(
        by=System("switch"),
        verb="message.switch",
        now=now,
        people=sorted({one.person_id for one in found}),
        details=said,
    )
    return Switched(**said)


def _any_ended() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ANY_ENDED)
        row = cursor.fetchone()
    return bool(row and row[0])


def _switch(
    going: Sequence[Intent], ways: dict[int, Way], worded: dict[int, dict[str, int]], now: datetime
) -> set[int]:
    """Back into the queue, in the other channel, only where nobody else has moved them."""
    if not going:
        return set()
    values: list[list] = [[] for _ in range(6)]
    for one in going:
        way = ways[one.pk]
        row = (
            one.pk, one.state, one.channel, way.channel, msgspec.json.encode(way.rest).decode(),
            worded[one.version_id][way.channel],
        )  # fmt: skip
        for column, value in zip(values, row, strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_SWITCH, [now, *values])
        done = {row[0] for row in cursor.fetchall()}
    moved = [one for one in going if one.pk in done]
    for channel in sorted({ways[one.pk].channel for one in moved}):
        lay = [one.pk for one in moved if ways[one.pk].channel == channel and one.channel in at_hand.CHANNELS]
        at_hand.close(lay, reason=f"It goes on by {channel}.", now=now)
    told = [receipts.plain(one, "deferred", _why(one, ways[one.pk]), now) for one in moved]
    receipts.write(told)
    return done


def _why(intent: Intent, way: Way) -> str:
    gate = intent.last_gate  # type: ignore[attr-defined]  # a column of the query
    because = ELSEWHERE.get(gate, f"it could not go by {intent.channel}")
    return f"It goes on by {way.channel}: {because}."


def _words(version_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Version -> channel -> the version that says the same there."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, [list(version_ids)])
        for meant, channel, version in cursor.fetchall():
            found[meant][channel] = version
    return found
