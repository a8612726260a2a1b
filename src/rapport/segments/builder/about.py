"""Criteria of the builder about the person: age, home, permission, traits, groups, chance. Pure."""

from collections.abc import Callable
from typing import Any

from rapport.segments.builder.periods import day_of, held_of, show_day, show_held
from rapport.segments.builder.typed import Shown, Typed, Unfinished, filled, needs, texts
from rapport.segments.language import Age, Bucket, Consented, HouseholdSize, InSegment, LivesIn, TraitIs

CHOOSE_TRAIT = "Choose a trait."
BUCKETS = 10_000  # of the language


def some(field: str, remedy: str, *, numbers: bool = False) -> Callable[[Typed], dict[str, Any]]:
    """A list of which at least one is chosen."""
    return lambda typed: {field: needs(typed.ids(field) if numbers else typed.chosen(field), remedy)}


def age(typed: Typed) -> dict[str, Any]:
    ends = filled(at_least=typed.number("at_least"), at_most=typed.number("at_most"))
    if not ends:
        raise Unfinished("Write the lowest age, the highest age, or both.")
    return ends | day_of(typed)


def show_age(leaf: Age) -> Shown:
    return texts(at_least=leaf.at_least, at_most=leaf.at_most) | show_day(leaf.on)


def lives_in(typed: Typed) -> dict[str, Any]:
    zips = [part for word in typed.words("zips") for part in word.split()]
    states = [part.upper() for word in typed.words("states") for part in word.split()]
    miles, around = typed.decimal("miles"), typed.ids("near")
    if around and miles is None:
        raise Unfinished("Write within how many miles.")
    if miles is not None and not around:
        raise Unfinished("Choose the location that the miles are counted from.")
    counties = [_county(key) for key in typed.chosen("counties")]
    near = [{"location": one, "miles": miles} for one in around]
    if not (zips or states or counties or near):
        raise Unfinished("Write at least one ZIP code, state or county, or a distance.")
    return {"zips": zips, "states": states, "counties": counties, "near": near}


def _county(key: str) -> dict[str, str]:
    state, _, name = key.partition("|")
    return {"state": state, "name": name}


def show_lives_in(leaf: LivesIn) -> Shown:
    miles = leaf.near[0].miles if leaf.near else None
    return texts(
        zips=", ".join(leaf.zips), states=", ".join(leaf.states), counties=tuple(f"{c.state}|{c.name}" for c in leaf.counties),
        near=tuple(one.location for one in leaf.near), miles=miles,
    )  # fmt: skip


def household_size(typed: Typed) -> dict[str, Any]:
    ends = filled(at_least=typed.number("at_least"), at_most=typed.number("at_most"))
    if not ends:
        raise Unfinished("Write how many people at least, at most, or both.")
    return ends


def show_range(leaf: HouseholdSize) -> Shown:
    return texts(at_least=leaf.at_least, at_most=leaf.at_most)


def consented(typed: Typed) -> dict[str, Any]:
    defaults = {"channel": "email", "topic": "health_services", "status": "granted"}
    return {name: typed.word(name, default) for name, default in defaults.items()} | held_of(typed)


def show_consented(leaf: Consented) -> Shown:
    return texts(channel=leaf.channel, topic=leaf.topic, status=leaf.status) | show_held(leaf.held)


def trait(typed: Typed) -> dict[str, Any]:
    """Any trait, with everything that can be asked of it."""
    name = (typed.values.get("name") or ("",))[0]
    if not name:
        raise Unfinished(CHOOSE_TRAIT)
    ends = filled(at_least=typed.decimal("at_least"), at_most=typed.decimal("at_most"))
    return {"name": name, "one_of": typed.words("one_of"), "begins": typed.on("begins")} | ends | held_of(typed)


def show_trait(leaf: TraitIs) -> Shown:
    ends = texts(at_least=leaf.at_least, at_most=leaf.at_most, begins=leaf.begins)
    return texts(name=leaf.name, one_of=", ".join(leaf.one_of)) | ends | show_held(leaf.held)


def preset(prefix: str) -> Callable[[Typed], dict[str, Any]]:
    """A trait of one family: the whole family (`gap.`), or one of it, and what it says. A family without a point is one trait."""

    def build(typed: Typed) -> dict[str, Any]:
        name = (typed.values.get("name") or (prefix,))[0]
        if not name.startswith(prefix):
            raise Unfinished(CHOOSE_TRAIT)
        ends = filled(at_least=typed.decimal("at_least"), at_most=typed.decimal("at_most"))
        family = {"begins": True} if name == prefix and prefix.endswith(".") else {}
        return {"name": name, "one_of": typed.chosen("one_of")} | family | ends | held_of(typed)

    return build


def show_preset(leaf: TraitIs) -> Shown:
    ends = texts(at_least=leaf.at_least, at_most=leaf.at_most)
    return texts(name=leaf.name, one_of=leaf.one_of) | ends | show_held(leaf.held)


def in_segment(typed: Typed) -> dict[str, Any]:
    return {"one_of": needs(typed.ids("one_of"), "Choose at least one segment.")} | held_of(typed)


def show_in_segment(leaf: InSegment) -> Shown:
    return texts(one_of=leaf.one_of) | show_held(leaf.held)


def bucket(typed: Typed) -> dict[str, Any]:
    """A share in percent, and from where on the scale of the name it is taken."""
    share, start = typed.decimal("share"), typed.decimal("start") or 0.0
    name = (typed.values.get("name") or ("",))[0]
    if share is None or not 0 < share <= 100:
        raise Unfinished("Write a share from 0.01 to 100 percent.")
    if not name.strip():
        raise Unfinished("Give the draw a name: the same name draws the same people.")
    first = round(start * BUCKETS / 100)
    last = first + round(share * BUCKETS / 100) - 1
    if not 0 <= first <= last < BUCKETS:
        raise Unfinished("The share must end at 100 percent at most.")
    return {"name": name, "first": first, "last": last}


def show_bucket(leaf: Bucket) -> Shown:
    share = (leaf.last - leaf.first + 1) * 100 / BUCKETS
    return texts(share=share, name=leaf.name, start=leaf.first * 100 / BUCKETS or None)
