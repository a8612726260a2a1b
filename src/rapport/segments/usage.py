"""Where a segment is used. Rooms on higher floors say so themselves: they register a finder when they are set up."""

from collections.abc import Callable
from dataclasses import dataclass

from rapport.segments.models import Segment


@dataclass(frozen=True)
class Use:
    """A thing that names a segment: a campaign, a journey."""

    what: str
    name: str
    href: str


Finder = Callable[[Segment], list[Use]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """`register(campaigns.queries.using_segment)`, once, in the room's AppConfig.ready."""
    if finder not in _finders:
        _finders.append(finder)


def used_where(segment: Segment) -> list[Use]:
    return [use for finder in _finders for use in finder(segment)]
