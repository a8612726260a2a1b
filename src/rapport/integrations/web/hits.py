"""One touch of a link, landed raw like everything that comes in; the patient's way on never depends on it."""

import uuid
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
    hit = Hit(
        kind=kind,
        person_id=intent.person_id,
        campaign_id=intent.cause_id if intent.cause == "campaign" else None,
        intent_id=intent.pk,
        at=now,
        key=uuid.uuid4(),
        link=link,
        topic=intent.topic,
    )
    source = landing.source(slug=SOURCE, name="Links in messages", kind="web", now=now)
    return landing.receive(source=source, raw=msgspec.json.encode(hit), form=FORM, now=now, trace=intent.trace)
