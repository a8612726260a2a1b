"""When a place can be booked: opening hours in, free slots out. Pure; times are local to the place, answers are instants.

- Weekdays 8:00 to 16:30, Saturdays 9:00 to 11:30, Sundays never; a slot every half hour, none over lunch at 12:00 and 12:30.
- Nothing on public holidays, nothing today: the front desk needs a night to prepare.
- Up to `AHEAD` open days are offered.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SLOT = timedelta(minutes=30)
AHEAD = 10
WEEKDAY = (time(8, 0), time(17, 0))
SATURDAY = (time(9, 0), time(12, 0))
LUNCH = {time(12, 0), time(12, 30)}
_FRIDAY, _SATURDAY = 4, 5


def hours(day: date, closed: Collection[date] = ()) -> tuple[time, time] | None:
    """First and last minute of this day, or None when the place stays shut."""
    if day in closed or day.weekday() > _SATURDAY:
        return None
    return SATURDAY if day.weekday() == _SATURDAY else WEEKDAY


def slots(day: date, zone: ZoneInfo, taken: Collection[datetime] = (), closed: Collection[date] = ()) -> list[datetime]:
    """Every free start of a visit on this day, as instants in UTC."""
    span = hours(day, closed)
    if span is None:
        return []
    start = datetime.combine(day, span[0])
    free: list[datetime] = []
    while start.time() < span[1]:
        instant = start.replace(tzinfo=zone).astimezone(UTC)
        if start.time() not in LUNCH and instant not in taken:
            free.append(instant)
        start += SLOT
    return free


def open_days(now: datetime, zone: ZoneInfo, closed: Collection[date] = ()) -> list[date]:
    """The next days that can be booked, from tomorrow on, in the place's own calendar."""
    day = now.astimezone(zone).date()
    found: list[date] = []
    while len(found) < AHEAD:
        day += timedelta(days=1)
        if hours(day, closed):
            found.append(day)
    return found


def office_holidays(year: int) -> set[date]:
    """Days on which offices in the US rest, with the observed day when one falls on a weekend."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 12, 25)]
    return {_observed(day) for day in fixed} | {
        _nth(year, 5, 0, -1),  # Memorial Day, last Monday of May
        _nth(year, 9, 0, 1),  # Labor Day, first Monday of September
        _nth(year, 11, 3, 4),  # Thanksgiving, fourth Thursday of November
    }


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    """The `which`-th such weekday of the month; -1 is the last."""
    days = [date(year, month, 1) + timedelta(days=i) for i in range(31)]
    return [day for day in days if day.month == month and day.weekday() == weekday][which - 1 if which > 0 else which]
