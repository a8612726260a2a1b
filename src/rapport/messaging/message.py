"""The message as the policy is told it: what the intent says, what its brief adds, the state of the words, carrier and sender.

One `Message` stands for all intents that are equal in these; a campaign of a million people makes one.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from rapport.consent import vendors
from rapport.consent.policy import CarrierFact, ContentFact, HealthFact, Message
from rapport.content import lint
from rapport.content.models import Version
from rapport.kit import http
from rapport.messaging.models import Brief, Intent, SenderDay
from rapport.messaging.sender_days import our_domain

ANSWERS = {"confirmation": "stop", "help": "help"}
HEALTH_GOES_BACK = timedelta(days=3)


class UnknownField(ValueError):
    """A brief says something that the policy has no ear for."""


# What a brief may say; the rest comes from the intent, the words and the carrier.
BRIEFED = frozenset(Message.__struct_fields__) - {
    "channel", "purpose", "topic", "cause", "answers", "remunerated", "content", "carrier", "health",
}  # fmt: skip


def brief(*, cause: str, cause_id: int, said: dict[str, Any], now: datetime, sender_name: str = "") -> Brief:
    """Write down what a cause says of its messages. Raises `UnknownField` before anything is sent on a misunderstanding."""
    check(said)
    return Brief.objects.create(cause=cause, cause_id=cause_id, said=said, sender_name=sender_name, created_at=now)


def check(said: dict[str, Any]) -> None:
    """Raises `UnknownField` for what the policy has no ear for, or hears as something else."""
    unknown = sorted(set(said) - BRIEFED)
    if unknown:
        raise UnknownField(f"A brief can't say {', '.join(unknown)}; it may say {', '.join(sorted(BRIEFED))}.")
    try:
        msgspec.convert({"channel": "", "purpose": "", "topic": "", **said}, Message)
    except msgspec.ValidationError as wrong:
        raise UnknownField(f"A brief says something that can't be meant: {wrong}") from None


def of_intents(intents: Sequence[Intent], now: datetime) -> list[Message]:
    """The message of each intent, in order; equal ones are one object."""
    versions = Version.objects.select_related("piece").in_bulk({one.version_id for one in intents})
    briefs = Brief.objects.in_bulk({one.brief_id for one in intents if one.brief_id})
    around = _Around(now)
    made: dict[tuple, Message] = {}
    found = []
    for one in intents:
        key = (
            one.channel,
            one.purpose,
            one.topic,
            one.cause,
            one.cause_id,
            one.remunerated,
            one.version_id,
            one.brief_id,
        )
        if key not in made:
            told = briefs[one.brief_id].said if one.brief_id else {}
            made[key] = around.message(
                channel=one.channel,
                purpose=one.purpose,
                topic=one.topic,
                cause=f"{one.cause}:{one.cause_id}",
                remunerated=one.remunerated,
                content=content_fact(versions[one.version_id], now),
                said=told,
            )
        found.append(made[key])
    return found


def planned(
    *,
    channel: str,
    purpose: str,
    topic: str,
    now: datetime,
    remunerated: bool = False,
    said: dict[str, Any] | None = None,
    version: Version | None = None,
    cause: str = "",
) -> Message:
    """The message of a plan: what a forecast asks about. Without a version the words count as approved: they are not there yet."""
    return _Around(now).message(
        channel=channel,
        purpose=purpose,
        topic=topic,
        cause=cause,
        remunerated=remunerated,
        content=content_fact(version, now) if version is not None else ContentFact(),
        said=said,
    )


def content_fact(version: Version, now: datetime) -> ContentFact:
    """The state of a wording by today's rules. `version.piece` should be joined in."""
    return ContentFact(
        approved=version.state == Version.State.PUBLISHED,
        expires_at=version.expires_at,
        problems=tuple(f"{one.message} [{one.rule}]" for one in lint.blocking(version, now)),
        translation=version.translation,
        written_by=version.written_by,
        has_ai_notice=version.has_ai_notice,
    )


def carrier(channel: str, on: date) -> CarrierFact:
    """Who carries a channel: our own embedded mailbox, or whom the settings name, under whatever agreement is on file."""
    if is_embedded(channel):
        return CarrierFact(name="the embedded mailbox", is_ours=True)
    carriers = vendors.carriers_of(channel, on)
    ends = [one.baa_until for one in carriers if one.baa_until is not None]
    return CarrierFact(
        name=", ".join(one.name for one in carriers),
        is_ours=bool(carriers) and all(one.is_ours for one in carriers),
        has_baa=vendors.cover(channel, carriers, on).ok,
        baa_until=min(ends, default=None),
    )


def is_embedded(channel: str) -> bool:
    """Whether a channel ends in this installation. Letters, calls by staff and the portal do; mail and texts by the settings."""
    if channel == "email":
        return not settings.MAIL_PROVIDER and http.is_loopback(settings.SMTP_HOST)
    if channel == "sms":
        url = getattr(settings, "SMS_URL", "")
        return not url or http.is_loopback(urlsplit(url).hostname or "")
    return channel != "push"


class _Around:
    """What does not depend on the person or the words, read once a batch."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.carriers: dict[str, CarrierFact] = {}
        self._health: HealthFact | None = None

    def message(
        self,
        *,
        channel: str,
        purpose: str,
        topic: str,
        cause: str = "",
        remunerated: bool = False,
        content: ContentFact | None = None,
        said: dict[str, Any] | None = None,
    ) -> Message:
        if channel not in self.carriers:
            self.carriers[channel] = carrier(channel, self.now.date())
        told = {
            "uses_patient_data": purpose != "P13",
            **(said or {}),
            "channel": channel,
            "purpose": purpose,
            "topic": topic,
            "cause": cause,
            "answers": ANSWERS.get(cause.partition(":")[0], ""),
            "remunerated": remunerated,
        }
        made = msgspec.convert(told, Message)
        health = self.health() if channel == "email" else HealthFact()
        return msgspec.structs.replace(
            made, content=content or ContentFact(), carrier=self.carriers[channel], health=health
        )

    def health(self) -> HealthFact:
        if self._health is None:
            self._health = sender_health(self.now)
        return self._health


def sender_health(now: datetime) -> HealthFact:
    """The last whole day that is known of our sender, if it is not too long ago."""
    today = now.date()
    latest = (
        SenderDay.objects.filter(sender=our_domain(), day__lt=today, day__gte=today - HEALTH_GOES_BACK)
        .order_by("-day")
        .first()
    )
    if latest is None or not latest.delivered:
        return HealthFact()
    return HealthFact(
        complaint_rate=round(latest.complaints / latest.delivered, 6), delivered=latest.delivered, day=latest.day
    )
