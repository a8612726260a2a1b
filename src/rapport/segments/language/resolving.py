"""What a definition names but does not say: value sets, counties, distances, other segments. Here it is put in their place.

An engine is asked only what is resolved; one that finds something unresolved refuses. The written form and the sentence keep
the names. A resolved tree has the nodes of the written one at the same paths, some with more below them.
"""

from collections.abc import Sequence as Listed
from typing import Protocol, TypeVar

import msgspec

from rapport.segments.language.nodes import (
    GROUPS,
    All,
    Any_,
    Capped,
    CodeIs,
    County,
    Happened,
    HasCode,
    InSegment,
    LivesIn,
    Near,
    Node,
    Observed,
    Sequence,
    Step,
)  # fmt: skip
from rapport.segments.language.reading import Misformed, check, leaves, place_of

DEEPEST = 20  # segments inside segments
Coded = TypeVar("Coded", HasCode, Happened, Observed, Step)


class Unresolved(TypeError):
    """An engine was asked something that `resolved` should have put in place before."""

    def __init__(self, node: object) -> None:
        super().__init__(f"{type(node).__name__} still holds a name; pass the definition through `resolved` first")


class Unknown(LookupError):
    """There is nothing of this name."""


class Lookups(Protocol):
    """Where the names lead. Each raises Unknown."""

    def value_set(self, slug: str) -> Listed[CodeIs]: ...
    def county(self, county: County) -> Listed[str]: ...
    def near(self, near: Near) -> Listed[str]: ...
    def definition(self, segment: int) -> Node | None:
        """What a segment means; None for a list, whose people stand in the record of stays."""


def resolved(node: Node, lookups: Lookups) -> Node:
    """The same question without names. Raises Misformed with the place for a name that leads nowhere, or in a circle."""
    found = _resolved(node, lookups, (), ())
    check(found)
    return found


def names_segments(node: Node) -> frozenset[int]:
    """The segments that a definition names itself."""
    return frozenset(one for leaf in leaves(node) if isinstance(leaf, InSegment) for one in leaf.one_of)


def _resolved(node: Node, lookups: Lookups, path: tuple[int, ...], inside: tuple[int, ...]) -> Node:
    if isinstance(node, GROUPS):
        # Inside another segment there is no place of ours: the criterion that names it is the place.
        parts = tuple(
            _resolved(part, lookups, path if inside else (*path, index), inside) for index, part in enumerate(node.of)
        )
        return msgspec.structs.replace(node, of=parts)
    try:
        return _leaf(node, lookups, path, inside)
    except Unknown as missing:
        raise Misformed(place_of(path), str(missing), "Choose another, or remove it") from None


def _leaf(node: Node, lookups: Lookups, path: tuple[int, ...], inside: tuple[int, ...]) -> Node:
    match node:
        case LivesIn(zips, states, counties, near) if counties or near:
            found = [one for county in counties for one in lookups.county(county)]
            found += [one for distance in near for one in lookups.near(distance)]
            every = tuple(dict.fromkeys([*zips, *found]))
            # A place without any ZIP code around it is nobody's home.
            return LivesIn(every, states) if every or states else Any_()
        case HasCode():
            return _coded(node, lookups)
        case Happened():
            return _coded(node, lookups)
        case Observed():
            return _coded(node, lookups)
        case Sequence(first, then):
            return msgspec.structs.replace(node, first=_coded(first, lookups), then=_coded(then, lookups))
        case InSegment(one_of, None):
            return _segments(one_of, lookups, path, inside)
    return node


def _coded(node: Coded, lookups: Lookups) -> Coded:
    if not node.value_sets:
        return node
    codes = [*node.codes, *(code for slug in node.value_sets for code in lookups.value_set(slug))]
    return msgspec.structs.replace(node, codes=tuple(dict.fromkeys(codes)), value_sets=())


def _segments(one_of: tuple[int, ...], lookups: Lookups, path: tuple[int, ...], inside: tuple[int, ...]) -> Node:
    """A live segment becomes its definition; a list, and a capped one, stays a question to the record of stays."""
    lists, parts = [], []
    for one in one_of:
        if one in inside:
            raise Misformed(place_of(path), "segments name each other in a circle", "Take one of them out")
        if len(inside) >= DEEPEST:
            raise Misformed(place_of(path), f"segments name each other over more than {DEEPEST} steps", "Write it out")
        meant = lookups.definition(one)
        if meant is None or isinstance(meant, Capped):
            lists.append(one)
        else:
            parts.append(_resolved(meant, lookups, path, (*inside, one)))
    if lists:
        parts.append(InSegment(tuple(lists)))
    return parts[0] if len(parts) == 1 and not isinstance(parts[0], GROUPS) else Any_(tuple(parts))


__all__ = ["All", "Lookups", "Unknown", "Unresolved", "names_segments", "resolved"]
