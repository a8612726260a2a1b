"""The rules in force, as rows: id, jurisdiction, effective dates, version, authority, parameters.

A change of law or of house policy is a new row in `rules/*.yaml`, never a change of code. `in_force(on)` gives the rows of a
day; the fingerprint of all rows stands on every receipt, and `consent.editions` keeps each edition, so that a decision can be
repeated years later.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from rapport.consent.rule_kinds import (
    KINDS,
    Cap,
    Confirmation,
    DataUse,
    Exemption,
    Gate,
    Health,
    Inducement,
    LifeEventRule,
    Marked,
    Minors,
    Purpose,
    StateHealth,
    Window,
)

FOLDER = Path(__file__).parent / "rules"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where libyaml came with the wheel
UNKNOWN_STATE = "US-UNKNOWN"
Kind = TypeVar("Kind", bound=Marked)


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
    parameters: dict[str, Any]
    authority_url: str = ""
    unverified: bool = False

    def is_in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the policy reads, for one day."""

    version: str
    on: date
    purposes: dict[str, Purpose]
    gates: dict[str, Gate]
    caps: tuple[Cap, ...]
    windows: tuple[Window, ...]
    data_use: dict[str, DataUse]
    state_health: tuple[StateHealth, ...]
    exemptions: tuple[Exemption, ...]
    inducements: tuple[Inducement, ...]
    life_events: dict[str, LifeEventRule]
    programmes: dict[str, Rule]
    health: tuple[Health, ...]
    minors: tuple[Minors, ...]
    confirmations: tuple[Confirmation, ...]
    chosen: dict[tuple, Any] = msgspec.field(default_factory=dict)  # what was picked for a channel and a state, kept

    def windows_for(self, channel: str, state: str, *, commercial: bool = True) -> tuple[Window, ...]:
        """The windows of a channel for somebody in that state; for an unknown state those of the strictest."""
        key = ("windows", channel, state, commercial)
        if key not in self.chosen:
            here = {"HOUSE", "US", f"US-{state}" if state else UNKNOWN_STATE}
            self.chosen[key] = tuple(
                one
                for one in self.windows
                if channel in one.channels and one.jurisdiction in here and (commercial or one.covers == "all")
            )
        return self.chosen[key]

    def caps_for(self, channel: str, states: tuple[str, ...]) -> tuple[Cap, ...]:
        key = ("caps", channel, *states)
        if key not in self.chosen:
            here = {"HOUSE", "US", *(f"US-{state}" for state in states if state)}
            self.chosen[key] = tuple(one for one in self.caps if channel in one.channels and one.jurisdiction in here)
        return self.chosen[key]


@lru_cache(maxsize=1)
def rows() -> tuple[Rule, ...]:
    """Every row of every file, past and future ones too."""
    found: list[Rule] = []
    for file in sorted(FOLDER.glob("*.yaml")):
        for row in yaml.load(file.read_bytes(), Loader=_LOADER):  # noqa: S506 - both loaders are the safe ones
            try:
                found.append(msgspec.convert(row, Rule))
            except msgspec.ValidationError as wrong:
                raise BrokenRule(f"{file.name}, {row.get('id')}: {wrong}") from None
    seen = [(one.id, one.version) for one in found]
    if len(seen) != len(set(seen)):
        twice = sorted({one for one in seen if seen.count(one) > 1})
        raise BrokenRule(f"Two rules share an id and version: {twice}")
    for one in found:
        _read(one)
    return tuple(found)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """The edition of the rules: a short digest over all rows."""
    return fingerprint_of(rows())


def fingerprint_of(many: Iterable[Rule]) -> str:
    text = b"\n".join(sorted(msgspec.json.encode(one, order="deterministic") for one in many))
    return f"rules-{hashlib.sha256(text).hexdigest()[:16]}"


@lru_cache(maxsize=1024)
def in_force(on: date) -> Rules:
    """The rules of one day (UTC)."""
    return build(rows(), on, fingerprint())


def build(many: Iterable[Rule], on: date, version: str) -> Rules:
    """The rules of a day from the rows of some edition."""
    valid = [one for one in many if one.is_in_force(on)]
    by_kind: dict[str, list[Any]] = {kind: [_read(one) for one in valid if one.kind == kind] for kind in KINDS}
    return Rules(
        version=version,
        on=on,
        purposes={one.purpose: one for one in by_kind["purpose"]},
        gates={one.gate: one for one in by_kind["gate"]},
        caps=tuple(by_kind["frequency"]),
        windows=tuple(by_kind["quiet_hours"]),
        data_use={one.data_class: one for one in by_kind["data_use"]},
        state_health=tuple(by_kind["state_health"]),
        exemptions=tuple(by_kind["exemption"]),
        inducements=tuple(by_kind["inducement"]),
        life_events={one.event: one for one in by_kind["life_event"]},
        programmes={one.parameters["programme"]: one for one in valid if one.kind == "programme"},
        health=tuple(by_kind["deliverability"]),
        minors=tuple(by_kind["minors"]),
        confirmations=tuple(by_kind["confirmation"]),
    )


def name_of(purpose: str, on: date) -> str:
    """What a purpose is called, in quotes; its code when it is none of ours."""
    known = in_force(on).purposes.get(purpose)
    return f"“{known.name}”" if known else f"“{purpose}”"


def _read(rule: Rule) -> Marked | None:
    """The row as what its kind means; None for kinds that other rooms read. Raises `BrokenRule`."""
    kind = KINDS.get(rule.kind)
    if kind is None:
        return None
    told = {
        "rule": rule.id,
        "version": rule.version,
        "jurisdiction": rule.jurisdiction,
        "authority": rule.authority,
        **{name: _time(value) if name in {"opens", "closes"} else value for name, value in rule.parameters.items()},
    }
    try:
        return msgspec.convert(told, kind)
    except msgspec.ValidationError as wrong:
        raise BrokenRule(f"{rule.id}: {wrong}") from None


def _time(value: Any) -> time:
    return time.fromisoformat(str(value))
