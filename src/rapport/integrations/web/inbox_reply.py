"""The form `inbox_reply`: what a patient wrote back in the inbox. It lands, waits on the list of replies for somebody to read it, and of
its words nothing reaches the timeline."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from rapport.consent import wishes
from rapport.integrations import landing
from rapport.integrations.models import Landing, Reply
from rapport.integrations.translation import Desk, Problem, Record, Said, Translation, content_of
from rapport.people.records import NewEvent
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor

FORM, SOURCE = "inbox_reply", "portal"
KIND = "message_received"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What a landing of this form holds."""

    key: uuid.UUID
    person_id: int
    intent_id: int
    words: str


@transaction.atomic
def hear(*, by: Actor, person_id: int, intent_id: int, words: str, language: str, now: datetime) -> Reply:
    """Take one answer in. A wish to stop is not acted on here, where one may also choose in the preference centre: somebody looks."""
    written = Written(key=uuid.uuid4(), person_id=person_id, intent_id=intent_id, words=words)
    source = landing.source(slug=SOURCE, name="The patients’ inbox", kind="web", now=now)
    landed = landing.receive(source=source, raw=msgspec.json.encode(written), form=FORM, now=now)
    wish = wishes.read(words)
    reply = Reply.objects.create(
        landing=landed, key=written.key, channel=Reply.Channel.PORTAL, person_id=person_id, people=[person_id],
        kind=wish.kind, confidence=wish.confidence,
        rule=wish.rule, language=language[:8], needs_review=wish.review or wish.kind == "stop", received_at=now,
    )  # fmt: skip
    said = {"wish": wish.kind, "confidence": wish.confidence, "rule": wish.rule}
    audit.record(
        by=by, verb="inbox.hear", now=now, person=person_id, thing=f"reply:{reply.pk}", details=said, trace=landed.trace
    )
    return reply


def written(raw: bytes) -> Written | None:
    """What a landing holds; None for something else."""
    try:
        return msgspec.json.decode(raw, type=Written)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None


def read(raw: bytes, landing: Landing) -> Iterator[Record | Problem]:
    """One answer a landing."""
    told = written(raw)
    if told is None:
        yield Problem(1, "This is no answer from the inbox.", raw, KIND, "", "Look at the program that sent it.")
        return
    yield Record(1, KIND, sealing.source_key(SOURCE, str(told.key)), content_of(raw), raw, told)


def translate(records: Sequence[Record], desk: Desk) -> Translation:
    """One event an answer."""
    said = Translation()
    for record in records:
        told: Written = record.told
        wish = wishes.read(told.words)
        event = NewEvent(
            person_id=told.person_id,
            kind=KIND,
            at=record.landing.received_at,
            source=SOURCE,
            source_key=sealing.source_key(SOURCE, str(told.key)),
            code_system="local",
            code=SOURCE,
            detail={"channel": SOURCE, "wish": wish.kind, "rule": wish.rule, "intent": told.intent_id},
            trace=record.landing.trace,
        )
        said.events.append(Said(record, event))
    return said
