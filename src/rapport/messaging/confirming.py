"""The two texts we send because somebody wrote to us: that a stop was done (47 CFR 64.1200(a)(12)), and the answer to HELP.

- They go to the number that wrote, whatever other numbers the person has: `occurrence` names the contact point.
- A stop is confirmed once: not again while a confirmation to that number is younger than a day. HELP is answered again after a while.
- They are due at once. The policy lets exactly these through, and no confirmation that is older than five minutes.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from rapport.content import texting as content
from rapport.messaging import intents
from rapport.messaging.models import Intent
from rapport.trust.actors import System

Kind = Literal["stopped", "help"]
CAUSES = {"stopped": "confirmation", "help": "help"}  # the policy knows an answer by its cause
NOT_AGAIN_FOR = {"stopped": timedelta(hours=24), "help": timedelta(minutes=10)}
SLUGS = {"stopped": "sms-stopped", "help": "sms-help"}
BY = System("confirmations")


class Asked(msgspec.Struct, frozen=True):
    """Who wrote, by which contact point."""

    person_id: int
    point_id: int


def confirm(
    *, kind: Kind, asked: Sequence[Asked], cause_id: int, language: str, trace: uuid.UUID, now: datetime
) -> bool:
    """Queue the text, for one of those who share the number. False when one went there a short while ago, or nobody is known."""
    if not asked or since(kind=kind, asked=asked, after=now - NOT_AGAIN_FOR[kind]):
        return False
    one = min(asked, key=lambda each: each.person_id)
    slug = f"{SLUGS[kind]}-es" if language.startswith("es") else SLUGS[kind]
    version = content.starter(by=BY, slug=slug, now=now)
    intent = intents.NewIntent(
        cause=CAUSES[kind], cause_id=cause_id, person_id=one.person_id, occurrence=f"{kind}:{one.point_id}", channel=content.SMS,
        purpose="P1", topic="care", version_id=version.pk, due_at=now, trace=trace,
    )  # fmt: skip
    return intents.declare(rows=[intent], now=now) == 1


def since(*, kind: Kind, asked: Sequence[Asked], after: datetime) -> bool:
    """Whether such a text to this number was queued after that moment."""
    names = [f"{kind}:{one.point_id}" for one in asked]
    found = Intent.objects.filter(
        cause=CAUSES[kind], person_id__in=[one.person_id for one in asked], occurrence__in=names
    )
    return found.filter(created_at__gt=after).exists()


def point_of(intent: Intent) -> int | None:
    """The contact point a confirmation must go to; None for every other message."""
    if intent.cause not in CAUSES.values():
        return None
    number = intent.occurrence.partition(":")[2]
    return int(number) if number.isdigit() else None
