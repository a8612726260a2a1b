"""The criteria of the builder: their fields, and the way between what was typed and a node of the language. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from rapport.segments.language import (
    Age,
    AtLocation,
    Between,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasCode,
    Last,
    Leaf,
    LivesIn,
    Next,
    Sex,
    Speaks,
    TraitIs,
    Window,
)
from rapport.segments.language.nodes import Written

Values = Mapping[str, Sequence[str]]
WINDOW = ("window", "span", "unit", "since", "until")
TIMES = ("how", "times", "times_to")


class Unfinished(ValueError):
    """A criterion that says nothing yet, and what to do about it."""


@dataclass(frozen=True)
class Kind:
    """A criterion: its fields in the order of the screen, its node, and both directions."""

    name: str
    fields: tuple[str, ...]
    node: type[Written]
    build: Callable[["Typed"], dict[str, Any]]
    show: Callable[[Any], dict[str, tuple[str, ...]]]


class Typed:
    """What was typed, with the questions that the builders ask of it."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def word(self, name: str, default: str = "") -> str:
        found = self.values.get(name) or ()
        return found[0].strip() if found else default

    def words(self, name: str) -> list[str]:
        """Several choices, or several words in one field, by comma, semicolon or line."""
        return [
            word for value in self.values.get(name, ()) for part in re.split(r"[,;\n]", value) if (word := part.strip())
        ]

    def number(self, name: str) -> int | None:
        text = self.word(name)
        if not text:
            return None
        if not re.fullmatch(r"\d{1,6}", text):
            raise Unfinished(f"“{text[:20]}” is not a whole number. Write digits, for example 50.")
        return int(text)

    def decimal(self, name: str) -> float | None:
        text = self.word(name).replace(",", ".")
        if not text:
            return None
        if not re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", text):
            raise Unfinished(f"“{text[:20]}” is not a number. Write for example 0.3.")
        return float(text)

    def ids(self, name: str) -> list[int]:
        return [int(word) for word in self.words(name) if re.fullmatch(r"\d{1,18}", word)]


def node_of(kind: str, values: Values) -> Leaf:
    """The node of a criterion. Raises Unfinished with what to do."""
    made = KINDS[kind]
    plain = made.build(Typed(values))
    try:
        return msgspec.convert({**plain, "is": made.node.__struct_config__.tag}, type=made.node, strict=False)  # type: ignore[return-value]
    except msgspec.ValidationError as wrong:
        problem, _, at = str(wrong).partition(" - at `$")
        raise Unfinished(_REMEDIES.get(re.sub(r"[^a-z_]", "", at.split("[")[0]), problem)) from None


