"""When a person may be reached: local windows, and the next instant at which all of them are open. Pure.

- The window of a day is what every applicable row leaves; a row that names other days only does not speak about this day.
- A start that falls into the gap of a clock change moves to the first instant after the gap.
- A start that exists twice is taken once, the first time.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.consent.rule_kinds import Window

DEFAULT_ZONE = "America/New_York"
LOOK_AHEAD_DAYS = 15


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """The zone of that name; the house's own when the name is missing or unknown."""
    try:
        return ZoneInfo(name or DEFAULT_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(DEFAULT_ZONE)


@lru_cache(maxsize=65536)
def next_open(windows: tuple[Window, ...], zone_name: str, at: datetime) -> datetime | None:
    """`at` itself when it lies in the window, else the next instant that does; None when no day ever opens."""
    if not windows:
        return at
    there = zone(zone_name)
    first = at.astimezone(there).date()
    for ahead in range(LOOK_AHEAD_DAYS):
        day = first + timedelta(days=ahead)
        opens, closes = _window_of(windows, day)
        if opens >= closes:
            continue
        start, end = instant(day, opens, there), instant(day, closes, there)
        if at < start < end:
            return start
        if start <= at < end:
            return at
    return None


@lru_cache(maxsize=65536)
def after_quiet(quiet_from: time, quiet_until: time, zone_name: str, at: datetime) -> datetime:
    """`at` itself outside somebody's own quiet hours, else the end of them. From 21:00 until 08:00 goes over midnight."""
    if quiet_from == quiet_until:
        return at
    there = zone(zone_name)
    local = at.astimezone(there)
    wall = local.time().replace(tzinfo=None)
    if quiet_from < quiet_until:
        return instant(local.date(), quiet_until, there) if quiet_from <= wall < quiet_until else at
    if wall >= quiet_from:
        return instant(local.date() + timedelta(days=1), quiet_until, there)
    return instant(local.date(), quiet_until, there) if wall < quiet_until else at


def instant(day: date, wall: time, there: ZoneInfo) -> datetime:
    """The instant at which a wall clock in `there` shows `wall` on `day`; after the gap where it never does."""
    local = datetime.combine(day, wall, tzinfo=there)
    exact = local.astimezone(UTC)
    if exact.astimezone(there).replace(tzinfo=None) == local.replace(tzinfo=None):
        return exact
    # The wall time is skipped. Both readings of it bracket the change; the change itself is the first valid instant.
    before, after = (local.replace(fold=fold).astimezone(UTC) for fold in (1, 0))
    low, high = min(before, after), max(before, after)
    offset = low.astimezone(there).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(there).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _window_of(windows: tuple[Window, ...], day: date) -> tuple[time, time]:
    here = [one for one in windows if day.weekday() in one.days]
    if not here:
        return time.max, time.min
    return max(one.opens for one in here), min(one.closes for one in here)
