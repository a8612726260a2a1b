"""How numbers, money, shares, intervals and local times read on a page.

- A missing value reads as an en dash, never as 0 and never as "None".
- A share is a fraction (0.123) and reads as 12.3%.
- An instant is shown in the current time zone, which the caller activates.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date, format_datetime, format_skeleton, format_time, format_timedelta
from babel.numbers import format_compact_decimal, format_currency, format_decimal
from babel.numbers import format_percent as babel_percent
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

MISSING = "–"
Number = int | float | Decimal


def _locale() -> str:
    """As it is written in the United States, in Spanish too: 12,345.6 and 4:30 PM."""
    return f"{(get_language() or 'en')[:2]}_US"


def format_count(value: Number | None, digits: int = 0) -> str:
    """12345 as 12,345."""
    if value is None:
        return MISSING
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, pattern, locale=_locale())


def format_short(value: Number | None) -> str:
    """12345 as 12K, for axes and tight places; the full figure must be near."""
    if value is None:
        return MISSING
    return format_compact_decimal(value, locale=_locale(), fraction_digits=0 if abs(float(value)) < 1000 else 1)


def format_money(value: Number | None, digits: int | None = None, currency: str = "USD") -> str:
    """$1,235 from a thousand up, $12.50 below it, unless `digits` decides."""
    if value is None:
        return MISSING
    if digits is None:
        digits = 0 if abs(float(value)) >= 1000 or value == 0 else 2
    pattern = "¤#,##0" + ("." + "0" * digits if digits else "")
    return format_currency(value, currency, f"{pattern};-{pattern}", locale=_locale(), currency_digits=False)


def format_cents(value: int | None, digits: int | None = None, currency: str = "USD") -> str:
    """Money kept as whole cents."""
    return MISSING if value is None else format_money(Decimal(value) / 100, digits, currency)


def format_percent(value: Number | None, digits: int = 1) -> str:
    """0.1234 as 12.3%."""
    if value is None:
        return MISSING
    return babel_percent(value, "#,##0" + ("." + "0" * digits if digits else "") + "%", locale=_locale())


_KINDS: dict[str, Callable[..., str]] = {
    "count": format_count,
    "money": format_money,
    "cents": format_cents,
    "percent": format_percent,
}


def format_value(value: Number | None, kind: str = "count", digits: int | None = None) -> str:
    """One number by kind: count, money, cents or percent."""
    return _KINDS[kind](value) if digits is None else _KINDS[kind](value, digits)


def format_interval(low: Number | None, high: Number | None, kind: str = "count", digits: int | None = None) -> str:
    """Both ends in words: "1.2% to 3.4%"; an open end says so."""
    if low is None and high is None:
        return MISSING
    if low is None:
        return _("up to %(high)s") % {"high": format_value(high, kind, digits)}
    if high is None:
        return _("%(low)s or more") % {"low": format_value(low, kind, digits)}
    return _("%(low)s to %(high)s") % {
        "low": format_value(low, kind, digits),
        "high": format_value(high, kind, digits),
    }


def _local(at: datetime) -> datetime:
    return timezone.localtime(at) if timezone.is_aware(at) else at


def local_date(at: date | datetime | None) -> str:
    """Nov 23, 2026."""
    if at is None:
        return MISSING
    return format_date(_local(at).date() if isinstance(at, datetime) else at, "medium", locale=_locale())


def short_date(day: date) -> str:
    """Nov 23, as it fits under a line of thirty."""
    return format_skeleton("MMMd", day, locale=_locale())


def month(day: date) -> str:
    """August 1968."""
    return format_skeleton("yMMMM", day, locale=_locale())


def weekday(day: date) -> str:
    """Mon."""
    return format_date(day, "EEE", locale=_locale())


def _undotted(hour: str) -> str:
    """Spanish “4:30 p.m.” as 4:30 PM, which may stand before a full stop."""
    return hour.replace("a.m.", "AM").replace("p.m.", "PM")


def local_time(at: datetime | None) -> str:
    """2:05 PM."""
    return MISSING if at is None else _undotted(format_time(_local(at).time(), "short", locale=_locale()))


def local_datetime(at: datetime | None) -> str:
    """Nov 23, 2026, 2:05 PM."""
    if at is None:
        return MISSING
    local = _local(at).replace(tzinfo=None)  # already local: Babel must not move it again
    said = format_datetime(local, "medium", locale=_locale()).replace(
        format_time(local, "medium", locale=_locale()), format_time(local, "short", locale=_locale())
    )
    return _undotted(said)


def ago(at: datetime | None, now: datetime) -> str:
    """As in "3 hours ago" or "in 2 days"; `now` is given, so that a page has one now."""
    if at is None:
        return MISSING
    return format_timedelta(at - now, add_direction=True, threshold=1.2, locale=_locale())


def duration(value: timedelta | float | None) -> str:
    """A length of time (or seconds) in words: "4 minutes"."""
    if value is None:
        return MISSING
    return format_timedelta(value if isinstance(value, timedelta) else timedelta(seconds=value), locale=_locale())


def initials(name: str) -> str:
    """The first letters of the first and the last word: "Pat Rivera" is PR."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


FILTERS: dict[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        format_count, format_short, format_money, format_cents, format_percent, format_value, format_interval,
        local_date, local_time, local_datetime, weekday, ago, duration, initials,
    )
}  # fmt: skip
