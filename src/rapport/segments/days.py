"""The day of a question and its windows. A question is asked as of a day in the clinic's zone; windows are whole days there.

Both engines start here only from `AsOf`: the reference engine turns every instant into a local day, the columnar one turns
days into instants (`first_instant`), so that each checks the other.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from rapport.segments.language.windows import Between, Calendar, Day, Last, Next, RelativeDay, Window

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
            return day_of(since, as_of), day_of(until, as_of) or as_of.day
        case Calendar(period, offset):
            first = start_of(shift(start_of(as_of.day, period), offset, period), period)
            return first, max(first, shift(first, 1, period) - timedelta(days=1))
    return None, as_of.day


def day_of(day: Day | None, as_of: AsOf) -> date | None:
    """The day that is meant on the day of the question."""
    if not isinstance(day, RelativeDay):
        return day
    moved = shift(as_of.day, day.shift, day.unit)
    return start_of(moved, day.start) if day.start else moved


def start_of(day: date, period: str) -> date:
    """The first day of the week (Monday), month, quarter or year that the day is in; held to the calendar."""
    firsts = {"month": (day.month, 1), "quarter": ((day.month - 1) // 3 * 3 + 1, 1), "year": (1, 1)}
    if period == "week":
        return FIRST + timedelta(days=max(0, (day - FIRST).days - day.weekday()))
    month, number = firsts[period]
    return max(FIRST, day.replace(month=month, day=number))


def shift(day: date, count: int, unit: str) -> date:
    """The day that many units on (or back); the end of the month when the day does not exist; held to the calendar."""
    try:
        step = {
            "day": relativedelta(days=count),
            "week": relativedelta(weeks=count),
            "month": relativedelta(months=count),
            "quarter": relativedelta(months=3 * count),
            "year": relativedelta(years=count),
        }
        return max(FIRST, min(LAST, day + step[unit]))
    except (OverflowError, ValueError):
        return LAST if count > 0 else FIRST


MOST_YEARS = 50  # how far back an anniversary is looked for


def returns(first: date | None, last: date | None) -> list[tuple[date, date]]:
    """The spans of days whose first to fiftieth anniversary falls between two days. Open ends: every day."""
    if first is None or last is None:
        return [(FIRST, LAST)]
    return [(_returns_from(first, years), _returns_until(last, years)) for years in range(1, MOST_YEARS + 1)]


def _returns_from(day: date, years: int) -> date:
    found = shift(day, -years, "year")
    return (
        shift(found, 1, "day") if shift(found, years, "year") < day else found
    )  # February 28 is too early for the 29th


def _returns_until(day: date, years: int) -> date:
    found = shift(day, -years, "year")
    after = shift(found, 1, "day")
    return after if shift(after, years, "year") <= day else found  # February 29 returns on the 28th


def months_between(first: date | None, last: date | None) -> frozenset[int]:
    """The months of the year (1 to 12) that a span of days touches. Open ends: all."""
    if first is None or last is None or (last - first).days >= 365:
        return frozenset(range(1, 13))
    if first > last:
        return frozenset()
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return frozenset(month % 12 + 1 for month in months)


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
