"""When something that repeats is due: an RRULE (RFC 5545) read in the clinic's own zone. Pure: no framework, no clock.

- An occurrence is a wall-clock time. Where the clocks go forward over it, it falls on the first instant that exists; where they
  go back and it comes twice, the first one counts. So each occurrence is one instant, and none is lost.
- Days and longer only: a clinic writes to nobody by the hour.
- A rule that never comes true ends within the horizon, not in the year 9999.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

SOME_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - a wall clock, to try a rule on
HORIZON = timedelta(days=366 * 6)
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "WKST"}
_SHAPE = re.compile(r"[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*")


class Misformed(ValueError):
    """A rule that can't be read, or that asks for something no campaign may do."""


def check(rule: str) -> str:
    """The rule as it is kept. Raises `Misformed` with what to write instead."""
    parts = read_parts(rule)
    if parts.get("FREQ") not in FREQUENCIES:
        raise Misformed("Say how often: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.")
    strange = sorted(set(parts) - KNOWN)
    if strange:
        raise Misformed(f"A campaign does not know {', '.join(strange)}.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise Misformed("Say COUNT or UNTIL, not both.")
    for name in ("INTERVAL", "COUNT"):
        if name in parts and not (parts[name].isdecimal() and 1 <= int(parts[name]) <= 1_000):
            raise Misformed(f"{name} is a number from 1 to 1000.")
    try:
        _read(rule, SOME_DAY, ZoneInfo("UTC"))
    except (ValueError, TypeError, KeyError) as broken:
        raise Misformed(f"This rule can't be read: {broken}") from None
    return rule.strip().upper()


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time: the first that exists when the clocks skip it, the earlier when it comes twice."""
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == wall:
        return early
    below, above = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), early  # the clocks change between these two
    before = below.astimezone(zone).utcoffset()
    while above - below > timedelta(seconds=1):
        middle = below + (above - below) // 2
        if middle.astimezone(zone).utcoffset() == before:
            below = middle
        else:
            above = middle
    return above.replace(microsecond=0)


def occurrences(rule: str, *, start: datetime, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """The instants strictly after `after`, in order, for some six years. `start` is the instant of the first."""
    wall = start.astimezone(zone).replace(tzinfo=None)
    latest = max(after, start).astimezone(zone).replace(tzinfo=None) + HORIZON
    read, count = _read(rule, wall, zone, latest)
    previous = after
    for one in islice(read, count):
        at = instant(one, zone)
        if at > previous:
            previous = at
            yield at


def read_parts(rule: str) -> dict[str, str]:
    text = rule.strip().upper().removeprefix("RRULE:")
    if not _SHAPE.fullmatch(text) or len(text) > 200:
        raise Misformed("A rule looks like FREQ=WEEKLY;BYDAY=TU.")
    pairs = [part.split("=", 1) for part in text.split(";")]
    if len({name for name, _ in pairs}) < len(pairs):
        raise Misformed("Each part of a rule stands once.")
    return {name: value for name, value in pairs}  # noqa: C416 - pairs are lists


def _read(rule: str, wall: datetime, zone: ZoneInfo, latest: datetime | None = None) -> tuple[rrule, int | None]:
    """The rule without its COUNT, ended at `latest`, and the COUNT: so that both an end and a number may hold."""
    parts = read_parts(rule)
    count = int(parts.pop("COUNT")) if "COUNT" in parts else None
    if "UNTIL" in parts and parts["UNTIL"].endswith("Z"):
        until = datetime.strptime(parts["UNTIL"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(zone)
        parts["UNTIL"] = f"{until:%Y%m%dT%H%M%S}"
    elif len(parts.get("UNTIL", "")) == 8:  # a day: through its end
        parts["UNTIL"] += "T235959"
    if latest is not None:
        parts["UNTIL"] = min(parts.get("UNTIL", "9"), f"{latest:%Y%m%dT%H%M%S}")
    read = rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=wall)
    assert isinstance(read, rrule)
    return read, count
