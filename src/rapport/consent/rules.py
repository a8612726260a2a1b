"""The rules in force, as rows: id, jurisdiction, effective dates, version, authority, parameters.

A change of law or of house policy is a new row in `rules/*.yaml`, never a change of code. `in_force(on)` gives the rows of a
day; the fingerprint of all rows stands on every receipt, so that a decision can be repeated years later.
"""

import hashlib
from datetime import date, time
from functools import lru_cache
from pathlib import Path

import msgspec
import yaml

FOLDER = Path(__file__).parent / "rules"


class BrokenRule(ValueError):
    """A row of the rules says something we can't read; the program must not start with it."""


class Rule(msgspec.Struct, frozen=True):
    """One row as it stands in the file, for the pages that show the rules in force."""

    id: str
    kind: str
    jurisdiction: str
    effective_from: date
    effective_to: date | None
    version: int
    authority: str
    parameters: dict

    def is_in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


class Purpose(msgspec.Struct, frozen=True):
    """What one purpose (P1 to P13) demands."""

    rule: str
    version: int
    purpose: str
    name: str
    authority: str
    topics: tuple[str, ...]
    marketing: str
    commercial: bool
    needs: str
    channels: tuple[str, ...]
    blocked: bool


class Cap(msgspec.Struct, frozen=True):
    """At most `messages` commercial messages in any `days` days."""

    rule: str
    version: int
    channels: tuple[str, ...]
    messages: int
    days: int
    wait_at_most_days: int


class Window(msgspec.Struct, frozen=True):
    """Local hours in which a channel may be used on some days of the week."""

    rule: str
    version: int
    jurisdiction: str
    channels: tuple[str, ...]
    days: frozenset[int]
    opens: time
    closes: time


class DataUse(msgspec.Struct, frozen=True):
    """For one class of data: purpose -> what must stand beside it; a purpose that is absent is refused."""

    rule: str
    version: int
    data_class: str
    words: str
    authority: str
    allowed: dict[str, str]


class Rules(msgspec.Struct, frozen=True):
    """Everything the policy reads, for one day."""

    version: str
    purposes: dict[str, Purpose]
    caps: tuple[Cap, ...]
    windows: tuple[Window, ...]
    data_use: dict[str, DataUse]

    def windows_for(self, channel: str, state: str) -> tuple[Window, ...]:
        here = {"HOUSE", "US", f"US-{state}"}
        return tuple(one for one in self.windows if channel in one.channels and one.jurisdiction in here)


@lru_cache(maxsize=1)
def rows() -> tuple[Rule, ...]:
    """Every row of every file, past and future ones too."""
    found: list[Rule] = []
    for file in sorted(FOLDER.glob("*.yaml")):
        for row in yaml.safe_load(file.read_text()):
            try:
                found.append(msgspec.convert(row, Rule))
            except msgspec.ValidationError as wrong:
                raise BrokenRule(f"{file.name}, {row.get('id')}: {wrong}") from None
    seen = [(one.id, one.version) for one in found]
    if len(seen) != len(set(seen)):
        raise BrokenRule("Two rules share an id and version.")
    return tuple(found)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """The edition of the rules: a short digest over all rows."""
    text = b"".join(file.read_bytes() for file in sorted(FOLDER.glob("*.yaml")))
    return f"rules-{hashlib.sha256(text).hexdigest()[:16]}"


@lru_cache(maxsize=64)
def in_force(on: date) -> Rules:
    """The rules of one day (UTC)."""
    valid = [one for one in rows() if one.is_in_force(on)]
    return Rules(
        version=fingerprint(),
        purposes={one.parameters["purpose"]: _purpose(one) for one in valid if one.kind == "purpose"},
        caps=tuple(_cap(one) for one in valid if one.kind == "frequency"),
        windows=tuple(_window(one) for one in valid if one.kind == "quiet_hours"),
        data_use={one.parameters["data_class"]: _data_use(one) for one in valid if one.kind == "data_use"},
    )


def name_of(purpose: str, on: date) -> str:
    """What a purpose is called, in quotes; its code when it is none of ours."""
    known = in_force(on).purposes.get(purpose)
    return f"“{known.name}”" if known else f"“{purpose}”"


def _purpose(rule: Rule) -> Purpose:
    given = rule.parameters
    return Purpose(
        rule=rule.id,
        version=rule.version,
        purpose=given["purpose"],
        name=given["name"],
        authority=rule.authority,
        topics=tuple(given["topics"]),
        marketing=given["marketing"],
        commercial=given["commercial"],
        needs=given["needs"],
        channels=tuple(given.get("channels", ())),
        blocked=given.get("blocked", False),
    )


def _cap(rule: Rule) -> Cap:
    given = rule.parameters
    return Cap(
        rule=rule.id,
        version=rule.version,
        channels=tuple(given["channels"]),
        messages=given["messages"],
        days=given["days"],
        wait_at_most_days=given["wait_at_most_days"],
    )


def _window(rule: Rule) -> Window:
    given = rule.parameters
    return Window(
        rule=rule.id,
        version=rule.version,
        jurisdiction=rule.jurisdiction,
        channels=tuple(given["channels"]),
        days=frozenset(given["days"]),
        opens=time.fromisoformat(given["opens"]),
        closes=time.fromisoformat(given["closes"]),
    )


def _data_use(rule: Rule) -> DataUse:
    given = rule.parameters
    return DataUse(
        rule=rule.id,
        version=rule.version,
        data_class=given["data_class"],
        words=given["words"],
        authority=rule.authority,
        allowed=dict(given["allowed"]),
    )
