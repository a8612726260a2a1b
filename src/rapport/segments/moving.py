"""How a segment moves: sizes over time, and how many stays began and ended on each of the last days."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localtime

from rapport.segments import queries
from rapport.segments.membership import lists
from rapport.segments.membership import queries as membership
from rapport.segments.membership.queries import DayFlow
from rapport.segments.models import Segment, SegmentCount
from rapport.ui.formats import short_date

DAYS = 30


@dataclass(frozen=True)
class Moves:
    """What one reader may see. None: hidden, for few people stand behind it."""

    days: list[DayFlow]
    entered: int | None
    left: int | None
    sizes: list[SegmentCount]
    from_sheet: bool

    @staticmethod
    def short(at: date | datetime) -> str:
        """A day as it fits under a line of thirty."""
        day = localtime(at).date() if isinstance(at, datetime) else at
        return short_date(day)

    @property
    def stood_still(self) -> bool:
        return self.entered == 0 and self.left == 0


def of(segment: Segment, *, now: datetime, may_read_people: bool) -> Moves:
    """Single days have few people, so only who may open people sees them; others see sums, both or neither.

    One of two sums could be worked out from the other and the sizes.
    """
    days = membership.flow_of(segment, DAYS, now=now)
    entered, left = sum(one.entered for one in days), sum(one.left for one in days)
    sizes = queries.history(segment)
    if any(queries.is_small(one.people, may_read_people=may_read_people) for one in sizes):
        sizes = []
    shown = may_read_people or min(entered, left) >= queries.SMALLEST_SHOWN
    return Moves(
        days=days if may_read_people else [],
        entered=entered if shown else None,
        left=left if shown else None,
        sizes=sizes,
        from_sheet=segment.kind == Segment.Kind.LIST and lists.taken(segment) is not None,
    )
