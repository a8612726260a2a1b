"""The day of a question and its windows. A question is asked as of a day in the clinic's zone; windows are whole days there.

Both engines start here only from `AsOf`: the reference engine turns every instant into a local day, the columnar one turns
days into instants (`first_instant`), so that each checks the other.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from rapport.segments.language.nodes import Between, Last, Next, Window

FIRST, LAST = date(1, 1, 2), date(9998, 12, 31)


@dataclass(frozen=True)
class AsOf:
    """A calendar day and the zone it is a day of."""

    day: date
    zone: str = "America/New_York"

    @classmethod
    def at(cls, instant: datetime, zone: str = "America/New_York") -> "AsOf":
        """The day it is in this zone at this instant."""
        return cls(local_day(instant, zone), zone)


def local_day(instant: datetime, zone: str) -> date:
    """The calendar day in a zone. An instant without a zone is UTC."""
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(ZoneInfo(zone)).date()


def first_instant(day: date, zone: str) -> datetime:
    """The first instant of a local day, in UTC without zone mark, as the warehouse stores instants.

    Where midnight falls into a daylight-saving gap the day begins right after it; where midnight comes twice, at the first.
    """
    midnight = datetime.combine(day, time(0), ZoneInfo(zone))
    before = (midnight.astimezone(UTC) - timedelta(hours=3)).astimezone(UTC)
    found = midnight.replace(fold=0).astimezone(UTC)
    # A gap at midnight: the naive conversion lands on the day before or after the gap's end; step to the day's true start.
    if (
        found.astimezone(ZoneInfo(zone)).date() != day
        or (found - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == day
    ):
        found = _search(before, day, zone)
    return found.replace(tzinfo=None)


def _search(low: datetime, day: date, zone: str) -> datetime:
    high = low + timedelta(hours=8)
    while high - low > timedelta(microseconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(ZoneInfo(zone)).date() < day:
            low = middle
        else:
            high = middle
    return high


def days_of(window: Window | None, as_of: AsOf) -> tuple[date | None, date | None]:
    """The first and last day of a window, both included; None is open. Without a window: everything through today."""
    match window:
        case Last(count, unit):
            return shift(as_of.day, -count, unit), as_of.day
        case Next(count, unit):
            return as_of.day, shift(as_of.day, count, unit)
        case Between(since, until):
            return since, until or as_of.day
    return None, as_of.day


def shift(day: date, count: int, unit: str) -> date:
    """The day that many units on (or back); the end of the month when the day does not exist; held to the calendar."""
    try:
        step = {
            "day": relativedelta(days=count),
            "month": relativedelta(months=count),
            "year": relativedelta(years=count),
        }
        return max(FIRST, min(LAST, day + step[unit]))
    except (OverflowError, ValueError):
        return LAST if count > 0 else FIRST


def born_by(age: int, day: date) -> date:
    """The latest birth month (its first day) of those who have turned `age` on `day`, by the rule of the language.

    Age 0 is everybody born by the month of `day`; N is reached in the month after the birth month, N years on.
    """
    months = day.year * 12 + day.month - 1 - (age * 12 + 1 if age else 0)
    if months < 12:
        return date(1, 1, 1)
    return date(months // 12, months % 12 + 1, 1)


def age_on(birth_month: date, day: date) -> int | None:
    """Full years by the same rule; None before birth."""
    months = (day.year - birth_month.year) * 12 + day.month - birth_month.month
    if months < 0:
        return None
    return max(0, (months - 1) // 12)
