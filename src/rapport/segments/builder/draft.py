"""The unfinished definition: groups and criteria with the words that were typed. Travels as JSON in a hidden field.

It is read with the same strictness as a definition: known kinds and fields, bounded sizes, nothing else. Every definition has a
draft, and that draft finished is the same definition.
"""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rapport.segments.builder import kinds
from rapport.segments.language import (
    GROUPS,
    All,
    Any_,
    Capped,
    LivesWith,
    Misformed,
    Node,
    None_,
    leaf_key,
)  # fmt: skip

Path = tuple[int, ...]
How = Literal["all", "any", "none", "household"]
GROUP_OF: dict[How, type[All] | type[Any_] | type[None_] | type[LivesWith]] = {
    "all": All, "any": Any_, "none": None_, "household": LivesWith,
}  # fmt: skip
HOW_OF: dict[type, How] = {group: how for how, group in GROUP_OF.items()}
DEEPEST, LONGEST = 12, 800_000
BROADEST = 1_000


class Criterion(msgspec.Struct, frozen=True, tag="criterion", forbid_unknown_fields=True):
    """One criterion as typed: a field holds one or several words."""

    kind: Annotated[str, Meta(max_length=20)]
    values: Annotated[
        dict[
            Annotated[str, Meta(max_length=24)],
            Annotated[
                tuple[Annotated[str, Meta(max_length=kinds.LONGEST_WORD)], ...], Meta(max_length=kinds.MOST_WORDS)
            ],
        ],
        Meta(max_length=40),
    ] = {}

    def first(self, name: str) -> str:
        values = self.values.get(name, ())
        return values[0] if values else ""


class Group(msgspec.Struct, frozen=True, tag="group", forbid_unknown_fields=True, omit_defaults=True):
    """Parts that are joined in one way.

    The outermost may have a cap (`most`, drawn under `name`), and is `lone` when it was put around a single part for the screen:
    it is taken off again as long as nothing else stands in it.
    """

    how: How = "all"
    of: Annotated[tuple["Group | Criterion", ...], Meta(max_length=BROADEST)] = ()
    lone: bool = False
    most: Annotated[str, Meta(max_length=20)] = ""
    name: Annotated[str, Meta(max_length=80, pattern=r"^[^\x00-\x1f]*$")] = ""


Part = Group | Criterion
_decoder = msgspec.json.Decoder(Group)
_encoder = msgspec.json.Encoder()


def read(text: str) -> Group:
    """The draft in a hidden field. Raises Misformed."""
    if not text:
        return Group()
    try:
        draft = _decoder.decode(text) if len(text) <= LONGEST else None
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        draft = None
    if draft is None or any(
        len(path) > DEEPEST
        or (isinstance(part, Criterion) and part.kind not in kinds.KINDS and part.kind != kinds.KEPT)
        for path, part in walk(draft)
    ):
        raise Misformed("The form", "it can't be read", "Load the page again")
    return draft


def write(draft: Group) -> str:
    return _encoder.encode(draft).decode()


def walk(part: Part, path: Path = ()) -> Iterator[tuple[Path, Part]]:
    """Every part with its path, parents first."""
    yield path, part
    if isinstance(part, Group):
        for index, one in enumerate(part.of):
            yield from walk(one, (*path, index))


def of_node(node: Node) -> Group:
    """The draft of a finished definition. A lone criterion gets a group around it."""
    if isinstance(node, Capped):
        inner = of_node(node.of[0] if _is_one_group(node) else All(node.of))
        return msgspec.structs.replace(inner, most=str(node.most), name=node.name)
    part = _part_of(node, ())
    if isinstance(part, Group):
        return part
    return Group() if node == All() else Group("all", (part,), lone=True)


def _is_one_group(node: Capped) -> bool:
    """Whether what is capped is one group of another sort than `all`, which then is the outermost of the screen."""
    return len(node.of) == 1 and isinstance(node.of[0], Any_ | None_ | LivesWith) and bool(node.of[0].of)


def _part_of(node: Node, path: Path) -> Part:
    # An empty group means everybody or nobody; on the screen it would be one that is not finished yet.
    fits = isinstance(node, All | Any_ | None_ | LivesWith) and len(node.of) <= BROADEST and len(path) < DEEPEST - 1
    if fits and isinstance(node, GROUPS) and (node.of or isinstance(node, LivesWith)):
        parts = tuple(_part_of(one, (*path, index)) for index, one in enumerate(node.of))
        return Group(HOW_OF[type(node)], parts)
    return Criterion(*kinds.typed(node))


def finish(draft: Group) -> tuple[Node, dict[Path, Node], dict[Path, str]]:
    """The definition of what is complete, each complete part by its path in the draft, and what is missing elsewhere.

    An unfinished criterion is left out; so is a group of which nothing is left.
    """
    nodes: dict[Path, Node] = {}
    problems: dict[Path, str] = {}

    def build(part: Part, path: Path) -> Node | None:
        if isinstance(part, Group):
            built = [build(one, (*path, index)) for index, one in enumerate(part.of)]
            found = tuple(one for one in built if one is not None)
            if not found and (part.of or part.how != "household"):
                return None
            nodes[path] = GROUP_OF[part.how](found)
            return nodes[path]
        try:
            nodes[path] = kinds.node_of(part.kind, part.values)
        except kinds.Unfinished as missing:
            problems[path] = str(missing)
            return None
        return nodes[path]

    root = build(draft, ()) or All()
    if draft.lone and isinstance(root, All) and len(draft.of) == len(root.of) == 1:
        root = root.of[0]
    nodes[()] = root
    if draft.most:
        root = _capped(draft, root, problems)
    return root, nodes, problems


def _capped(draft: Group, root: Node, problems: dict[Path, str]) -> Node:
    """The whole with its cap. The draw is named once, after what it is drawn from, so that saving twice is the same."""
    if not draft.most.isascii() or not draft.most.isdecimal() or int(draft.most) > 100_000_000:
        problems[()] = "Write the highest number of people in digits, for example 500."
        return root
    of = root.of if isinstance(root, All) else (root,)
    name = draft.name or hashlib.sha256(leaf_key(root).encode()).hexdigest()[:12]
    return Capped(int(draft.most), name, of)
