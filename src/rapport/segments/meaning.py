"""What a definition means in this house: its value sets, counties, distances and other segments put in their place."""

from rapport.directory import queries as directory
from rapport.directory.models import Location
from rapport.segments import value_sets
from rapport.segments.language import (
    Any_,
    CodeIs,
    County,
    InSegment,
    Misformed,
    Near,
    Node,
    leaves,
    names_segments,
    parse,
    resolved,
)
from rapport.segments.language.resolving import Unknown
from rapport.segments.models import Segment


class House:
    """Where names lead here. Segments are read once."""

    def __init__(self) -> None:
        self._segments: dict[int, Segment | None] = {}

    def value_set(self, slug: str) -> tuple[CodeIs, ...]:
        try:
            return value_sets.get(slug).codes
        except KeyError:
            raise Unknown(f"there is no set of codes “{slug}”") from None

    def county(self, county: County) -> tuple[str, ...]:
        found = directory.zips_of_county(county.state, county.name)
        if not found:
            raise Unknown(f"there is no county “{county.name}” in {county.state}")
        return found

    def near(self, near: Near) -> tuple[str, ...]:
        location = Location.objects.filter(pk=near.location).first()
        point = directory.location_point(location) if location else None
        if location is None:
            raise Unknown(f"there is no location {near.location}")
        if point is None:
            raise Unknown(f"nobody has said where “{location.name}” is: it has no point and no known ZIP code")
        return directory.zips_within(*point, near.miles)

    def definition(self, segment: int) -> Node | None:
        found = self.segment(segment)
        return None if found.kind == Segment.Kind.LIST else parse(found.definition)

    def segment(self, pk: int) -> Segment:
        """The segment of this number. Raises Unknown."""
        if pk not in self._segments:
            self._segments[pk] = Segment.objects.select_related("origin").filter(pk=pk).first()
        found = self._segments[pk]
        if found is None:
            raise Unknown(f"there is no segment {pk}")
        return found


def of(node: Node, house: House | None = None) -> Node:
    """The definition as the engines take it. Raises Misformed for a name that leads nowhere, or in a circle.

    With a `house` that is asked several times, each segment is read once.
    """
    return resolved(node, house or House())


def reaches(node: Node) -> frozenset[int]:
    """Every segment that the answer depends on: those it names, those these name, and so on. Raises Misformed."""
    house, waiting, found = House(), set(names_segments(node)), set[int]()
    while waiting:
        one = waiting.pop()
        found.add(one)
        try:
            meant = house.definition(one)
        except Unknown:
            continue
        waiting |= names_segments(meant) - found if meant else set()
    return frozenset(found)


def knowing(node: Node) -> Node:
    """Every criterion that had a part in choosing these people, as one tree: to be asked which knowledge was used, not to be run.

    Also what chose the people of a list, and of a segment whose stays are asked. Raises Misformed.
    """
    house, parts = House(), [of(node)]
    waiting, seen = [parts[0]], set[int]()
    while waiting:
        for leaf in leaves(waiting.pop()):
            for one in leaf.one_of if isinstance(leaf, InSegment) else ():
                if one not in seen:
                    seen.add(one)
                    behind = _behind(one, house)
                    parts += behind
                    waiting += behind
    return parts[0] if len(parts) == 1 else Any_(tuple(parts))


def _behind(segment: int, house: House) -> list[Node]:
    """What chose the people of a segment whose stays are asked. An imported list was chosen by hand."""
    try:
        found = house.segment(segment)
        if found.kind != Segment.Kind.LIST:
            return [of(parse(found.definition))]
        return [of(parse(found.origin.definition))] if found.origin else []
    except Unknown:
        return []
    except Misformed as wrong:
        raise Misformed(f"Segment {segment}", str(wrong), "Mend that segment first") from None