def typed(leaf: Leaf) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The kind and the fields of a node."""
    for kind in KINDS.values():
        if isinstance(leaf, kind.node):
            return kind.name, kind.show(leaf)
    raise TypeError(f"{type(leaf).__name__} has no fields")


_REMEDIES = {
    "zips": "Write ZIP codes of five digits, or their first three or four.",
    "states": "Write states as two capital letters, for example MA.",
    "one_of": "Choose at least one.",
    "codes": "Choose at least one code: type a word and pick from the list.",
    "name": "Choose a trait.",
    "within": "Check the time: a whole number, or a first day that is not after the last.",
    "at_least": "Check the number.",
    "at_most": "Check the number.",
}


def _needs(found: Sequence[Any], remedy: str) -> Sequence[Any]:
    if not found:
        raise Unfinished(remedy)
    return found


def _age(typed: Typed) -> dict[str, Any]:
    low, high = typed.number("at_least"), typed.number("at_most")
    if low is None and high is None:
        raise Unfinished("Write the lowest age, the highest age, or both.")
    on = typed.word("on")
    return _filled(at_least=low, at_most=high) | ({"on": on} if on else {})


def _has_code(typed: Typed) -> dict[str, Any]:
    codes = []
    for word in typed.values.get("codes", ()):
        system, _, rest = word.partition("|")
        code, _, flag = rest.partition("|")
        if system and code:
            codes.append({"system": system, "code": code} | ({"prefix": True} if flag == "prefix" else {}))
    _needs(codes, _REMEDIES["codes"])
    kind = typed.word("kind")
    return {"codes": codes, "active": typed.word("active") == "on"} | ({"kind": kind} if kind else {}) | _within(typed)


def _times(typed: Typed) -> dict[str, int]:
    how = typed.word("how", "least")
    times = typed.number("times")
    if how == "none":
        return {"at_most": 0}
    if how == "between":
        high = typed.number("times_to")
        if times is None or high is None:
            raise Unfinished("Write both numbers.")
        return {"at_least": times, "at_most": high}
    if how == "most":
        if times is None:
            raise Unfinished("Write how many times at most.")
        return {"at_most": times}
    return {"at_least": 1 if times is None else times}


def _within(typed: Typed) -> dict[str, Any]:
    match typed.word("window", "ever"):
        case "last" | "next" as which:
            span = typed.number("span")
            if span is None:
                raise Unfinished("Write how many days, months or years.")
            return {"within": {"window": which, "count": span, "unit": typed.word("unit", "day")}}
        case "between":
            ends = {name: typed.word(name) for name in ("since", "until") if typed.word(name)}
            if not ends:
                raise Unfinished("Choose the first day, the last day, or both.")
            return {"within": {"window": "between", **ends}}
    return {}


def _trait(typed: Typed) -> dict[str, Any]:
    if not typed.word("name"):
        raise Unfinished(_REMEDIES["name"])
    return {"name": typed.word("name"), "one_of": typed.words("one_of")} | _filled(
        at_least=typed.decimal("at_least"), at_most=typed.decimal("at_most")
    )


def _lives_in(typed: Typed) -> dict[str, Any]:
    zips = [part for word in typed.words("zips") for part in word.split()]
    states = [part.upper() for word in typed.words("states") for part in word.split()]
    if not zips and not states:
        raise Unfinished("Write at least one ZIP code or state.")
    return {"zips": zips, "states": states}


def _some(field: str, remedy: str, *, numbers: bool = False) -> Callable[[Typed], dict[str, Any]]:
    return lambda typed: {field: _needs(typed.ids(field) if numbers else typed.words(field), remedy)}


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _texts(**values: Any) -> dict[str, tuple[str, ...]]:
    """Values as the form shows them; nothing is shown for what is not there."""
    shown: dict[str, tuple[str, ...]] = {}
    for name, value in values.items():
        if isinstance(value, tuple):
            shown[name] = tuple(str(one) for one in value)
        elif value is not None and value != "":
            shown[name] = (f"{value:g}" if isinstance(value, float) else str(value),)
    return shown


def _show_times(low: int | None, high: int | None) -> dict[str, tuple[str, ...]]:
    if high == 0:
        return _texts(how="none")
    if low is not None and high is not None:
        return _texts(how="between", times=low, times_to=high)
    if high is not None:
        return _texts(how="most", times=high)
    return _texts(how="least", times=1 if low is None else low)


def _show_window(window: Window | None) -> dict[str, tuple[str, ...]]:
    match window:
        case Last(count, unit):
            return _texts(window="last", span=count, unit=unit)
        case Next(count, unit):
            return _texts(window="next", span=count, unit=unit)
        case Between(since, until) if since or until:
            return _texts(window="between", since=since, until=until)
    return _texts(window="ever")


def _show_codes(codes: tuple[CodeIs, ...]) -> tuple[str, ...]:
    return tuple(f"{one.system}|{one.code}{'|prefix' if one.prefix else ''}" for one in codes)


def _show_has_code(leaf: HasCode) -> dict[str, tuple[str, ...]]:
    active: Literal["on"] | None = "on" if leaf.active else None
    return _texts(kind=leaf.kind, codes=_show_codes(leaf.codes), active=active) | _show_window(leaf.within)


def _show_visits(leaf: Encountered) -> dict[str, tuple[str, ...]]:
    chosen = _texts(service_lines=leaf.service_lines, locations=leaf.locations)
    return _show_times(leaf.at_least, leaf.at_most) | chosen | _show_window(leaf.within)


def _show_happened(leaf: Happened) -> dict[str, tuple[str, ...]]:
    chosen = _texts(kind=leaf.kind, campaigns=leaf.campaigns, service_lines=leaf.service_lines)
    return _show_times(leaf.at_least, leaf.at_most) | chosen | _show_window(leaf.within)


def _visits(typed: Typed) -> dict[str, Any]:
    return (
        _times(typed)
        | _within(typed)
        | {"service_lines": typed.ids("service_lines"), "locations": typed.ids("locations")}
    )


def _happened(typed: Typed) -> dict[str, Any]:
    chosen = {"campaigns": typed.ids("campaigns"), "service_lines": typed.ids("service_lines")}
    return {"kind": typed.word("kind", "message_opened")} | _times(typed) | _within(typed) | chosen


def _consented(typed: Typed) -> dict[str, Any]:
    defaults = {"channel": "email", "topic": "health_services", "status": "granted"}
    return {name: typed.word(name, default) for name, default in defaults.items()}


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("age", ("at_least", "at_most", "on"), Age, _age, lambda n: _texts(at_least=n.at_least, at_most=n.at_most, on=n.on)),
        Kind("sex", ("one_of",), Sex, _some("one_of", "Choose at least one."), lambda n: _texts(one_of=n.one_of)),
        Kind("has_code", ("kind", "codes", "active", *WINDOW), HasCode, _has_code, _show_has_code),
        Kind("encountered", (*TIMES, "service_lines", "locations", *WINDOW), Encountered, _visits, _show_visits),
        Kind("happened", ("kind", *TIMES, "campaigns", "service_lines", *WINDOW), Happened, _happened, _show_happened),
        Kind("consented", ("channel", "topic", "status"), Consented, _consented,
             lambda n: _texts(channel=n.channel, topic=n.topic, status=n.status)),
        Kind("at_location", ("one_of",), AtLocation, _some("one_of", "Choose at least one place.", numbers=True),
             lambda n: _texts(one_of=n.one_of)),
        Kind("lives_in", ("zips", "states"), LivesIn, _lives_in,
             lambda n: _texts(zips=", ".join(n.zips), states=", ".join(n.states))),
        Kind("speaks", ("one_of",), Speaks, _some("one_of", "Choose at least one language."), lambda n: _texts(one_of=n.one_of)),
        Kind("trait_is", ("name", "one_of", "at_least", "at_most"), TraitIs, _trait,
             lambda n: _texts(name=n.name, one_of=", ".join(n.one_of), at_least=n.at_least, at_most=n.at_most)),
    )
}  # fmt: skip
