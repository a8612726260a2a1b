"""What the carrier says became of a text of ours (the form `sms_status`). In one transaction, before it gets its answer:

1. It lands, raw and sealed. The same word about the same text again changes nothing.
2. An unknown text that something is told of went out.
3. A text that surely did not arrive is noted: the message takes its next way, if it has one (`messaging.returns`). A number that
   the carrier calls dead, or that told it to stop, is taken out of use (`messaging.numbers`).

Whose it is and which message it was says the address that the carrier calls; it is signed by us, and the request by the carrier.
Words on the way (queued, sending) say nothing yet and are left alone.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qs

import msgspec
from django.db import connection, transaction

from rapport.integrations import landing
from rapport.integrations.models import Landing, SeenRecord
from rapport.integrations.translation import Desk, Problem, Record, Said, Translation, content_of
from rapport.messaging import numbers, proofs, returns
from rapport.messaging.models import Intent
from rapport.people import contact
from rapport.people.records import NewEvent
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor

FORM, SOURCE = "sms_status", "sms"
Word = Literal["sent", "delivered", "undelivered", "failed"]
TIMELINE = {"delivered": "message_delivered", "undelivered": "message_bounced", "failed": "message_bounced"}


class Status(msgspec.Struct, frozen=True):
    """One word of the carrier. `word` is empty for what says nothing yet; `body`: the whole request, as it came."""

    sid: str
    to: str = ""
    word: Word | Literal[""] = ""
    code: str = ""
    body: str = ""

    @property
    def arrives(self) -> bool:
        return self.word not in {"undelivered", "failed"}


class Landed(Status, frozen=True, kw_only=True):
    """What a landing of this form holds."""

    intent_id: int
    person_id: int

    @property
    def digest(self) -> bytes | None:
        """The keyed hash of the number it went to."""
        point = contact.phone(self.to)
        return point.digest() if point is not None else None

    @property
    def key(self) -> uuid.UUID:
        return sealing.source_key("sms-status", str(self.intent_id), self.sid, self.word)


def status_of(raw: bytes) -> Status | None:
    """The word in a request; None when it names no text."""
    text = raw.decode("utf-8", "replace")
    form = {name: many[0] for name, many in parse_qs(text).items()}
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    said = (form.get("MessageStatus") or form.get("SmsStatus") or "").lower()
    if not sid or not said:
        return None
    word: Word | Literal[""] = msgspec.convert(said, Word) if said in TIMELINE or said == "sent" else ""
    return Status(sid[:64], form.get("To", "")[:40], word, form.get("ErrorCode", "")[:10], text)


@transaction.atomic
def hear(*, by: Actor, intent_id: int, told: Status, now: datetime) -> bool:
    """Act on one word about one of our texts. False for one that was heard before, or says nothing yet."""
    intent = Intent.objects.filter(pk=intent_id).first()
    if intent is None or not told.word:
        return False
    one = Landed(**msgspec.structs.asdict(told), intent_id=intent.pk, person_id=intent.person_id)
    name = sealing.source_key("heard", str(one.key))
    _one_at_a_time(name)
    if SeenRecord.objects.filter(key=name).exists():
        return False
    source = landing.source(slug=SOURCE, name="Text messages", kind="sms", now=now)
    landed = landing.receive(source=source, raw=msgspec.json.encode(one), form=FORM, now=now, trace=intent.trace)
    SeenRecord.objects.create(key=name, content=0, landing_id=landed.pk)
    proven = proofs.proven([intent.pk], now=now) if intent.channel == SOURCE else []
    back = 0
    if told.code == numbers.STOPPED:
        returns.end([intent.pk], now=now)
    elif not told.arrives:
        back = returns.note({intent.pk: now}, channel=SOURCE, now=now)
    if not told.arrives and one.digest is not None:
        evidence = {"landing": landed.pk, "code": told.code}
        numbers.give_up(by=by, failed={one.digest: told.code}, evidence=evidence, now=now)
    said = {"word": told.word, "code": told.code, "proven": len(proven), "came_back": back}
    audit.record(
        by=by, verb="sms.status", now=now, person=intent.person_id, thing=f"intent:{intent.pk}", details=said,
        trace=intent.trace,
    )  # fmt: skip
    return True


def _one_at_a_time(name: uuid.UUID) -> None:
    """The same word twice at once: the second waits, and finds it heard."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(name.bytes[:8], "big", signed=True)])


def read(raw: bytes, landing: Landing) -> Iterator[Record | Problem]:
    """One word a landing."""
    try:
        one = msgspec.json.decode(raw, type=Landed)
    except (msgspec.ValidationError, msgspec.DecodeError):
        yield Problem(1, "This is no word about a text message.", raw, FORM, "", "Look at the program that sent it.")
        return
    yield Record(1, one.word, one.key, content_of(raw), raw, one, kept=one.word not in TIMELINE)


def translate(records: Sequence[Record], desk: Desk) -> Translation:
    """One event for the person we wrote to. Of a reason only the carrier's number reaches the timeline."""
    said = Translation()
    known = Intent.objects.in_bulk([one.told.intent_id for one in records if not one.kept])
    for record in records:
        told: Landed = record.told
        intent = known.get(told.intent_id)
        if record.kept or intent is None:
            continue
        detail = {"channel": SOURCE, "intent": intent.pk, "topic": intent.topic}
        if not told.arrives:
            detail |= {"reason": told.code or told.word, "hard": told.code in numbers.GONE | numbers.NO_TEXTS}
        said.events.append(Said(record, _event(record, told, intent, detail)))
    return said


def _event(record: Record, told: Landed, intent: Intent, detail: dict[str, object]) -> NewEvent:
    return NewEvent(
        person_id=intent.person_id,
        kind=TIMELINE[told.word],
        at=record.landing.received_at,
        source=SOURCE,
        source_key=told.key,
        code_system="local",
        code=SOURCE,
        campaign_id=intent.cause_id if intent.cause == "campaign" else None,
        detail=detail,
        trace=intent.trace,
    )
