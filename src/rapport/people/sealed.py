"""The sealed fields of this room: which they are, and how they are written and opened. Nobody else opens them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from rapport.trust import sealing
from rapport.trust.sealing import DataKey

PERSON, IDENTIFIER, CONTACT = "people_person", "people_identifier", "people_contactpoint"
PERSON_FIELDS = ("prefix", "given", "family", "preferred", "birth_date", "street")


def text_of(value: str | date | None) -> str:
    """Dates are sealed as text, year first."""
    return value.isoformat() if isinstance(value, date) else value or ""


def seal(key: DataKey | None, value: str | date | None, *, table: str, column: str, row: int) -> bytes | None:
    """NULL for nothing, so that an empty field needs no key to be understood."""
    text = text_of(value)
    return sealing.seal(key, text, table=table, column=column, row=row) if text and key else None


def open_text(key: DataKey | None, blob: Any, *, table: str, column: str, row: int) -> str:
    """The field as text; empty when there is none or its key is destroyed."""
    if key is None or blob is None:
        return ""
    return sealing.unseal_text(key, blob, table=table, column=column, row=row)


def open_person(key: DataKey | None, row: Mapping[str, Any], fields: Iterable[str] = PERSON_FIELDS) -> dict[str, str]:
    """Some or all sealed fields of one person row."""
    return {
        field: open_text(key, row[field], table=PERSON, column=field, row=row["id"]) for field in fields if field in row
    }


def opened_date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
