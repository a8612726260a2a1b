"""Reading what was said, to whom, and why not."""

import email
from collections.abc import Sequence
from datetime import datetime
from email import policy as mime_policy

import msgspec
from django.db import connection, transaction

from rapport.messaging import deliver
from rapport.messaging import mailbox as box
from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.trust import audit
from rapport.trust.actors import Actor

PAGE = 50
STATES = ("sent", "queued", "held", "suppressed", "failed", "unknown", "dead", "stopped")

_LISTING = """
SELECT i.id, i.person_id, i.cause, i.cause_id, i.channel, i.state, i.due_at, i.settled_at, v.subject, p.name AS piece,
       r.outcome, r.gate, r.reason, r.at
FROM messaging_intent i
JOIN content_version v ON v.id = i.version_id JOIN content_piece p ON p.id = v.piece_id
LEFT JOIN LATERAL (
    SELECT outcome, gate, reason, at FROM messaging_receipt WHERE intent_id = i.id ORDER BY at DESC, id DESC LIMIT 1
) r ON true
WHERE (%(state)s = '' OR i.state = %(state)s OR (%(state)s = 'queued' AND i.state = 'claimed'))
  AND (%(gate)s = '' OR r.gate = %(gate)s) AND (%(cause_id)s = 0 OR i.cause_id = %(cause_id)s)
  AND (%(person_id)s = 0 OR i.person_id = %(person_id)s)
ORDER BY coalesce(i.settled_at, i.due_at) DESC, i.id DESC
LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNTS = """
SELECT CASE state WHEN 'claimed' THEN 'queued' ELSE state END, count(*) FROM messaging_intent GROUP BY 1
"""
_NEXT_DUE = """
SELECT min(first.due_at) FROM unnest(%s::text[]) AS c(channel), unnest(%s::int[]) AS l(lane), LATERAL (
    SELECT due_at FROM messaging_intent
    WHERE state = 'queued' AND channel = c.channel AND lane = l.lane ORDER BY due_at, id LIMIT 1
) AS first
"""
_GATES = """
SELECT r.gate, count(DISTINCT r.intent_id) FROM messaging_receipt r JOIN messaging_intent i ON i.id = r.intent_id
WHERE r.gate <> '' AND i.state IN ('suppressed', 'queued') GROUP BY 1 ORDER BY 2 DESC
"""


class Line(msgspec.Struct, frozen=True):
    """One message of the Outbox, with the last word on it."""

    id: int
    person_id: int
    cause: str
    cause_id: int
    channel: str
    state: str
    due_at: datetime
    settled_at: datetime | None
    subject: str
    piece: str
    outcome: str | None
    gate: str | None
    reason: str | None
    said_at: datetime | None


class Opened(msgspec.Struct, frozen=True):
    """A message as it arrived."""

    headers: list[tuple[str, str]]
    html: str
    text: str


def next_due_at() -> datetime | None:
    """When the next message is due that waits in the queue; in the past when it could not go yet. One look at each lane."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_DUE, [list(deliver.channels()), Intent.Lane.values])
        (found,) = cursor.fetchone()
    return found


def is_due(*, now: datetime) -> bool:
    """Whether a message waits whose time has come: the cheap question before the many of a send."""
    due_at = next_due_at()
    return due_at is not None and due_at <= now


def mailbox(
    *, state: str = "", gate: str = "", cause_id: int = 0, person_id: int = 0, page: int = 1, limit: int = PAGE
) -> list[Line]:
    """Messages, newest first; every state, or one, or those one gate held back."""
    asked: dict[str, str | int] = {
        "state": state,
        "gate": gate,
        "cause_id": cause_id,
        "person_id": person_id,
        "limit": limit,
        "offset": (page - 1) * limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LISTING, asked)
        return [Line(*row) for row in cursor.fetchall()]


def counts() -> dict[str, int]:
    """How many messages are in each state."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        return dict(cursor.fetchall())


def held_back() -> list[tuple[str, int]]:
    """Gate -> how many messages it holds back, most first."""
    with connection.cursor() as cursor:
        cursor.execute(_GATES)
        return cursor.fetchall()


def of_person(person_id: int, limit: int = PAGE) -> list[Line]:
    """What was said, or not, to one person."""
    return mailbox(person_id=person_id, limit=limit)


def receipts(intent_id: int) -> list[Receipt]:
    """Every decision about one message, oldest first."""
    return list(Receipt.objects.filter(intent_id=intent_id).order_by("at", "id"))


def items(intent_id: int) -> list[MailboxItem]:
    """What the embedded mailbox got for this message: one item, or there is something to look into."""
    return list(MailboxItem.objects.filter(intent_id=intent_id).order_by("id"))


@transaction.atomic
def opened(by: Actor, item_id: int, now: datetime) -> Opened:
    """Open a message as it arrived. The trail says who looked."""
    item = MailboxItem.objects.get(pk=item_id)
    audit.record(by=by, verb="message.open", now=now, person=item.person_id, thing=f"mailbox:{item_id}")
    return read(box.opened(item))


def read(raw: bytes) -> Opened:
    """The parts of a raw message."""
    letter = email.message_from_bytes(raw, policy=mime_policy.default)
    html, text = letter.get_body(("html",)), letter.get_body(("plain",))
    return Opened(
        headers=[(name, str(value)) for name, value in letter.items()],
        html=html.get_content() if html is not None else "",
        text=text.get_content() if text is not None else "",
    )


def in_queue(cause: str, cause_id: int) -> int:
    """How many messages of a cause have not gone yet."""
    return Intent.objects.filter(cause=cause, cause_id=cause_id, state__in=["queued", "claimed"]).count()


def by_ids(intent_ids: Sequence[int]) -> dict[int, Intent]:
    return Intent.objects.in_bulk(list(intent_ids))
