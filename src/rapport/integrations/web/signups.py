"""A stranger who confirmed a sign-up becomes a person with one statement: the form `signup` of the door."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from rapport.integrations import landing
from rapport.integrations.models import Landing
from rapport.integrations.translation import Desk, Problem, Record, Said, Subject, Translation, content_of
from rapport.people.records import PersonRecord
from rapport.trust import sealing

FORM, SOURCE = "signup", "signup"
SYSTEM = f"{SOURCE}:Signup"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a landing holds."""

    key: uuid.UUID
    at: datetime
    email: str
    channel: str
    topic: str
    text_version: str
    given: str = ""
    family: str = ""
    language: str = ""
    evidence: dict[str, Any] = {}


def land(told: dict[str, Any], now: datetime) -> Landing:
    """Through the one door in, like everything else; the worker takes it from there."""
    source = landing.source(slug=SOURCE, name="Newsletter page", kind="web", now=now)
    return landing.receive(
        source=source, raw=msgspec.json.encode(told), form=FORM, now=now, trace=uuid.UUID(told["key"])
    )


def read(raw: bytes, landing: Landing) -> Iterator[Record | Problem]:
    """One object a landing."""
    try:
        told = msgspec.json.decode(raw, type=Told)
    except (msgspec.ValidationError, msgspec.DecodeError) as wrong:
        yield Problem(1, f"This is no sign-up: {wrong}", raw, "", "", "Look at the field it names.")
        return
    yield Record(1, "signed_up", sealing.source_key(SOURCE, str(told.key)), content_of(raw), raw, told)


def translate(records: Sequence[Record], desk: Desk) -> Translation:
    """A person by address and name, and her yes."""
    out = Translation()
    for record in records:
        told: Told = record.told
        number = (SYSTEM, str(told.key))
        person = PersonRecord(
            identifiers=(number,), given=told.given, family=told.family, language=told.language, emails=(told.email,)
        )
        out.persons.append((record, person, None))
        yes = {
            "status": "granted", "at": told.at, "key": told.key, "channel": told.channel, "topic": told.topic, "via": "join",
            "text_version": told.text_version, "locale": told.language or "en", "evidence": told.evidence,
        }  # fmt: skip
        out.consents.append(Said(record, yes, Subject((number,), sealing.source_key(SOURCE, "Signup", str(told.key)))))
    return out
