"""Who sees a block: conditions over a closed list of facts about one person. Pure.

- All conditions of a block must hold. A block without one shows for everybody.
- What is not known answers no, also to "not": nobody is shown a block on a guess. A trait or a segment is always known: a person
  has it or has not.
- A condition over what somebody's health record says is use of that record. Its classes of data stand in `Version.fields` as
  `show:<class>`, and are judged with the merge fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import msgspec

Kind = Literal["language", "age", "sex", "location", "trait", "stage", "segment"]
GENERAL = "general"
FLAG = "show.c"  # show.c0, show.c1 ...: what a compiled letter asks
MARK = "show:"
FROM_RECORD = ("trait", "stage", "segment")


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question about a person.

    values: languages (en), sexes (F), ages ("50-64", "65-"), ids of locations or segments, texts of a trait or a stage.
    name: of the trait or pathway. data_classes: what class of data it reads; label: what people call the thing.
    """

    kind: Kind
    values: tuple[str, ...] = ()
    name: str = ""
    is_not: bool = False
    data_classes: tuple[str, ...] = ()
    label: str = ""


class Facts(msgspec.Struct, frozen=True):
    """What may decide about a block. `traits` by name, with their text; `segments` are ids."""

    language: str = ""
    age: int | None = None
    sex: str = ""
    location_id: int | None = None
    traits: Mapping[str, str] = {}
    segments: frozenset[int] = frozenset()


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the condition is true of this person."""
    found = _answer(condition, facts)
    return False if found is None else found is not condition.is_not


def shown(conditions: Sequence[Condition], facts: Facts) -> list[bool]:
    """The answer to each condition of a version, in order: what `render` takes."""
    return [holds(one, facts) for one in conditions]


def read(stored: Any) -> tuple[Condition, ...]:
    """The conditions that a version has frozen."""
    return msgspec.convert(stored or [], tuple[Condition, ...])


def classes_of(conditions: Iterable[Condition]) -> set[str]:
    """Every class of data that the conditions read."""
    found: set[str] = set()
    for one in conditions:
        if one.kind in FROM_RECORD:
            found |= set(one.data_classes) or {GENERAL}
    return found


def marks(conditions: Iterable[Condition]) -> set[str]:
    """The same as they stand in `Version.fields`."""
    return {MARK + one for one in classes_of(conditions)}


class Needed(msgspec.Struct, frozen=True):
    """What must be read of the people of a batch so that every condition can be answered."""

    traits: tuple[str, ...]
    segments: tuple[int, ...]
    ages: bool


def needed(conditions: Iterable[Condition]) -> Needed:
    """Asked once a batch, over all its versions."""
    every = list(conditions)
    return Needed(
        traits=tuple(sorted({one.name for one in every if one.kind in {"trait", "stage"}})),
        segments=tuple(sorted({int(value) for one in every if one.kind == "segment" for value in one.values})),
        ages=any(one.kind == "age" for one in every),
    )


def age_in(month: date | None, day: date) -> int | None:
    """Whole years of somebody of whom the month of birth is known."""
    return None if month is None else day.year - month.year - (day.month < month.month)


def _answer(condition: Condition, facts: Facts) -> bool | None:
    wanted = condition.values
    match condition.kind:
        case "language":
            return facts.language[:2] in wanted if facts.language else None
        case "sex":
            return facts.sex in wanted if facts.sex in {"F", "M", "O"} else None
        case "age":
            return None if facts.age is None else any(_between(facts.age, band) for band in wanted)
        case "location":
            return None if facts.location_id is None else str(facts.location_id) in wanted
        case "segment":
            return any(int(one) in facts.segments for one in wanted)
        case "trait" | "stage":
            text = facts.traits.get(condition.name)
            return text is not None and (not wanted or text in wanted)


def _between(age: int, band: str) -> bool:
    low, _, high = band.partition("-")
    return int(low or 0) <= age and (not high or age <= int(high))
