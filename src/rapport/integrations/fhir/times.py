"""FHIR dates and times: full, partial, with their zones. Says what is wrong with one in words that help to mend it."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

EARLIEST = 1900
_PATTERN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})?)?)?)?")


class NotADate(ValueError):
    """The text is no date or time that can be used. `remedy` says what to write instead."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


@lru_cache(maxsize=8192)
def instant(text: str) -> tuple[datetime, str]:
    """The instant in UTC and its precision: time, day, month or year.

    A day without a time is put at noon UTC, which is the same day in every zone of the United States; a month or year at the
    noon of its first day.
    """
    year, month, day, hour, minute, second, fraction, zone = _taken_apart(text)
    try:
        if hour is None:
            precision = "day" if day else "month" if month else "year"
            return datetime(int(year), int(month or 1), int(day or 1), 12, tzinfo=UTC), precision
        if zone is None:
            raise NotADate("the time has no time zone", "Add it, for example 2024-05-01T09:30:00-04:00.")
        leap = 1 if second == "60" else 0  # a leap second counts as the one after 59
        micro = int((fraction or "0")[:6].ljust(6, "0"))
        at = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second) - leap, micro, tzinfo=_offset(zone)
        )
        return (at + timedelta(seconds=leap)).astimezone(UTC), "time"
    except NotADate:
        raise
    except (ValueError, OverflowError):
        raise NotADate(
            "there is no such date or time", "Write a real one, for example 2024-05-01T09:30:00-04:00."
        ) from None


@lru_cache(maxsize=8192)
def day(text: str) -> tuple[date | None, date | None]:
    """A birth date as (date, month): a partial one has no date; a mere year has neither."""
    year, month, day_, hour, *_ = _taken_apart(text)
    if hour is not None:
        raise NotADate("a time stands where a date belongs", "Write the date alone, for example 1980-03-05.")
    try:
        first = date(int(year), int(month or 1), 1)
        if day_:
            return date(int(year), int(month), int(day_)), first
        return None, first if month else None
    except ValueError:
        raise NotADate("there is no such date", "Write a real date, for example 1980-03-05.") from None


def _taken_apart(text: str) -> tuple:
    found = _PATTERN.fullmatch(text.strip())
    if not found:
        raise NotADate("this is not a date", "Write it year first, for example 1980-03-05.")
    if found[1] == "0000" or found[2] == "00" or found[3] == "00":
        zeros = set(text.strip()) <= {"0", "-"}
        reason = f"{text.strip()} is no date" if zeros else "a year, month or day is zero"
        raise NotADate(reason, "Write the real date, or remove the field if it is not known.")
    if int(found[1]) < EARLIEST:
        raise NotADate(f"the year is before {EARLIEST}", "Correct the year, or remove the field if it is not known.")
    return found.groups()


@lru_cache(maxsize=64)
def _offset(zone: str) -> tzinfo:
    if zone == "Z":
        return UTC
    sign = -1 if zone[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])))
