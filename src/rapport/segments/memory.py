"""The reference engine: slow and obvious. What it says is what a definition means; every other engine must agree with it.

It walks over people one by one and looks at their rows in plain Python. Instants become local days here by asking the
calendar, never by the bounds that the compiler uses.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from rapport.segments.days import (
    MOST_YEARS,
    AsOf,
    age_on,
    day_of,
    days_of,
    first_instant,
    local_day,
    months_between,
    shift,
)
from rapport.segments.language import (
    Age,
    All,
    Anniversary,
    Any_,
    AtLocation,
    Bucket,
    Capped,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasAppointment,
    HasCode,
    Held,
    HouseholdSize,
    InSegment,
    Insured,
    IsKnown,
    KnownSince,
    LivesIn,
    LivesWith,
    Money,
    Node,
    None_,
    Observed,
    Sequence,
    Sex,
    Speaks,
    Step,
    TraitIs,
    Window,
    Wishes,
)  # fmt: skip
from rapport.segments.language.random import bucket_of, rank_of
from rapport.segments.language.resolving import Unresolved
from rapport.segments.worldly import ConsentNow, Event, Fact, Member, PreferenceNow, Profile, Roof, Trait, World

ACTIVE = ("active", "recurrence", "relapse")
VOID = ("cancelled", "draft", "entered-in-error")
MEASURES = {
    "charges": {"claim": 1},
    "payments": {"payment": 1},
    "cost": {"visit_cost": 1},
    "margin": {"payment": 1, "visit_cost": -1},
}
Row = TypeVar("Row", Event, Fact, ConsentNow, Trait, Roof, PreferenceNow, Member)

__all__ = [
    "ACTIVE", "MEASURES", "VOID", "ConsentNow", "Event", "Fact", "Member", "PreferenceNow", "Profile", "Roof", "Trait", "World", "answer",
    "holds",
]  # fmt: skip


def answer(node: Node, world: World, as_of: AsOf) -> set[int]:
    """The pseudonyms of the living people of whom the node is true."""
    living = [person for person in world.profiles if not person.deceased]
    if isinstance(node, Capped):
        found = [person.pseudonym for person in living if holds(All(node.of), person, world, as_of)]
        return set(sorted(found, key=lambda one: (rank_of(one, node.name), one))[: node.most])
    return {person.pseudonym for person in living if holds(node, person, world, as_of)}


def holds(node: Node, person: Profile, world: World, as_of: AsOf) -> bool:
    """Whether the node is true of one person. Of a capped definition it says who may be drawn."""
    match node:
        case All(of) | Capped(of=of):
            return all(holds(part, person, world, as_of) for part in of)
        case Any_(of):
            return any(holds(part, person, world, as_of) for part in of)
        case None_(of):
            return not any(holds(part, person, world, as_of) for part in of)
        case LivesWith(of):
            return any(
                all(holds(part, other, world, as_of) for part in of) for other in _housemates(person, world, as_of)
            )
    return _leaf(node, person, world, as_of)


def _leaf(node: Node, person: Profile, world: World, as_of: AsOf) -> bool:
    match node:
        case (
            Age()
            | Anniversary(of="birth_month")
            | KnownSince()
            | IsKnown()
            | Sex()
            | Speaks()
            | LivesIn()
            | AtLocation()
            | Bucket()
        ):
            return _is(node, person, world, as_of)
        case Anniversary():
            return _returns(node, person, world, as_of)
        case HasCode(active=False):
            return any(
                (node.kind is None or event.kind == node.kind)
                and _has_code(node, event)
                and _inside(event.at, node.within, as_of)
                for event in _mine(world.events, person)
            )
        case HasCode():
            return any(_is_active(node, fact, as_of) for fact in _mine(world.facts, person))
        case Encountered() | Happened():
            found = [one for one in _steps(node.step, person, world) if _inside(one.at, node.within, as_of)]
            return _enough(len(found), node.at_least, node.at_most)
        case Observed():
            return _observed(node, person, world, as_of)
        case Sequence():
            return _sequence(node, person, world, as_of)
        case Money():
            return _money(node, person, world, as_of)
        case HasAppointment():
            coming = [fact for fact in _mine(world.facts, person) if _is_appointment(node, fact, as_of)]
            return _enough(len(coming), node.at_least, node.at_most)
        case Insured(by):
            return any(_is_covered(fact, by, as_of) for fact in _mine(world.facts, person))
        case Consented():
            return any(_consented(node, consent, as_of) for consent in _mine(world.consents, person))
        case Wishes(one_of):
            return any(_wishes(said, as_of) & set(one_of) for said in _mine(world.preferences, person))
        case TraitIs():
            return any(_trait_fits(node, trait, as_of) for trait in _mine(world.traits, person))
        case HouseholdSize(at_least, at_most):
            sizes = _household_sizes(person, world, as_of)
            return any((at_least is None or one >= at_least) and (at_most is None or one <= at_most) for one in sizes)
        case InSegment():
            return any(_is_in(node, stay, as_of) for stay in _mine(world.members, person))
    raise TypeError(f"{type(node).__name__} is no criterion")


def _mine(rows: Iterable[Row], person: Profile) -> list[Row]:
    return [row for row in rows if row.pseudonym == person.pseudonym]


def _is(node: Node, person: Profile, world: World, as_of: AsOf) -> bool:
    """What stands on the profile itself."""
    match node:
        case Age():
            return _age(node, person, as_of)
        case Anniversary(_of, within):
            return person.birth_month is not None and person.birth_month.month in months_between(
                *days_of(within, as_of)
            )
        case KnownSince(within):
            return person.known_since is not None and _inside(person.known_since, within, as_of)
        case IsKnown(what):
            return _is_known(what, person, world, as_of)
        case Sex(one_of):
            return person.sex in one_of
        case Speaks(one_of):
            return any(person.language == one or person.language.startswith(f"{one}-") for one in one_of)
        case LivesIn(zips, states, counties, near):
            if counties or near:
                raise Unresolved(node)
            return person.state in states or any(bool(person.zip5) and person.zip5.startswith(one) for one in zips)
        case AtLocation(one_of):
            return person.location_id in one_of
        case Bucket(name, first, last):
            return first <= bucket_of(person.pseudonym, name) <= last
    raise TypeError(f"{type(node).__name__} is not about the profile")


def _age(leaf: Age, person: Profile, as_of: AsOf) -> bool:
    if person.birth_month is None:
        return False
    age = age_on(person.birth_month, day_of(leaf.on, as_of) or as_of.day)
    if age is None:
        return False
    return (leaf.at_least is None or age >= leaf.at_least) and (leaf.at_most is None or age <= leaf.at_most)


def _is_known(what: str, person: Profile, world: World, as_of: AsOf) -> bool:
    match what:
        case "birth_month":
            return person.birth_month is not None
        case "zip":
            return person.zip5 != ""
        case "state":
            return person.state != ""
        case "location":
            return person.location_id is not None
    return bool(_roofs(person, world, as_of))


def _returns(leaf: Anniversary, person: Profile, world: World, as_of: AsOf) -> bool:
    if leaf.of == "known_since":
        instants = [person.known_since] if person.known_since else []
    else:
        visits = sorted(event.at for event in _mine(world.events, person) if event.kind == "encounter")
        visits = [at for at in visits if local_day(at, as_of.zone) <= as_of.day]
        instants = visits[:1] if leaf.of == "first_visit" else visits[-1:]
    first, last = days_of(leaf.within, as_of)
    for at in instants:
        day = local_day(at, as_of.zone)
        if (
            first is None
            or last is None
            or any(first <= shift(day, n, "year") <= last for n in range(1, MOST_YEARS + 1))
        ):
            return True
    return False


def _has_code(leaf: HasCode | Step | Observed, row: Event | Fact) -> bool:
    """One of the codes and none of those that are excepted. Without codes: any."""
    if leaf.value_sets:
        raise Unresolved(leaf)
    fits = not leaf.codes or _is_code(leaf.codes, row.code_system, row.code)
    return fits and not _is_code(getattr(leaf, "but_not", ()), row.code_system, row.code)


def _is_code(asked: tuple[CodeIs, ...], system: str, code: str) -> bool:
    return any(
        system == one.system and (code == one.code or (one.prefix and code.startswith(one.code))) for one in asked
    )


def _is_active(leaf: HasCode, fact: Fact, as_of: AsOf) -> bool:
    return (
        (leaf.kind is None or fact.kind == leaf.kind)
        and _has_code(leaf, fact)
        and fact.status in ACTIVE
        and (fact.ends_at is None or local_day(fact.ends_at, as_of.zone) > as_of.day)
        and (leaf.within is None or (fact.starts_at is not None and _inside(fact.starts_at, leaf.within, as_of)))
        and _held(fact.starts_at, leaf.held, as_of)
    )


def _steps(step: Step, person: Profile, world: World) -> list[Event]:
    return [
        event
        for event in _mine(world.events, person)
        if event.kind == step.kind
        and (not step.campaigns or event.campaign_id in step.campaigns)
        and (not step.service_lines or event.service_line_id in step.service_lines)
        and (not step.locations or event.location_id in step.locations)
        and _has_code(step, event)
        and (step.value_at_least is None or (event.value is not None and event.value >= step.value_at_least))
        and (step.value_at_most is None or (event.value is not None and event.value <= step.value_at_most))
    ]


def _enough(count: int, at_least: int | None, at_most: int | None) -> bool:
    """Without any number: at least once."""
    least = 1 if at_least is None and at_most is None else (at_least or 0)
    return count >= least and (at_most is None or count <= at_most)


def _inside(at: datetime, window: Window | None, as_of: AsOf) -> bool:
    first, last = days_of(window, as_of)
    day = local_day(at, as_of.zone)
    return (first is None or day >= first) and (last is None or day <= last)


def _held(since: datetime | None, held: Held | None, as_of: AsOf) -> bool:
    if held is None:
        return True
    if since is None:
        return False
    days = (as_of.day - local_day(since, as_of.zone)).days
    return days >= (held.at_least or 0) and (held.at_most is None or days <= held.at_most)


def _observed(leaf: Observed, person: Profile, world: World, as_of: AsOf) -> bool:
    found = [
        event
        for event in _mine(world.events, person)
        if event.kind == "observation"
        and event.value is not None
        and _has_code(leaf, event)
        and (leaf.unit is None or event.unit == leaf.unit)
        and _inside(event.at, leaf.within, as_of)
    ]
    found.sort(key=lambda event: (event.at, event.id))
    fits = [_fits(leaf, event.value or 0.0) for event in found]
    match leaf.which:
        case "latest":
            return bool(fits) and fits[-1]
        case "earliest":
            return bool(fits) and fits[0]
        case "any":
            return any(fits)
    return bool(fits) and all(fits)


def _fits(leaf: Observed, value: float) -> bool:
    return (
        (leaf.at_least is None or value >= leaf.at_least)
        and (leaf.at_most is None or value <= leaf.at_most)
        and (leaf.above is None or value > leaf.above)
        and (leaf.below is None or value < leaf.below)
    )


def _sequence(leaf: Sequence, person: Profile, world: World, as_of: AsOf) -> bool:
    firsts = [one for one in _steps(leaf.first, person, world) if _inside(one.at, leaf.within, as_of)]
    thens = [one for one in _steps(leaf.then, person, world) if _inside(one.at, None, as_of)]
    span = None if leaf.within_days is None else timedelta(days=leaf.within_days)
    tomorrow = first_instant(shift(as_of.day, 1, "day"), as_of.zone).replace(tzinfo=UTC)
    for first in firsts:
        followed = any(then.at > first.at and (span is None or then.at <= first.at + span) for then in thens)
        is_over = span is None or first.at + span < tomorrow
        if followed != leaf.without and (not leaf.without or is_over):
            return True
    return False


def _money(leaf: Money, person: Profile, world: World, as_of: AsOf) -> bool:
    signs = MEASURES[leaf.measure]
    cents = sum(
        signs[event.kind] * in_cents(event.value)
        for event in _mine(world.events, person)
        if event.kind in signs
        and event.value is not None
        and (not leaf.service_lines or event.service_line_id in leaf.service_lines)
        and _inside(event.at, leaf.within, as_of)
    )
    low, high = (None if one is None else in_cents(one) for one in (leaf.at_least, leaf.at_most))
    return (low is None or cents >= low) and (high is None or cents <= high)


def in_cents(dollars: float) -> int:
    """Whole cents, half away from zero."""
    return int(Decimal(dollars * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _is_appointment(leaf: HasAppointment, fact: Fact, as_of: AsOf) -> bool:
    if fact.kind != "appointment" or fact.starts_at is None:
        return False
    day = local_day(fact.starts_at, as_of.zone)
    return (
        (leaf.when != "future" or day >= as_of.day)
        and (leaf.when != "past" or day < as_of.day)
        and (leaf.within is None or _inside(fact.starts_at, leaf.within, as_of))
        and (not leaf.statuses or fact.status in leaf.statuses)
        and (not leaf.service_lines or fact.service_line_id in leaf.service_lines)
        and (not leaf.locations or fact.location_id in leaf.locations)
    )


def _is_covered(fact: Fact, by: tuple[str, ...], as_of: AsOf) -> bool:
    return (
        fact.kind == "coverage"
        and fact.status not in VOID
        and (not by or fact.code in by)
        and (fact.starts_at is None or local_day(fact.starts_at, as_of.zone) <= as_of.day)
        and (fact.ends_at is None or local_day(fact.ends_at, as_of.zone) > as_of.day)
    )


def _consented(leaf: Consented, consent: ConsentNow, as_of: AsOf) -> bool:
    return (
        consent.channel == leaf.channel
        and consent.topic == leaf.topic
        and consent.status == leaf.status
        and (
            leaf.status != "granted"
            or consent.expires_at is None
            or local_day(consent.expires_at, as_of.zone) > as_of.day
        )
        and _held(consent.at, leaf.held, as_of)
    )


def _wishes(said: PreferenceNow, as_of: AsOf) -> set[str]:
    found = {said.feeling} - {""}
    if said.pause_until is not None and said.pause_until > as_of.day:
        found.add("paused")
    if said.at_most is not None:
        found.add("limited")
    return found


def _trait_fits(leaf: TraitIs, trait: Trait, as_of: AsOf) -> bool:
    if not (trait.name.startswith(leaf.name) if leaf.begins else trait.name == leaf.name):
        return False
    if not _held(trait.at, leaf.held, as_of):
        return False
    if leaf.one_of:
        return trait.text in leaf.one_of
    if leaf.at_least is None and leaf.at_most is None:
        return True
    if trait.number is None:
        return False
    return (leaf.at_least is None or trait.number >= leaf.at_least) and (
        leaf.at_most is None or trait.number <= leaf.at_most
    )


def _roofs(person: Profile, world: World, as_of: AsOf) -> set[int]:
    """The households the person belongs to on the day of the question."""
    return {
        roof.household_id
        for roof in _mine(world.roofs, person)
        if (roof.starts_on is None or roof.starts_on <= as_of.day)
        and (roof.ends_on is None or roof.ends_on > as_of.day)
    }


def _housemates(person: Profile, world: World, as_of: AsOf) -> list[Profile]:
    mine = _roofs(person, world, as_of)
    return [
        other
        for other in world.profiles
        if not other.deceased and other.pseudonym != person.pseudonym and mine & _roofs(other, world, as_of)
    ]


def _household_sizes(person: Profile, world: World, as_of: AsOf) -> list[int]:
    return [
        sum(not other.deceased and household in _roofs(other, world, as_of) for other in world.profiles)
        for household in _roofs(person, world, as_of)
    ]


def _is_in(leaf: InSegment, stay: Member, as_of: AsOf) -> bool:
    return (
        stay.segment_id in leaf.one_of
        and local_day(stay.entered_at, as_of.zone) <= as_of.day
        and (stay.left_at is None or local_day(stay.left_at, as_of.zone) > as_of.day)
        and _held(stay.entered_at, leaf.held, as_of)
    )
