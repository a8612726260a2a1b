"""How many people may be invited, so that never more come than can be seen. Pure: numbers in, a number with its reason out.

    room   = open visits of the coming weeks, less the visits still expected from invitations that are out
    people = room / (share of the invited who are expected to come), spread over the working days of these weeks

What was invited today already counts. With no precedent and nothing typed everybody is expected to come: an invitation without an
open visit behind it is a promise that the clinic can't keep.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

WEEKS = 4
WORKDAYS = 5


@dataclass(frozen=True)
class Week:
    """One week of a service line: how many visits it can take, and how many are taken."""

    slots: int
    taken: int

    @property
    def free(self) -> int:
        return max(self.slots - self.taken, 0)


@dataclass(frozen=True)
class Room:
    """What may still be invited. `rate` is the expected share who come; `workdays` are left in the weeks that were set."""

    free: int
    expected: float
    rate: float
    workdays: int
    invited_today: int = 0

    @property
    def in_all(self) -> int:
        """People who may be invited until these weeks are full."""
        return max(floor((self.free - self.expected) / self.rate + 1e-9), 0)

    @property
    def per_day(self) -> int:
        """The same, spread over the working days left; at least one while there is room for one."""
        whole = self.in_all + self.invited_today
        return max(whole // max(self.workdays, 1), min(whole, 1))

    @property
    def now(self) -> int:
        return max(min(self.per_day - self.invited_today, self.in_all), 0)


def room(weeks: Sequence[Week], *, invited: float, rate: float, workdays: int, invited_today: int) -> Room:
    """`invited`: people who have an invitation and have neither booked nor come."""
    return Room(sum(week.free for week in weeks), invited * rate, min(max(rate, 0.001), 1.0), workdays, invited_today)
