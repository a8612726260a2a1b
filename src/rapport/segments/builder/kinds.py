"""The criteria of the builder: their fields, and the way between what was typed and a node of the language. Pure.

What a form can't show without losing something is kept as it is (`KEPT`): it may be moved and removed, and is never changed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from rapport.segments.builder import about, coded
from rapport.segments.builder.coded import STEP
from rapport.segments.builder.periods import HELD, TIMES, WINDOW, must_be_within, show_window
from rapport.segments.builder.typed import Shown, Typed, Unfinished, Values, texts
from rapport.segments.language import (
    Age,
    Anniversary,
    AtLocation,
    Bucket,
    Consented,
    Encountered,
    Happened,
    HasAppointment,
    HasCode,
    HouseholdSize,
    InSegment,
    Insured,
    IsKnown,
    KnownSince,
    LivesIn,
    Money,
    Node,
    Observed,
    Sequence,
    Sex,
    Speaks,
    TraitIs,
    Wishes,
)  # fmt: skip
from rapport.segments.language.nodes import Written

__all__ = ["KEPT", "KINDS", "PRESETS", "Kind", "Unfinished", "Values", "node_of", "pickers", "typed"]

KEPT = "kept"
LONGEST_WORD, MOST_WORDS = 20_000, 2_000  # of one field
PRESETS = {"gap": "gap.", "score": "score.", "pathway": "pathway.", "journey": "journey.", "persona": "persona"}


@dataclass(frozen=True)
class Kind:
    """A criterion: its fields, its node, and both directions. `pickers`: fields that are filled by buttons.

    `suits`: which nodes of this type it is for, where several kinds make the same node.
    """

    name: str
    fields: tuple[str, ...]
    node: type[Written]
    build: Callable[[Typed], dict[str, Any]]
    show: Callable[[Any], Shown]
    pickers: frozenset[str] = frozenset()
    suits: Callable[[Any], bool] = lambda node: True


def node_of(kind: str, values: Values) -> Node:
    """The node of a criterion. Raises Unfinished with what to do."""
    if kind == KEPT:
        return _kept(values)
    made = KINDS[kind]
    plain = made.build(Typed(values))
    try:
        return msgspec.convert({**plain, "is": made.node.__struct_config__.tag}, type=made.node, strict=False)  # type: ignore[return-value]
    except msgspec.ValidationError as wrong:
        problem, _, at = str(wrong).partition(" - at `$")
        field = re.match(r"\.([a-z_]+)", at)
        raise Unfinished(_REMEDIES.get(field[1] if field else "", problem)) from None


def typed(node: Node) -> tuple[str, Shown]:
    """The kind and the fields of a node: of the first kind that gives back exactly this node, else it is kept."""
    for kind in KINDS.values():
        if isinstance(node, kind.node) and kind.suits(node):
            shown = kind.show(node)
            if _fits(shown) and _gives(kind.name, shown, node):
                return kind.name, shown
    return KEPT, _parcel(node)


def pickers(kind: str) -> frozenset[str]:
    """The fields of a criterion that are filled by buttons and stand in no field of the form."""
    return KINDS[kind].pickers if kind in KINDS else frozenset({"json"})


def _gives(kind: str, shown: Shown, node: Node) -> bool:
    try:
        return node_of(kind, shown) == node
    except (Unfinished, OverflowError):
        return False


def _fits(shown: Shown) -> bool:
    return all(
        len(words) <= MOST_WORDS and all(len(word) <= LONGEST_WORD for word in words) for words in shown.values()
    )


def _parcel(node: Node) -> Shown:
    """A node as it is written, in pieces that a field may hold."""
    written = msgspec.json.encode(node).decode()
    return {"json": tuple(written[at : at + LONGEST_WORD] for at in range(0, len(written), LONGEST_WORD))}


def _kept(values: Values) -> Node:
    try:
        return _nodes.decode("".join(values.get("json", ())))
    except (msgspec.DecodeError, RecursionError):
        raise Unfinished("This criterion can't be read. Remove it.") from None


_nodes: msgspec.json.Decoder[Node] = msgspec.json.Decoder(Node)
_REMEDIES = {
    "zips": "Write ZIP codes of five digits, or their first three or four.",
    "states": "Write states as two capital letters, for example MA.",
    "counties": "Choose counties from the list.",
    "near": "Write from 0 to 500 miles.",
    "one_of": "Choose at least one.",
    "codes": "Choose at least one code: type a word and pick from the list.",
    "name": "Write a name of at most 80 letters.",
    "within": "Check the time: a whole number up to 10000, or a first day that is not after the last.",
    "within_days": "Write a whole number of days, at most 10000.",
    "held": "Check the number of days: the first must not be above the second.",
    "on": "Check the day.",
    "first": "Check the details of the first thing.",
    "then": "Check the details of the second thing.",
    "unit": "Write the unit as the laboratory does, in at most 30 letters.",
    "at_least": "Check the number.",
    "at_most": "Check the number.",
}


def _step(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{name}" for name in STEP)


def _codes(*names: str) -> frozenset[str]:
    return frozenset(names)


def _since(typed: Typed) -> dict[str, Any]:
    return must_be_within(typed, "last")


def _anniversary(typed: Typed) -> dict[str, Any]:
    return {"of": typed.word("of", "birth_month")} | must_be_within(typed, "calendar")


def _preset(name: str) -> Kind:
    prefix = PRESETS[name]
    build = about.preset(prefix)
    return Kind(
        name, ("name", "one_of", "at_least", "at_most", *HELD), TraitIs, build, about.show_preset, suits=lambda n: n.name.startswith(prefix)
    )  # fmt: skip


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("age", ("at_least", "at_most", "on_how", "on", "on_span", "on_unit", "on_period"), Age, about.age, about.show_age),
        Kind("sex", ("one_of",), Sex, about.some("one_of", "Choose at least one."), lambda n: texts(one_of=n.one_of)),
        Kind("speaks", ("one_of",), Speaks, about.some("one_of", "Choose at least one language."), lambda n: texts(one_of=n.one_of)),
        Kind("anniversary", ("of", *WINDOW), Anniversary, _anniversary, lambda n: texts(of=n.of) | show_window(n.within)),
        Kind("known_since", WINDOW, KnownSince, _since, lambda n: show_window(n.within)),
        Kind("household_size", ("at_least", "at_most"), HouseholdSize, about.household_size, about.show_range),
        Kind("is_known", ("what",), IsKnown, lambda t: {"what": t.word("what", "zip")}, lambda n: texts(what=n.what)),
        Kind("lives_in", ("zips", "states", "counties", "near", "miles"), LivesIn, about.lives_in, about.show_lives_in, _codes("counties")),
        Kind("at_location", ("one_of",), AtLocation, about.some("one_of", "Choose at least one place.", numbers=True),
             lambda n: texts(one_of=n.one_of)),
        Kind("has_code", ("kind", "codes", "but_not", "active", *HELD, *WINDOW), HasCode, coded.has_code, coded.show_has_code,
             _codes("codes", "but_not")),
        Kind("observed", ("codes", "which", *coded.LIMITS, "measure", *WINDOW), Observed, coded.observed, coded.show_observed,
             _codes("codes")),
        *(_preset(name) for name in PRESETS),
        Kind("encountered", (*TIMES, "service_lines", "locations", *WINDOW), Encountered, coded.visits, coded.show_visits),
        Kind("has_appointment", ("when", *TIMES, "statuses", "service_lines", "locations", *WINDOW), HasAppointment, coded.appointment,
             coded.show_appointment),
        Kind("happened", (*STEP, *TIMES, *WINDOW), Happened, coded.happened, coded.show_happened, _codes("codes", "but_not")),
        Kind("sequence", (*_step("first_"), "follows", "days", *_step("then_"), *WINDOW), Sequence, coded.sequence, coded.show_sequence,
             _codes("first_codes", "first_but_not", "then_codes", "then_but_not")),
        Kind("money", ("measure", "at_least", "at_most", "service_lines", *WINDOW), Money, coded.money, coded.show_money),
        Kind("insured", ("by",), Insured, lambda t: {"by": t.chosen("by")}, lambda n: texts(by=n.by)),
        Kind("consented", ("channel", "topic", "status", *HELD), Consented, about.consented, about.show_consented),
        Kind("wishes", ("one_of",), Wishes, about.some("one_of", "Choose at least one."), lambda n: texts(one_of=n.one_of)),
        Kind("in_segment", ("one_of", *HELD), InSegment, about.in_segment, about.show_in_segment),
        Kind("trait_is", ("name", "one_of", "at_least", "at_most", "begins", *HELD), TraitIs, about.trait, about.show_trait),
        Kind("bucket", ("share", "name", "start"), Bucket, about.bucket, about.show_bucket),
    )
}  # fmt: skip
