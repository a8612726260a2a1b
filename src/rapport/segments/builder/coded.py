"""Criteria of the builder about what is on record and what happened: codes, values, visits, appointments, money. Pure."""

from typing import Any

from rapport.segments.builder.periods import (
    held_of,
    show_held,
    show_times,
    show_window,
    times_of,
    within,
)
from rapport.segments.builder.typed import Shown, Typed, Unfinished, filled, needs, texts
from rapport.segments.language import (
    CodeIs,
    Encountered,
    Happened,
    HasAppointment,
    HasCode,
    Money,
    Observed,
    Sequence,
    Step,
)  # fmt: skip

CHOOSE_CODES = "Choose at least one code: type a word and pick from the list."
STEP = ("kind", "codes", "but_not", "service_lines", "locations", "campaigns", "value_from", "value_to")
LIMITS = ("at_least", "at_most", "above", "below")


def codes_of(typed: Typed, name: str = "codes") -> dict[str, list[Any]]:
    """What a picker holds: codes (`system|code`, `system|code|prefix`) and value sets (`|slug`)."""
    codes: list[Any] = []
    sets = []
    for word in typed.values.get(name, ()):
        system, _, rest = word.partition("|")
        code, _, flag = rest.partition("|")
        if system and code:
            codes.append({"system": system, "code": code} | ({"prefix": True} if flag == "prefix" else {}))
        elif code:
            sets.append(code)
    return {"codes": codes, "value_sets": sets}


def show_codes(codes: tuple[CodeIs, ...], value_sets: tuple[str, ...] = ()) -> tuple[str, ...]:
    listed = [f"{one.system}|{one.code}{'|prefix' if one.prefix else ''}" for one in codes]
    return (*(f"|{slug}" for slug in value_sets), *listed)


def _some_codes(typed: Typed) -> dict[str, Any]:
    found = codes_of(typed)
    needs([*found["codes"], *found["value_sets"]], CHOOSE_CODES)
    return found


def has_code(typed: Typed) -> dict[str, Any]:
    active = typed.on("active")
    return (
        _some_codes(typed)
        | {"but_not": codes_of(typed, "but_not")["codes"], "active": active}
        | filled(kind=typed.word("kind"))
        | within(typed)
        | (held_of(typed) if active else {})
    )


def show_has_code(leaf: HasCode) -> Shown:
    codes = texts(codes=show_codes(leaf.codes, leaf.value_sets), but_not=show_codes(leaf.but_not))
    return texts(kind=leaf.kind, active=leaf.active) | codes | show_window(leaf.within) | show_held(leaf.held)


def observed(typed: Typed) -> dict[str, Any]:
    limits = {name: typed.decimal(name) for name in LIMITS}
    return _some_codes(typed) | filled(which=typed.word("which"), unit=typed.word("measure"), **limits) | within(typed)


def show_observed(leaf: Observed) -> Shown:
    limits = {name: getattr(leaf, name) for name in LIMITS}
    codes = show_codes(leaf.codes, leaf.value_sets)
    return texts(codes=codes, which=leaf.which, measure=leaf.unit, **limits) | show_window(leaf.within)


def places(typed: Typed) -> dict[str, Any]:
    """Service lines and locations."""
    return {"service_lines": typed.ids("service_lines"), "locations": typed.ids("locations")}


def visits(typed: Typed) -> dict[str, Any]:
    return times_of(typed) | within(typed) | places(typed)


def show_visits(leaf: Encountered) -> Shown:
    chosen = texts(service_lines=leaf.service_lines, locations=leaf.locations)
    return show_times(leaf.at_least, leaf.at_most) | chosen | show_window(leaf.within)


def step_of(typed: Typed, default: str) -> dict[str, Any]:
    """A kind of thing on the timeline, and what else must be true of it."""
    return (
        {"kind": typed.word("kind", default), "campaigns": typed.ids("campaigns")}
        | places(typed)
        | codes_of(typed)
        | {"but_not": codes_of(typed, "but_not")["codes"]}
        | filled(value_at_least=typed.decimal("value_from"), value_at_most=typed.decimal("value_to"))
    )


def show_step(step: Step) -> Shown:
    return texts(
        kind=step.kind, codes=show_codes(step.codes, step.value_sets), but_not=show_codes(step.but_not),
        service_lines=step.service_lines, locations=step.locations, campaigns=step.campaigns,
        value_from=step.value_at_least, value_to=step.value_at_most,
    )  # fmt: skip


def happened(typed: Typed) -> dict[str, Any]:
    return step_of(typed, "message_opened") | times_of(typed) | within(typed)


def show_happened(leaf: Happened) -> Shown:
    return show_step(leaf.step) | show_times(leaf.at_least, leaf.at_most) | show_window(leaf.within)


def sequence(typed: Typed) -> dict[str, Any]:
    return {
        "first": step_of(typed.under("first_"), "encounter"),
        "then": step_of(typed.under("then_"), "encounter"),
        "without": typed.word("follows", "yes") == "no",
    } | filled(within_days=typed.number("days")) | within(typed)  # fmt: skip


def show_sequence(leaf: Sequence) -> Shown:
    first = {f"first_{name}": value for name, value in show_step(leaf.first).items()}
    then = {f"then_{name}": value for name, value in show_step(leaf.then).items()}
    follows = texts(follows="no" if leaf.without else "yes", days=leaf.within_days)
    return first | then | follows | show_window(leaf.within)


def money(typed: Typed) -> dict[str, Any]:
    limits = filled(at_least=typed.decimal("at_least"), at_most=typed.decimal("at_most"))
    if not limits:
        raise Unfinished("Write an amount in dollars: at least, at most, or both.")
    return (
        {"measure": typed.word("measure", "payments"), "service_lines": typed.ids("service_lines")}
        | limits
        | within(typed)
    )


def show_money(leaf: Money) -> Shown:
    limits = texts(at_least=leaf.at_least, at_most=leaf.at_most)
    return texts(measure=leaf.measure, service_lines=leaf.service_lines) | limits | show_window(leaf.within)


def appointment(typed: Typed) -> dict[str, Any]:
    said = {"when": typed.word("when", "future"), "statuses": typed.chosen("statuses")}
    return said | times_of(typed) | places(typed) | within(typed)


def show_appointment(leaf: HasAppointment) -> Shown:
    chosen = texts(statuses=leaf.statuses, service_lines=leaf.service_lines, locations=leaf.locations)
    times = show_times(leaf.at_least, leaf.at_most)
    return texts(when=leaf.when) | chosen | times | show_window(leaf.within)
