"""From JSON to nodes and back. What can't be read is refused with its place and a remedy, never guessed at."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from rapport.segments.language.nodes import GROUPS, VERSION, Capped, Definition, Group, Leaf, Node

DEEPEST, MOST, LONGEST = 40, 1_000, 2_000_000  # nesting, nodes, characters

_decoder = msgspec.json.Decoder(Definition)
_encoder = msgspec.json.Encoder(order="deterministic")


class Misformed(ValueError):
    """A definition that is not in the language. Says where, what is wrong, and what to write in its place."""

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        super().__init__(f"{place}: {problem}. {remedy}")
        self.place, self.problem, self.remedy = place, problem, remedy


def parse(written: str | bytes | dict[str, Any] | Definition) -> Node:
    """The node that a stored definition means. Raises Misformed."""
    if isinstance(written, Definition):
        return written.who
    text = written if isinstance(written, str | bytes) else json.dumps(written)
    if len(text) > LONGEST:
        raise Misformed("The definition", "it is too long", "Split it into several segments")
    try:
        node = _decoder.decode(text).who
    except msgspec.ValidationError as wrong:
        raise _explained(str(wrong)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Misformed(
            "The definition", "it is not readable JSON", 'Write {"version": 1, "who": {"is": "all", "of": []}}'
        ) from None
    check(node)
    return node


def check(node: Node) -> None:
    """Refuse what is nested too deep or has too many parts."""
    for parts, (path, one) in enumerate(walk(node), 1):
        if len(path) > DEEPEST:
            raise Misformed(
                place_of(path), f"groups are nested deeper than {DEEPEST}", "Use fewer groups inside groups"
            )
        if path and isinstance(one, Capped):
            raise Misformed(
                place_of(path),
                "only a whole segment can be capped",
                "Move the cap to the top, or name a capped segment here",
            )
        if parts > MOST:
            raise Misformed("The definition", f"it has more than {MOST} parts", "Split it into several segments")


def to_json(node: Node) -> str:
    """The stable written form: sorted keys, defaults left out, equal nodes give equal text."""
    return _encoder.encode(Definition(version=VERSION, who=node)).decode()


def to_dict(node: Node) -> dict[str, Any]:
    """The written form as plain values, for a JSON column."""
    return msgspec.to_builtins(Definition(version=VERSION, who=node))


def leaf_key(leaf: Node) -> str:
    """The text that names a leaf in caches."""
    return _encoder.encode(leaf).decode()


def schema() -> dict[str, Any]:
    """The JSON Schema of the language, as published in `segments/schema.json`."""
    made = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(Definition)))  # tuples of defaults become lists
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Rapport segment definition", **made}


def walk(node: Node, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Node]]:
    """Every node with its path from the root, parents first. Without recursion: depth is checked here."""
    waiting: list[tuple[tuple[int, ...], Node]] = [(path, node)]
    while waiting:
        where, one = waiting.pop()
        yield where, one
        if isinstance(one, GROUPS):
            waiting.extend((((*where, index), part)) for index, part in reversed(list(enumerate(one.of))))


def leaves(node: Node) -> list[Leaf]:
    """The criteria, without the groups."""
    return [one for _, one in walk(node) if not isinstance(one, GROUPS)]


def groups(node: Node) -> list[Group]:
    """The groups, without the criteria."""
    return [one for _, one in walk(node) if isinstance(one, GROUPS)]


def place_of(path: tuple[int, ...]) -> str:
    """A path in words, counted from one: "Part 2 › part 1"."""
    return " › ".join(f"part {index + 1}" for index in path).capitalize() or "The definition"


_REMEDIES = (
    (r"missing required field `(\w+)`", "Add “{0}”"),
    (r"contains unknown field `(\w+)`", "Remove “{0}” or look it up in the schema"),
    (r"Invalid value '(.*)'", "“{0}” is no word of the language; look it up in the schema"),
    (r"Invalid enum value (.*)", "{0} is not a choice; look it up in the schema"),
    (r"Expected `(.*)`, got `(.*)`", "Write a value of the kind {0}"),
    (r"matching regex", "Check for wrong characters"),
    (r"Expected `\w+` of length (.*)", "Give a list or text of length {0}"),
    (r"Expected `\w+` ([<>]= .*)", "Give a number {0}"),
)


def _explained(message: str) -> Misformed:
    problem, _, at = message.partition(" - at `")
    path = at.rstrip("`")
    steps = tuple(int(number) for number in re.findall(r"\.of\[(\d+)\]", path))
    field = re.sub(r"^\.", "", re.sub(r"^\$(\.who)?(\.of\[\d+\])*", "", path))
    place = place_of(steps) + (f", “{field}”" if field and field != "is" else "")
    for pattern, remedy in _REMEDIES:
        found = re.search(pattern, problem)
        if found:
            return Misformed(place, problem, remedy.format(*found.groups()))
    return Misformed(place, problem, "Correct this value")
