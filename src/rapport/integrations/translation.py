"""What passes between the door and its translators: records in, our words out, and a reason for everything that stays behind.

A form of input (registry.FORMS) is two functions:
- `read(raw, landing) -> Iterator[Record | Problem]` takes the raw bytes apart. It never raises on bad content.
- `translate(records, desk) -> Translation` says them in our words. It is given only records that are new or changed.

A record's `key` names it for ever (`trust.sealing.source_key`) and `content` is the digest of what we understand of it: the
same key with the same content is a duplicate, and is not translated again.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from rapport.directory.queries import ServiceLines
from rapport.people.records import PersonRecord


@dataclass(slots=True)
class Record:
    """One thing that a landing holds. `told` is the decoded content for the translator; `kept` ones are only counted."""

    line: int
    kind: str
    key: uuid.UUID
    content: int
    raw: bytes
    told: Any
    refs: dict[str, tuple[str, str]] = field(default_factory=dict)
    kept: bool = False
    landing: Any = None


@dataclass(slots=True)
class Problem:
    """Why a record stays behind: where it stood, which field, what to do. `waits_for`: the key of what must arrive first.

    `mark`: what tells it from others where `raw` is not the whole record.
    """

    line: int
    reason: str
    raw: bytes = b""
    kind: str = ""
    path: str = ""
    remedy: str = ""
    waits_for: uuid.UUID | None = None
    landing: Any = None
    record: Record | None = None
    mark: bytes = b""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a record is about, in the source's words: ways to look her up, the key of her own record, and which field says so."""

    numbers: tuple[tuple[str, str], ...]
    key: uuid.UUID
    path: str = ""


@dataclass(slots=True)
class Said:
    """An event, a fact or a consent with the record it comes from. Subject and place are resolved by `take_in`.

    A translator that knows the person puts `person_id` into the event and leaves `subject` None. `codes`: all that the record has.
    """

    record: Record
    what: Any  # NewEvent, NewFact, or what a consent needs
    subject: Subject | None = None
    place: uuid.UUID | None = None
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Translation:
    """One batch in our words."""

    persons: list[tuple[Record, PersonRecord, uuid.UUID | None]] = field(default_factory=list)
    events: list[Said] = field(default_factory=list)
    facts: list[Said] = field(default_factory=list)
    consents: list[Said] = field(default_factory=list)
    directory: list[tuple[Record, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, record: Record, reason: str, *, path: str = "", remedy: str = "") -> None:
        """Leave a record behind."""
        self.problems.append(problem_of(record, reason, path=path, remedy=remedy))


@dataclass(frozen=True)
class Desk:
    """What a translator may know about the world."""

    source: str
    now: datetime
    lines: ServiceLines


def problem_of(
    record: Record, reason: str, *, path: str = "", remedy: str = "", waits_for: uuid.UUID | None = None
) -> Problem:
    return Problem(
        line=record.line, reason=reason, raw=record.raw, kind=record.kind, path=path, remedy=remedy, waits_for=waits_for,
        landing=record.landing, record=record,
    )  # fmt: skip


def content_of(told: Any) -> int:
    """The digest of what we understand of a record, as a signed 64-bit number."""
    raw = told if isinstance(told, bytes) else _packed.encode(told)
    return int.from_bytes(blake2b(raw, digest_size=8).digest(), "big", signed=True)


_packed = msgspec.msgpack.Encoder(order="deterministic")
Read = Iterator[Record | Problem]
Records = Sequence[Record]
