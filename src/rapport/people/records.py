"""What other rooms hand to this one: plain frozen records, no database in them."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec


class PersonRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One person as one source tells it. The first identifier is the source's own name for the record.

    `birth_month` (first of the month) only matters when the day is not known.
    """

    identifiers: tuple[tuple[str, str], ...] = ()
    prefix: str = ""
    given: str = ""
    family: str = ""
    preferred: str = ""
    birth_date: date | None = None
    birth_month: date | None = None
    sex: str = "U"
    language: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    zip5: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[tuple[str, str], ...] = ()
    deceased_at: datetime | None = None
    home_location_id: int | None = None
    trace: uuid.UUID | None = None


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Who a record is. `person_id` is None when taking it would join two patients: then `reasons` say why, and it must wait."""

    person_id: int | None
    is_new: bool
    rule: str
    reasons: tuple[str, ...] = ()
    doubts: tuple[int, ...] = ()


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, to be written once: (source_key, at) is its name."""

    person_id: int
    kind: str
    at: datetime
    source: str
    source_key: uuid.UUID
    code_system: str = ""
    code: str = ""
    label: str = ""
    value: Decimal | float | int | None = None
    unit: str = ""
    data_class: str = "general"
    service_line_id: int | None = None
    location_id: int | None = None
    campaign_id: int | None = None
    detail: dict[str, Any] = {}
    trace: uuid.UUID | None = None


class NewFact(msgspec.Struct, frozen=True, kw_only=True):
    """The state of something that lasts, as its source tells it now: `source_key` is its name."""

    person_id: int
    kind: str
    source_key: uuid.UUID
    code_system: str = ""
    code: str = ""
    label: str = ""
    status: str = ""
    data_class: str = "general"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    location_id: int | None = None
    service_line_id: int | None = None
    detail: dict[str, Any] = {}
