"""Which delicate kinds of knowledge a definition touches. A criterion is as delicate as the most delicate thing it can match.

Also where it asks for the absence of something: who has *no* such entry is told by the same knowledge. Codes are judged by the
sets of the consent room (`code_classes`), joined with what only this house knows (`Known`): codes of its own, names of drugs,
traits and service lines. Broad on purpose: a beginning that only may cover a protected code counts as touching it.
"""

from collections.abc import Mapping

import msgspec

from rapport.consent import code_classes
from rapport.segments.language.nodes import (
    AtLocation,
    CodeIs,
    Encountered,
    Happened,
    HasAppointment,
    HasCode,
    Leaf,
    LivesIn,
    Money,
    Node,
    Observed,
    Sequence,
    Step,
    TraitIs,
)  # fmt: skip
from rapport.segments.language.reading import leaves

GENERAL = "general"


class Known(msgspec.Struct, frozen=True):
    """What this house knows beyond the sets: (system, code) -> class, trait -> classes, service line -> class."""

    codes: Mapping[tuple[str, str], str] = {}
    traits: Mapping[str, frozenset[str]] = {}
    lines: Mapping[int, str] = {}


class Touch(msgspec.Struct, frozen=True, order=True):
    """A class that a definition may match, and the code, trait or service line by which it does."""

    data_class: str
    by: str


def touches(node: Node, known: Known | None = None) -> tuple[Touch, ...]:
    """Every class the criteria touch, general ones too, with what touches it. Sorted, each once."""
    found = {touch for leaf in leaves(node) for touch in _of_leaf(leaf, known or Known())}
    return tuple(sorted(found))


def classes_used(node: Node, known: Known | None = None) -> frozenset[str]:
    """The data classes beyond `general` that the criteria touch."""
    return frozenset(one.data_class for one in touches(node, known)) - {GENERAL}


def codes_of(leaf: Node | Step) -> tuple[CodeIs, ...]:
    """Every code that a criterion can match or except: who is left out for a code is told by the same knowledge."""
    match leaf:
        case HasCode() | Happened() | Step():
            return (*leaf.codes, *leaf.but_not)
        case Observed(codes):
            return codes
        case Sequence(first, then):
            return (*codes_of(first), *codes_of(then))
    return ()


def lines_of(leaf: Node | Step) -> tuple[int, ...]:
    """Every service line that a criterion asks for."""
    match leaf:
        case Encountered() | Happened() | Money() | HasAppointment() | Step():
            return leaf.service_lines
        case Sequence(first, then):
            return (*first.service_lines, *then.service_lines)
    return ()


def places_of(leaf: Node | Step) -> tuple[int, ...]:
    """Every location that a criterion names."""
    match leaf:
        case AtLocation(one_of):
            return one_of
        case LivesIn():
            return tuple(one.location for one in leaf.near)
        case Encountered() | Happened() | HasAppointment() | Step():
            return leaf.locations
        case Sequence(first, then):
            return (*first.locations, *then.locations)
    return ()


def campaigns_of(leaf: Node | Step) -> tuple[int, ...]:
    """Every campaign that a criterion names."""
    match leaf:
        case Happened() | Step():
            return leaf.campaigns
        case Sequence(first, then):
            return (*first.campaigns, *then.campaigns)
    return ()


def value_sets_of(leaf: Node | Step) -> tuple[str, ...]:
    """Every value set that a criterion names."""
    match leaf:
        case HasCode() | Happened() | Observed() | Step():
            return leaf.value_sets
        case Sequence(first, then):
            return (*first.value_sets, *then.value_sets)
    return ()


def _of_leaf(leaf: Leaf, known: Known) -> set[Touch]:
    found = {touch for asked in codes_of(leaf) for touch in _of_code(asked, known.codes)}
    if isinstance(leaf, TraitIs):
        names = [name for name in known.traits if name.startswith(leaf.name)] if leaf.begins else [leaf.name]
        found |= {Touch(one, name) for name in names for one in known.traits.get(name, {GENERAL})}
    found |= {Touch(known.lines[one], f"service line {one}") for one in lines_of(leaf) if one in known.lines}
    return found


def _of_code(asked: CodeIs, learned: Mapping[tuple[str, str], str]) -> set[Touch]:
    written = f"{asked.code}*" if asked.prefix else asked.code
    found = {Touch(GENERAL, written)}
    for one in code_classes.touched(asked.system, asked.code, by_beginning=asked.prefix):
        found.add(Touch(one.data_class, one.code if one.code == asked.code else f"{written} (with {one.code})"))
    for (system, code), data_class in learned.items():
        if system == asked.system and (code.startswith(asked.code) if asked.prefix else code == asked.code):
            found.add(Touch(data_class, written if code == asked.code else f"{written} (with {code})"))
    return found
