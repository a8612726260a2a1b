"""Days and windows of the segment language: absolute, seen from the day of the question, or from the calendar.

Pure data; what days they mean is worked out in `days`.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Span = Annotated[int, Meta(ge=0, le=10_000)]
Shift = Annotated[int, Meta(ge=-10_000, le=10_000)]
Unit = Literal["day", "week", "month", "quarter", "year"]
Period = Literal["week", "month", "quarter", "year"]


class Written(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How every part of the language is written down: frozen, tagged, nothing unknown."""


class RelativeDay(Written, frozen=True):
    """A day seen from the day of the question: so many units on (or back), then the first day of that week, month ..., if asked.

    `RelativeDay(shift=1, unit="month", start="month")` is the first day of next month. Weeks begin on Monday.
    """

    shift: Shift = 0
    unit: Unit = "day"
    start: Period | None = None


Day = date | RelativeDay


class Last(Written, frozen=True, tag="last", tag_field="window"):
    """From the day that many units before today, through today."""

    count: Span
    unit: Unit = "day"


class Next(Written, frozen=True, tag="next", tag_field="window"):
    """From today through the day that many units after it. For what is planned: appointments."""

    count: Span
    unit: Unit = "day"


class Between(Written, frozen=True, tag="between", tag_field="window"):
    """From the one day through the other, both included; an end left out is open (until: today)."""

    since: Day | None = None
    until: Day | None = None

    def __post_init__(self) -> None:
        if isinstance(self.since, date) and isinstance(self.until, date) and self.since > self.until:
            raise ValueError("The first day must not be after the last day")


class Calendar(Written, frozen=True, tag="calendar", tag_field="window"):
    """A whole week, month, quarter or year of the calendar: this one (0), the one before (-1), the next (1)."""

    period: Period
    offset: Annotated[int, Meta(ge=-1_000, le=1_000)] = 0


Window = Last | Next | Between | Calendar


class Held(Written, frozen=True):
    """Has been so for at least, or at most, that many whole days up to today."""

    at_least: Span | None = None
    at_most: Span | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError("Say for how many days: at least, at most, or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("The lower number of days must not be above the higher one")
