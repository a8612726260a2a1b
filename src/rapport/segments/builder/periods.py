"""Windows, days, counts and spans of the builder: between what is chosen and typed, and the language. Pure.

What can't be shown gives fields that mean something else; `kinds.typed` notices.
"""

from datetime import date
from typing import Any

from rapport.segments.builder.typed import Shown, Typed, Unfinished, filled, texts
from rapport.segments.language import Between, Calendar, Held, Last, Next, RelativeDay, Window

WINDOW = ("window", "span", "span_to", "unit", "turn", "period", "since", "until")
TIMES = ("how", "times", "times_to")
HELD = ("held_from", "held_to")
TURNS = {"last": -1, "this": 0, "next": 1}
_SPANS = "Write how many days, weeks, months or years."


def window_of(typed: Typed, default: str = "ever") -> dict[str, Any] | None:
    """The window in its written form; None: at any time. Raises Unfinished."""
    unit = typed.word("unit", "day")
    match typed.word("window", default):
        case "last" | "next" as which:
            return {"window": which, "count": _span(typed, "span"), "unit": unit}
        case "before":
            return {"window": "between", "until": {"shift": -_span(typed, "span"), "unit": unit}}
        case "ago" | "ahead" as which:
            near, far = _ordered(typed)
            sign = -1 if which == "ago" else 1
            days = [{"shift": sign * one, "unit": unit} for one in ((far, near) if sign < 0 else (near, far))]
            return {"window": "between", "since": days[0], "until": days[1]}
        case "calendar":
            offset = TURNS.get(typed.word("turn", "this"), 0)
            return {"window": "calendar", "period": typed.word("period", "month"), "offset": offset}
        case "between":
            ends = {name: day for name in ("since", "until") if (day := typed.word(name))}
            if not ends:
                raise Unfinished("Choose the first day, the last day, or both.")
            return {"window": "between", **ends}
    return None


def within(typed: Typed) -> dict[str, Any]:
    window = window_of(typed)
    return {"within": window} if window else {}


def must_be_within(typed: Typed, default: str) -> dict[str, Any]:
    """For criteria that mean nothing without a window."""
    window = window_of(typed, default)
    if window is None:
        raise Unfinished("Say when.")
    return {"within": window}


def show_window(window: Window | None) -> Shown:
    match window:
        case Last(count, unit):
            return texts(window="last", span=count, unit=unit)
        case Next(count, unit):
            return texts(window="next", span=count, unit=unit)
        case Calendar(period, offset):
            turn = next((name for name, one in TURNS.items() if one == offset), "this")
            return texts(window="calendar", turn=turn, period=period)
        case Between(None, RelativeDay(shift, unit)):
            return texts(window="before", span=abs(shift), unit=unit)
        case Between(RelativeDay(first, unit), RelativeDay(last)):
            if first < 0:
                return texts(window="ago", span=abs(last), span_to=abs(first), unit=unit)
            return texts(window="ahead", span=first, span_to=abs(last), unit=unit)
        case Between(since, until) if since or until:
            return texts(window="between", since=since, until=until)
    return texts(window="ever")


def day_of(typed: Typed) -> dict[str, Any]:
    """The day on which an age is asked: today, a day, so long from today, or the first day of a period to come."""
    match typed.word("on_how", "today"):
        case "day":
            if not typed.word("on"):
                raise Unfinished("Choose the day.")
            return {"on": typed.word("on")}
        case "later":
            return {"on": {"shift": _span(typed, "on_span"), "unit": typed.word("on_unit", "day")}}
        case "start":
            period = typed.word("on_period", "month")
            return {"on": {"shift": 1, "unit": period, "start": period}}
    return {}


def show_day(day: date | RelativeDay | None) -> Shown:
    match day:
        case None:
            return {}
        case RelativeDay(shift, unit, None):
            return texts(on_how="later", on_span=abs(shift), on_unit=unit)
        case RelativeDay(_, unit, _):
            return texts(on_how="start", on_period=unit)
    return texts(on_how="day", on=day)


def times_of(typed: Typed) -> dict[str, int]:
    """How often. Raises Unfinished."""
    times = typed.number("times")
    match typed.word("how", "once"):
        case "once":
            return {}
        case "none":
            return {"at_most": 0}
        case "between":
            high = typed.number("times_to")
            if times is None or high is None:
                raise Unfinished("Write both numbers.")
            return {"at_least": times, "at_most": high}
        case "most":
            if times is None:
                raise Unfinished("Write how many times at most.")
            return {"at_most": times}
    if times is None:
        raise Unfinished("Write how many times at least.")
    return {"at_least": times}


def show_times(low: int | None, high: int | None) -> Shown:
    if low is None and high is None:
        return texts(how="once")
    if low is not None and high is not None:
        return texts(how="between", times=low, times_to=high)
    if low is not None:
        return texts(how="least", times=low)
    return texts(how="none") if high == 0 else texts(how="most", times=high)


def held_of(typed: Typed) -> dict[str, Any]:
    spans = filled(at_least=typed.number("held_from"), at_most=typed.number("held_to"))
    return {"held": spans} if spans else {}


def show_held(held: Held | None) -> Shown:
    return texts(held_from=held.at_least, held_to=held.at_most) if held else {}


def _span(typed: Typed, name: str) -> int:
    span = typed.number(name)
    if span is None:
        raise Unfinished(_SPANS)
    return span


def _ordered(typed: Typed) -> tuple[int, int]:
    near, far = typed.number("span"), typed.number("span_to")
    if near is None or far is None:
        raise Unfinished("Write both numbers.")
    if near > far:
        raise Unfinished("Write the smaller number first.")
    return near, far
