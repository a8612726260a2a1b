"""One touch of a link, landed raw like everything that comes in; the patient's way on never depends on it."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from rapport.integrations import landing
from rapport.integrations.models import Landing
from rapport.integrations.web import scanners
from rapport.messaging.models import Intent

FORM = "tracking"
SOURCE = "web"
Written = Literal["message_opened", "message_clicked", "message_scanned", "unsubscribed", "resubscribed", "booked"]
# What a door saw: `link_followed` is a click, of a person unless it was too quick; those behind it are surely of machines.
Kind = Written | Literal["link_followed", "picture_scanned", "link_scanned", "links_scanned", "trap_followed"]
# What a machine touched, and for how many seconds around it all touches of the message are a machine's.
SCANNED: dict[str, tuple[Literal["", "message_opened", "message_clicked"], int]] = {
    "picture_scanned": ("message_opened", 0),
    "link_scanned": ("message_clicked", 0),
    "links_scanned": ("message_clicked", 2),
    "trap_followed": ("", 60),
}


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """What a landing of the form `tracking` holds."""

    kind: Written
    person_id: int
    campaign_id: int | None
    intent_id: int
    at: datetime
    key: uuid.UUID
    link: int | None = None
    topic: str = ""
    of: str = ""
    around: int = 0


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


def _raw(seen: Kind, intent: Intent, link: int | None, at: datetime) -> bytes:
    if seen == "link_followed":
        seen = "link_scanned" if scanners.is_too_quick(intent, "message_clicked", at) else "message_clicked"
    of, around = SCANNED.get(seen, ("", 0))
    kind = msgspec.convert("message_scanned" if seen in SCANNED else seen, Written)
    hit = Hit(
        kind=kind,
        person_id=intent.person_id,
        campaign_id=intent.cause_id if intent.cause == "campaign" else None,
        intent_id=intent.pk,
        at=at,
        key=uuid.uuid4(),
        link=link,
        topic=intent.topic,
        of=of,
        around=around,
    )
    return msgspec.json.encode(hit)
