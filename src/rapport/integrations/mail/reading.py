"""The form `mail_event`: the report of a provider as it came, and what of it stands on the timeline.

Of what a host answered only the kind of reason reaches the timeline: its words name people and addresses.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from anymail.exceptions import AnymailError
from django.core.exceptions import ImproperlyConfigured

from rapport.integrations.mail import sns
from rapport.integrations.mail.envelope import Envelope, unpack
from rapport.integrations.mail.events import MailEvent, moment, tracked
from rapport.integrations.models import Landing
from rapport.integrations.translation import Desk, Problem, Record, Said, Translation, content_of
from rapport.messaging.models import Intent
from rapport.people import reach
from rapport.people.records import NewEvent
from rapport.trust import sealing

SOURCE = "mail"
TIMELINE = {
    "delivered": "message_delivered",
    "deferred": "message_deferred",
    "bounced": "message_bounced",
    "rejected": "message_bounced",
    "failed": "message_bounced",
    "complained": "complained",
    "unsubscribed": "unsubscribed",
}
UNREADABLE = (AnymailError, ImproperlyConfigured, ValueError, LookupError, TypeError, AttributeError, AssertionError)
READ_AGAIN = "Ask the provider which version of its report this is."


def read(raw: bytes, landing: Landing) -> Iterator[Record | Problem]:
    """The events of one report."""
    try:
        envelope, body = unpack(raw)
        yield from _asked_to_confirm(envelope, body)
        for line, one in enumerate(tracked(envelope, body), 1):
            yield record_of(one, line)
    except UNREADABLE as wrong:
        yield Problem(
            1, f"This report can't be read ({type(wrong).__name__}).", raw[:4_000], "mail_event", "", READ_AGAIN
        )


def record_of(one: MailEvent, line: int = 1) -> Record:
    return Record(
        line, one.kind, one.key, content_of(f"{one.kind}:{one.recipient}"), one.raw, one, kept=one.kind not in TIMELINE
    )


def _asked_to_confirm(envelope: Envelope, body: bytes) -> Iterator[Problem]:
    """Amazon asks whether its messages are wanted; a person opens the address, or does not."""
    if envelope.provider != "amazon_ses":
        return
    asked = sns.message_of(body)
    if asked.Type == "SubscriptionConfirmation":
        yield Problem(
            1,
            "Amazon SNS asks to confirm a subscription to our topic.",
            body,
            "SubscriptionConfirmation",
            "SubscribeURL",
            "If you set this up, confirm it in the SNS console, or open the address in SubscribeURL.",
        )


def translate(records: Sequence[Record], desk: Desk) -> Translation:
    """One event for the person we wrote to; where the message is not ours to know, for everybody who has the address."""
    said = Translation()
    told: list[MailEvent] = [record.told for record in records]
    intents = Intent.objects.in_bulk([one.intent_id for one in told if one.intent_id])
    owners = reach.owners(kind="email", digests=[one.digest for one in told if one.digest is not None])
    for record in records:
        if record.kept:
            continue
        one: MailEvent = record.told
        intent = intents.get(one.intent_id or 0)
        people = [intent.person_id] if intent is not None else owners.get(one.digest or b"", [])
        for person_id in people:
            said.events.append(Said(record, _event(record, one, person_id, intent)))
    return said


def _event(record: Record, one: MailEvent, person_id: int, intent: Intent | None) -> NewEvent:
    received = record.landing.received_at
    detail: dict[str, Any] = {"channel": "email", "provider": one.provider}
    if intent is not None:
        detail |= {"intent": intent.pk, "topic": intent.topic}
    if TIMELINE[one.kind] == "message_bounced":
        detail |= {"reason": one.reason or one.reject_reason or one.kind, "hard": one.hard}
    return NewEvent(
        person_id=person_id,
        kind=TIMELINE[one.kind],
        at=moment(one, received),
        source=SOURCE,
        source_key=sealing.source_key(SOURCE, str(one.key), str(person_id)),
        code_system="local",
        code="email",
        campaign_id=intent.cause_id if intent is not None and intent.cause == "campaign" else None,
        detail=detail,
        trace=intent.trace if intent is not None else record.landing.trace,
    )
