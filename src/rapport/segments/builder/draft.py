"""The unfinished definition: groups and criteria with the words that were typed. Travels as JSON in a hidden field.

It is read with the same strictness as a definition: known kinds and fields, bounded sizes, nothing else.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rapport.segments.builder import kinds
from rapport.segments.language import GROUPS, All, Any_, Misformed, Node, None_, place_of

Path = tuple[int, ...]
How = Literal["all", "any", "none"]
GROUP_OF: dict[str, type[All] | type[Any_] | type[None_]] = {"all": All, "any": Any_, "none": None_}
DEEPEST, LONGEST = 12, 400_000


class Criterion(msgspec.Struct, frozen=True, tag="criterion", forbid_unknown_fields=True):
    """One criterion as typed: a field holds one or several words."""

    kind: Annotated[str, Meta(max_length=20)]
    values: Annotated[
        dict[
            Annotated[str, Meta(max_length=20)],
            Annotated[tuple[Annotated[str, Meta(max_length=20_000)], ...], Meta(max_length=2_000)],
        ],
        Meta(max_length=20),
    ] = {}

    def first(self, name: str) -> str:
        values = self.values.get(name, ())
        return values[0] if values else ""


class Group(msgspec.Struct, frozen=True, tag="group", forbid_unknown_fields=True):
    """Parts that are joined in one way."""

    how: How = "all"
    of: Annotated[tuple["Group | Criterion", ...], Meta(max_length=200)] = ()


Part = Group | Criterion
_decoder = msgspec.json.Decoder(Group)
_encoder = msgspec.json.Encoder()


def read(text: str) -> Group:
    """The draft in a hidden field. Raises Misformed."""
    if not text:
        return Group()
    try:
        draft = _decoder.decode(text[: LONGEST + 1]) if len(text) <= LONGEST else None
    except (msgspec.DecodeError, RecursionError):
        draft = None
    if draft is None or any(
        len(path) > DEEPEST or (isinstance(part, Criterion) and part.kind not in kinds.KINDS)
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
    part = _part_of(node)
    return part if isinstance(part, Group) else Group("all", (part,))


def _part_of(node: Node) -> Part:
    if isinstance(node, GROUPS):
        how: How = "all" if isinstance(node, All) else "any" if isinstance(node, Any_) else "none"
        return Group(how, tuple(_part_of(one) for one in node.of))
    kind, values = kinds.typed(node)
    return Criterion(kind, {name: value for name, value in values.items() if value})


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
            if not found and path:
                return None
            nodes[path] = GROUP_OF[part.how](found) if found else All()
            return nodes[path]
        try:
            nodes[path] = kinds.node_of(part.kind, part.values)
        except kinds.Unfinished as missing:
            problems[path] = str(missing)
            return None
        return nodes[path]

    root = build(draft, ())
    return root or All(), nodes, problems


def where(path: Path) -> str:
    return place_of(path)
