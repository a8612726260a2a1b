"""Where a piece is used. Rooms on higher floors say so themselves: they register a finder when they are set up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapport.content.models import Piece


@dataclass(frozen=True)
class Use:
    """A thing that says these words: a campaign, a journey. `version` is the number of the wording."""

    piece_id: int
    version: int
    what: str
    name: str
    href: str


Finder = Callable[[Sequence[int]], list[Use]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """`register(campaigns.queries.saying)`, once, in the room's AppConfig.ready. It takes ids of pieces, many at once."""
    if finder not in _finders:
        _finders.append(finder)


def used_in(pieces: Sequence[Piece]) -> dict[int, list[Use]]:
    """The uses of each piece, by its id; none is an empty list."""
    ids = [one.pk for one in pieces]
    found: dict[int, list[Use]] = {one: [] for one in ids}
    for finder in _finders:
        for use in finder(ids):
            found[use.piece_id].append(use)
    return found
