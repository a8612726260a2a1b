"""Which words of the segment language a heap of definitions used: every node, every field, every choice of a small list of words.

What must be used is read off the types of the language, so that a new word fails the test until the strategies draw it.
"""

import types
import typing
from collections import Counter
from collections.abc import Iterator

import msgspec

from rapport.segments.language import GROUPS, LEAVES, nodes, walk, windows

# Names of something that stands elsewhere; `resolving` has tests of its own for them.
NAMES = {"value_sets", "counties", "near"}
# Long lists of which each word is treated alike.
ALIKE = {nodes.EventKind, nodes.ClinicalKind, nodes.Channel, nodes.Topic, nodes.Status, nodes.PayerClass}
PARTS = (
    nodes.Step, nodes.CodeIs, windows.Held, windows.RelativeDay, windows.Last, windows.Next, windows.Between, windows.Calendar,
)  # fmt: skip


def used(node: nodes.Node) -> Counter[str]:
    """Every word of the language that a definition uses, and how often."""
    found: Counter[str] = Counter()
    for path, one in walk(node):
        found.update(_used(one))
        found["nested three deep"] += len(path) >= 3
        found["an empty group"] += isinstance(one, GROUPS) and not one.of
    return found


def expected() -> set[str]:
    """Every word that has to be used."""
    found = {"nested three deep", "an empty group"}
    for kind in (*LEAVES, *GROUPS, *PARTS):
        found.add(kind.__name__)
        hints = typing.get_type_hints(kind)
        for one in msgspec.structs.fields(kind):
            if one.name not in NAMES and one.name != "of":
                found.add(f"{kind.__name__}.{one.name}")
            found |= {f"{kind.__name__}.{one.name} {word}" for word in _words(hints[one.name])}
    return found - {f"{one.__name__}.of" for one in GROUPS}


def _used(part: msgspec.Struct) -> Iterator[str]:
    name = type(part).__name__
    yield name
    for one in msgspec.structs.fields(part):
        value = getattr(part, one.name)
        if one.name == "of" and isinstance(part, GROUPS):
            continue
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, msgspec.Struct):
                yield from _used(each)
            elif isinstance(each, str):
                yield f"{name}.{one.name} {each}"
        if one.required or value != one.default:
            yield f"{name}.{one.name}"


def _words(hint) -> list[str]:
    """The words of a small list of choices, wherever it stands in the type."""
    if hint in ALIKE:
        return []
    if typing.get_origin(hint) is typing.Literal:
        return [word for word in typing.get_args(hint) if isinstance(word, str)]
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) in (tuple, typing.Union):
        return [word for part in typing.get_args(hint) for word in _words(part)]
    return []
