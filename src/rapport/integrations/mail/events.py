"""What became of a message, in one vocabulary for every provider and for bounces that come as mail."""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any, Literal, get_args

import msgspec
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailTrackingEvent

from rapport.integrations.mail import providers
from rapport.integrations.mail.bounces import rules
from rapport.integrations.mail.envelope import Envelope, request_of
from rapport.messaging import tracking
from rapport.people import contact
from rapport.trust import sealing

Kind = Literal[
    "queued", "sent", "delivered", "deferred", "bounced", "rejected", "failed", "complained", "unsubscribed", "subscribed", "opened",
    "clicked", "autoresponded", "unknown",
]  # fmt: skip
KINDS = frozenset(get_args(Kind))
PROVES = frozenset(
    {"sent", "delivered", "deferred", "bounced", "complained", "unsubscribed", "opened", "clicked", "autoresponded"}
)
_OURS = re.compile(r"\d{1,18}\.[0-9a-f]{16}@[A-Za-z0-9.-]{1,253}")


class MailEvent(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One thing that happened to one message at one address. `reason`: why it came back, in our words (bounces/reasons.yaml).

    `hard`: there is no use in writing to this address again. `key` names the event for ever. `address`: the keyed hash of the
    address we wrote to, where that is known and the report names another or none (a host that forwarded, one that hides it).
    """

    provider: str
    kind: Kind
    key: uuid.UUID
    recipient: str = ""
    at: datetime | None = None
    event_id: str = ""
    message_id: str = ""
    intent_id: int | None = None
    reject_reason: str = ""
    reason: str = ""
    hard: bool = False
    description: str = ""
    mta_response: str = ""
    user_agent: str = ""
    click_url: str = ""
    tags: tuple[str, ...] = ()
    metadata: dict[str, Any] = {}
    address: bytes = b""
    raw: bytes = b""

    @cached_property
    def digest(self) -> bytes | None:
        """The keyed hash of the address; None where there is none."""
        if self.address:
            return self.address
        point = contact.email(self.recipient)
        return point.digest() if point is not None and not point.problem else None


def tracked(envelope: Envelope, body: bytes) -> Iterator[MailEvent]:
    """The events of one report, in order. Raises what the library raises for a report it can't read."""
    for one in _parsed(envelope, body):
        if isinstance(one, AnymailTrackingEvent):
            yield of_provider(envelope.provider, one)


def inbound(envelope: Envelope, body: bytes) -> Iterator[AnymailInboundMessage]:
    """The messages of one report of mail to us."""
    for one in _parsed(envelope, body):
        message = getattr(one, "message", None)
        if isinstance(message, AnymailInboundMessage):
            yield message


def _parsed(envelope: Envelope, body: bytes) -> list[Any]:
    door = providers.DOORS[envelope.kind][envelope.provider]
    return list(door.opened("").parse_events(request_of(envelope, body)))


def of_provider(provider: str, one: AnymailTrackingEvent) -> MailEvent:
    """One event of the library in our words."""
    raw = _as_json(one.esp_event)
    kind: Kind = one.event_type if one.event_type in KINDS else "unknown"
    text = f"{one.mta_response or ''} {one.description or ''}"
    judged = rules.judge(text) if kind in {"bounced", "rejected"} else None
    named = str(one.event_id or "") or blake2b(raw, digest_size=16).hexdigest()
    return MailEvent(
        provider=provider,
        kind=kind,
        key=sealing.source_key("mail", provider, named, str(one.recipient or ""), kind),
        recipient=str(one.recipient or ""),
        at=one.timestamp,
        event_id=str(one.event_id or ""),
        message_id=str(one.message_id or ""),
        intent_id=_intent(one, raw),
        reject_reason=str(one.reject_reason or ""),
        reason=judged.reason if judged else "",
        hard=kind == "bounced" and _is_hard(provider, one.esp_event, judged),
        description=str(one.description or ""),
        mta_response=str(one.mta_response or ""),
        user_agent=str(one.user_agent or ""),
        click_url=str(one.click_url or ""),
        tags=tuple(str(tag) for tag in one.tags or ()),
        metadata=dict(one.metadata or {}),
        raw=raw,
    )


def intent_in(text: str) -> int | None:
    """The intent whose Message-ID stands anywhere in this text; it is signed, so that no other number is taken for one."""
    for found in _OURS.findall(text):
        intent = tracking.intent_of(f"<{found}>")
        if intent is not None:
            return intent
    return None


def _intent(one: AnymailTrackingEvent, raw: bytes) -> int | None:
    return intent_in(f"{(one.metadata or {}).get('rapport', '')} {one.message_id} {raw.decode('utf-8', 'replace')}")


def _as_json(told: Any) -> bytes:
    plain = dict(told.lists()) if hasattr(told, "lists") else told
    return msgspec.json.encode(plain, enc_hook=str, order="deterministic")


def _is_hard(provider: str, told: Any, judged: rules.Judged | None) -> bool:
    """What the provider says of it, where it says so; else what the words of the receiving host say."""
    said = HARD[provider](told) if provider in HARD and isinstance(told, Mapping) else None
    return judged.hard if said is None and judged is not None else bool(said)


def _word(told: Mapping[str, Any], path: str, hard: str, soft: str) -> bool | None:
    """True for a hard word at this place, False for a soft one, None for any other."""
    value: Any = told
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    word = str(value or "").lower()
    return True if word in hard.split() else False if word in soft.split() else None


def _by_words(path: str, hard: str, soft: str) -> Callable[[Mapping[str, Any]], bool | None]:
    return lambda told: _word(told, path, hard, soft)


def _mailjet(told: Mapping[str, Any]) -> bool | None:
    said = told.get("hard_bounce")
    return said if isinstance(said, bool) else None


HARD: dict[str, Callable[[Mapping[str, Any]], bool | None]] = {
    "amazon_ses": _by_words("bounce.bounceType", "permanent", "transient undetermined"),
    "brevo": _by_words("event", "hard_bounce invalid_email", "soft_bounce"),
    "mailersend": _by_words("type", "activity.hard_bounced", "activity.soft_bounced"),
    "mailgun": _by_words("event-data.severity", "permanent", "temporary"),
    "mailjet": _mailjet,
    "mailtrap": _by_words("event", "bounce", "soft_bounce"),
    "mandrill": _by_words("event", "hard_bounce", "soft_bounce"),
    "postmark": _by_words("Type", "hardbounce bademailaddress", "softbounce transient dnserror"),
    "resend": _by_words("data.bounce.type", "permanent", "transient undetermined"),
    "sendgrid": _by_words("type", "bounce", "blocked"),
    "sparkpost": _by_words("bounce_class", "10 30 90", "20 21 22 23 24 25 40 50 51 52 53 54 60 70 100"),
    "unisender_go": _by_words("status", "hard_bounced", "soft_bounced"),
}


def moment(event: MailEvent, received_at: datetime) -> datetime:
    """When it happened; when we heard of it where the report does not say, or says something that can't be."""
    if event.at is None:
        return received_at
    at = event.at if event.at.tzinfo else event.at.replace(tzinfo=UTC)
    return min(at, received_at)
