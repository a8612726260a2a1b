"""When to ring somebody again who did not pick up. Pure.

- Three times in all, no more.
- Never twice on one day, and never twice at the same hour: three hours later on the next day, then five hours earlier than that. What the
  law and the person say about hours is asked again at the moment of dialling, and may put it off further.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MOST_TRIES = 3
OTHER_HOUR = (timedelta(hours=3), timedelta(hours=-5))


def next_try(tries: int, last: datetime, zone: str) -> datetime | None:
    """The earliest moment of the next try after `tries` in vain; None when it was the last. By the wall clock of the person."""
    if tries >= MOST_TRIES:
        return None
    there = last.astimezone(ZoneInfo(zone))
    shift = OTHER_HOUR[tries - 1]
    wanted = there + shift
    if wanted.date() != there.date():
        wanted = there - shift
    return (wanted + timedelta(days=1)).astimezone(last.tzinfo)  # wall clock: a day with 23 hours keeps the hour
