"""What the warehouse holds, as plain rows: the world that the reference engine looks at. One class a table, one field a column."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Profile:
    """One row a person: what stands open about him or her."""

    pseudonym: int
    birth_month: date | None = None
    sex: str = "U"
    language: str = "en"
    state: str = ""
    zip5: str = ""
    location_id: int | None = None
    deceased: bool = False
    known_since: datetime | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened."""

    id: int
    pseudonym: int
    kind: str
    at: datetime
    code_system: str = ""
    code: str = ""
    value: float | None = None
    service_line_id: int | None = None
    location_id: int | None = None
    campaign_id: int | None = None
    data_class: str = "general"
    unit: str | None = None


@dataclass(frozen=True)
class Fact:
    """The current state of something that lasts. Of a coverage `code` is the class of payer."""

    id: int
    pseudonym: int
    kind: str
    code_system: str = ""
    code: str = ""
    status: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    location_id: int | None = None
    service_line_id: int | None = None
    data_class: str = "general"


@dataclass(frozen=True)
class ConsentNow:
    """The newest statement of will about one channel and topic."""

    pseudonym: int
    channel: str
    topic: str
    status: str
    at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Trait:
    """What another room wrote on a person."""

    id: int
    pseudonym: int
    name: str
    text: str = ""
    number: float | None = None
    data_class: str = "general"
    at: datetime = EPOCH


@dataclass(frozen=True)
class Roof:
    """That somebody belongs to a household, from one day until another (that day no more)."""

    id: int
    pseudonym: int
    household_id: int
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class PreferenceNow:
    """How a person said last to be spoken to."""

    pseudonym: int
    at_most: int | None = None
    pause_until: date | None = None
    feeling: str = ""


@dataclass(frozen=True)
class Member:
    """A stay in a segment; open while `left_at` is."""

    id: int
    pseudonym: int
    segment_id: int
    entered_at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True)
class World:
    """All that the warehouse holds, as plain lists."""

    profiles: list[Profile] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    consents: list[ConsentNow] = field(default_factory=list)
    traits: list[Trait] = field(default_factory=list)
    roofs: list[Roof] = field(default_factory=list)
    preferences: list[PreferenceNow] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
