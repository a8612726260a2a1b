"""One touch of a link, landed raw like everything that comes in; the patient's way on never depends on it."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from rapport.integrations import landing
from rapport.integrations.models import Landing
from rapport.messaging.models import Intent

FORM = "tracking"
SOURCE = "web"
Kind = Literal["message_opened", "message_clicked", "unsubscribed", "resubscribed", "booked"]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """What a landing of the form `tracking` holds."""

    kind: Kind
    person_id: int
    campaign_id: int | None
    intent_id: int
    at: datetime
    key: uuid.UUID
    link: int | None = None
    topic: str = ""


def land(*, kind: Kind, intent: Intent, now: datetime, link: int | None = None) -> Landing:
    """Write the touch into the door. Needs the rows of a system scope."""
    return land_many([(kind, intent, link, now)])[0]


def land_many(touches: Sequence[tuple[Kind, Intent, int | None, datetime]]) -> list[Landing]:
    """The same for many at once: kind, message, number of the link, moment."""
    if not touches:
        return []
    now = touches[-1][3]
    source = landing.source(slug=SOURCE, name="Links in messages", kind="web", now=now)
    raws = [(_raw(*one), one[3], one[1].trace) for one in touches]
    return landing.receive_many(source=source, form=FORM, raws=raws)


def _raw(kind: Kind, intent: Intent, link: int | None, at: datetime) -> bytes:
    hit = Hit(
        kind=kind,
        person_id=intent.person_id,
        campaign_id=intent.cause_id if intent.cause == "campaign" else None,
        intent_id=intent.pk,
        at=at,
        key=uuid.uuid4(),
        link=link,
        topic=intent.topic,
    )
    return msgspec.json.encode(hit)
