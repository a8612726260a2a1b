"""How far a wish to stop reaches on a given day: a rule (`rules/revocation.yaml`), read without a database."""

from datetime import date
from typing import Any

import msgspec

from rapport.consent import rules
from rapport.consent.wishes import Wish

EVERYTHING = "all"
UNNAMED = frozenset({"", EVERYTHING, "appointment"})


class NoRule(LookupError):
    """No rule about revocation is in force on this day."""


class Reach(msgspec.Struct, frozen=True):
    """What ends: topics and channels, by which rule; and what an answer to our question may keep."""

    topics: tuple[str, ...]
    channels: tuple[str, ...]
    narrow_to: tuple[str, ...]
    answer_within_days: int
    rule: str
    rule_version: int


def reach_of(wish: Wish, on: date) -> Reach:
    """A stop that names one kind of message ends that kind while the rule says so; every other stop ends everything, at once."""
    row = _row(on)
    told: dict[str, Any] = row.parameters
    names_a_family = wish.scope not in UNNAMED
    only_that = names_a_family and told["named"] == "family"
    return Reach(
        topics=(wish.scope,) if only_that else (EVERYTHING,),
        channels=tuple(told["channels"]),
        narrow_to=tuple(told["narrow_to"]),
        answer_within_days=told["answer_within_days"],
        rule=row.id,
        rule_version=row.version,
    )


def _row(on: date) -> rules.Rule:
    found = [one for one in rules.rows() if one.kind == "revocation" and one.is_in_force(on)]
    if not found:
        raise NoRule(f"no rule of the kind revocation on {on}")
    return max(found, key=lambda one: one.version)
