"""Whom a programme of care does not invite: who can't need it, and who has just had it. Pure; rows are `rules/programmes.yaml`."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from rapport.consent import rules as rulebook
from rapport.consent.codes import CodeSet
from rapport.consent.rules import Rule

Dated = tuple[str, str, date]


class Done(msgspec.Struct, frozen=True):
    """What makes an invitation needless, and for how many days."""

    words: str
    within_days: int
    codes: dict[str, tuple[str, ...]]


class Programme(msgspec.Struct, frozen=True):
    """The parameters of one row."""

    programme: str
    words: str
    excluded_by: dict[str, tuple[str, ...]] = {}
    excluded_by_all: tuple[dict[str, tuple[str, ...]], ...] = ()
    done: tuple[Done, ...] = ()


class _Ready(msgspec.Struct, frozen=True):
    """One programme with its sets built."""

    told: Programme
    never: CodeSet
    together: tuple[CodeSet, ...]
    done: tuple[tuple[Done, CodeSet], ...]


def programmes(on: date) -> dict[str, Rule]:
    """The programmes in force on a day, by their name."""
    return {
        one.parameters["programme"]: one for one in rulebook.rows() if one.kind == "programme" and one.is_in_force(on)
    }


def excluded(programme_row: Rule, codes: Iterable[Dated], on: date) -> str | None:
    """Why somebody with these (system, code, date) is not invited on that day; None when she is.

    What is dated after that day (an appointment still to come) excludes nobody.
    """
    ready = _ready(programme_row.id, programme_row.version, msgspec.json.encode(programme_row.parameters))
    known = [(system, code, at) for system, code, at in codes if at <= on]
    words = ready.told.words
    for system, code, at in known:
        if ready.never.find(system, code) is not None:
            return (
                f"Not invited to {words}: {code} of {at:%Y-%m-%d} makes it wrong for this person ({programme_row.id})."
            )
    if ready.together:
        parts = [next(((c, at) for s, c, at in known if one.find(s, c) is not None), None) for one in ready.together]
        if all(parts):
            said = " and ".join(part[0] for part in parts if part)
            return f"Not invited to {words}: {said} together make it wrong for this person ({programme_row.id})."
    for done, codeset in ready.done:
        since = on - timedelta(days=done.within_days)
        latest = max((at for s, c, at in known if at >= since and codeset.find(s, c) is not None), default=None)
        if latest is not None:
            return f"Not invited to {words}: {done.words} was on {latest:%Y-%m-%d}, not long ago ({programme_row.id})."
    return None


@lru_cache(maxsize=32)
def _ready(rule: str, version: int, parameters: bytes) -> _Ready:
    told = msgspec.json.decode(parameters, type=Programme)
    return _Ready(
        told,
        CodeSet.of(told.excluded_by),
        tuple(CodeSet.of(one) for one in told.excluded_by_all),
        tuple((one, CodeSet.of(one.codes)) for one in told.done),
    )


def codes_read(row: Rule) -> Mapping[str, list[str]]:
    """Every code a programme asks for, by system: what must be fetched about a person before it can be asked."""
    told = msgspec.convert(row.parameters, Programme)
    found: dict[str, set[str]] = {}
    for one in (told.excluded_by, *told.excluded_by_all, *(done.codes for done in told.done)):
        for system, codes in one.items():
            found.setdefault(system, set()).update(codes)
    return {system: sorted(codes) for system, codes in found.items()}
