"""The form `inbound_sms`: the carrier's parameters as they came, and what of them stands on the timeline.

Of the words nothing reaches the timeline, only what kind of wish they were: free text names people and illnesses.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs

import msgspec

from rapport.consent import wishes
from rapport.integrations.models import Landing
from rapport.integrations.translation import Desk, Problem, Record, Said, Translation, content_of
from rapport.messaging.confirming import Asked
from rapport.people import contact
from rapport.people.models import ContactPoint
from rapport.people.records import NewEvent
from rapport.trust import sealing

FORM, SOURCE = "inbound_sms", "sms"
KIND = "message_received"


class Inbound(msgspec.Struct, frozen=True):
    """One text message. `opt_out`: what the carrier's own filter took it for, when it has one; it has then answered already."""

    sid: str
    sender: str
    body: str
    opt_out: str = ""

    @property
    def digest(self) -> bytes | None:
        """The keyed hash of the number it came from; None for something that is no number at all."""
        point = contact.phone(self.sender)
        return point.digest() if point is not None else None

    def wish(self) -> wishes.Wish:
        return wishes.read(self.opt_out or self.body)


def inbound(raw: bytes) -> Inbound | None:
    """The message in a request; None when it has no id or no sender."""
    form = {name: many[0] for name, many in parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True).items()}
    sid, sender = form.get("MessageSid") or form.get("SmsSid") or "", form.get("From", "")
    return Inbound(sid, sender, form.get("Body", ""), form.get("OptOutType", "")) if sid and sender else None


def asked_by(digest: bytes | None) -> list[Asked]:
    """Everybody who has this number, with the contact point by which they have it."""
    if digest is None:
        return []
    found = ContactPoint.objects.filter(kind="phone", digest=digest).order_by("person_id", "id")
    return [Asked(one.person_id, one.pk) for one in found.only("id", "person_id")]


def read(raw: bytes, landing: Landing) -> Iterator[Record | Problem]:
    """One message a landing."""
    message = inbound(raw)
    if message is None:
        yield Problem(
            1, "This is no text message: it has no id or no sender.", raw, KIND, "MessageSid", "Ask the carrier."
        )
        return
    yield Record(1, KIND, sealing.source_key(SOURCE, message.sid), content_of(raw), raw, message)


def translate(records: Sequence[Record], desk: Desk) -> Translation:
    """One event for each person who has the number; a stranger's message leaves none."""
    said = Translation()
    for record in records:
        message: Inbound = record.told
        wish = message.wish()
        for one in asked_by(message.digest):
            said.events.append(Said(record, _event(record, message, one.person_id, wish)))
    return said


def _event(record: Record, message: Inbound, person_id: int, wish: wishes.Wish) -> NewEvent:
    return NewEvent(
        person_id=person_id,
        kind=KIND,
        at=record.landing.received_at,
        source=SOURCE,
        source_key=sealing.source_key(SOURCE, message.sid, str(person_id)),
        code_system="local",
        code=SOURCE,
        detail={"channel": SOURCE, "wish": wish.kind, "rule": wish.rule},
        trace=record.landing.trace,
    )
