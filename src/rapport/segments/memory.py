"""The reference engine: slow and obvious. What it says is what a definition means; every other engine must agree with it.

It walks over people one by one and looks at their rows in plain Python. Instants become local days here by asking the
calendar, never by the bounds that the compiler uses.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from rapport.segments.days import AsOf, age_on, days_of, local_day
from rapport.segments.language import (
    Age,
    All,
    Any_,
    AtLocation,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasCode,
    LivesIn,
    Node,
    None_,
    Sex,
    Speaks,
    TraitIs,
    Window,
)

ACTIVE = ("active", "recurrence", "relapse")


@dataclass(frozen=True)
class Profile:
    """One row a person: what stands open about him or her."""

    pseudonym: int
    birth_month: date | None = None
    sex: str = "U"
    language: str = "en"
    state: str = ""
    zip5: str = ""
    location_id: int | None = None
    deceased: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened."""

    id: int
    pseudonym: int
    kind: str
    at: datetime
    code_system: str = ""
    code: str = ""
    value: float | None = None
    service_line_id: int | None = None
    location_id: int | None = None
    campaign_id: int | None = None
    data_class: str = "general"


@dataclass(frozen=True)
class Fact:
    """The current state of something that lasts."""

    id: int
    pseudonym: int
    kind: str
    code_system: str = ""
    code: str = ""
    status: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    location_id: int | None = None
    service_line_id: int | None = None
    data_class: str = "general"


@dataclass(frozen=True)
class ConsentNow:
    """The newest statement of will about one channel and topic."""

    pseudonym: int
    channel: str
    topic: str
    status: str
    at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Trait:
    """What another room wrote on a person."""

    id: int
    pseudonym: int
    name: str
    text: str = ""
    number: float | None = None


@dataclass(frozen=True)
class World:
    """All that the warehouse holds, as plain lists."""

    profiles: list[Profile] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    consents: list[ConsentNow] = field(default_factory=list)
    traits: list[Trait] = field(default_factory=list)


def answer(node: Node, world: World, as_of: AsOf) -> set[int]:
    """The pseudonyms of the living people of whom the node is true."""
    return {person.pseudonym for person in world.profiles if not person.deceased and holds(node, person, world, as_of)}


def holds(node: Node, person: Profile, world: World, as_of: AsOf) -> bool:
    """Whether the node is true of one person."""
    match node:
        case All(of):
            return all(holds(part, person, world, as_of) for part in of)
        case Any_(of):
            return any(holds(part, person, world, as_of) for part in of)
        case None_(of):
            return not any(holds(part, person, world, as_of) for part in of)
        case Age():
            return _age(node, person, as_of)
        case Sex(one_of):
            return person.sex in one_of
        case Speaks(one_of):
            return any(person.language == one or person.language.startswith(f"{one}-") for one in one_of)
        case LivesIn(zips, states):
            return person.state in states or any(bool(person.zip5) and person.zip5.startswith(one) for one in zips)
        case AtLocation(one_of):
            return person.location_id in one_of
        case HasCode():
            return _has_code(node, person, world, as_of)
        case Encountered():
            return _encountered(node, person, world, as_of)
        case Happened():
            return _happened(node, person, world, as_of)
        case Consented():
            return _consented(node, person, world, as_of)
        case TraitIs():
            return any(_trait_fits(node, trait) for trait in world.traits if trait.pseudonym == person.pseudonym)


def _age(leaf: Age, person: Profile, as_of: AsOf) -> bool:
    if person.birth_month is None:
        return False
    age = age_on(person.birth_month, leaf.on or as_of.day)
    if age is None:
        return False
    return (leaf.at_least is None or age >= leaf.at_least) and (leaf.at_most is None or age <= leaf.at_most)


def _has_code(leaf: HasCode, person: Profile, world: World, as_of: AsOf) -> bool:
    if not leaf.active:
        return any(
            event.pseudonym == person.pseudonym
            and (leaf.kind is None or event.kind == leaf.kind)
            and _is_code(leaf.codes, event.code_system, event.code)
            and _inside(event.at, leaf.within, as_of)
            for event in world.events
        )
    return any(
        fact.pseudonym == person.pseudonym
        and (leaf.kind is None or fact.kind == leaf.kind)
        and _is_code(leaf.codes, fact.code_system, fact.code)
        and fact.status in ACTIVE
        and (fact.ends_at is None or local_day(fact.ends_at, as_of.zone) > as_of.day)
        and (leaf.within is None or (fact.starts_at is not None and _inside(fact.starts_at, leaf.within, as_of)))
        for fact in world.facts
    )


def _is_code(asked: tuple[CodeIs, ...], system: str, code: str) -> bool:
    return any(
        system == one.system and (code == one.code or (one.prefix and code.startswith(one.code))) for one in asked
    )


def _encountered(leaf: Encountered, person: Profile, world: World, as_of: AsOf) -> bool:
    visits = [
        event
        for event in world.events
        if event.pseudonym == person.pseudonym
        and event.kind == "encounter"
        and (not leaf.service_lines or event.service_line_id in leaf.service_lines)
        and (not leaf.locations or event.location_id in leaf.locations)
        and _inside(event.at, leaf.within, as_of)
    ]
    return _enough(len(visits), leaf.at_least, leaf.at_most)


def _happened(leaf: Happened, person: Profile, world: World, as_of: AsOf) -> bool:
    found = [
        event
        for event in world.events
        if event.pseudonym == person.pseudonym
        and event.kind == leaf.kind
        and (not leaf.campaigns or event.campaign_id in leaf.campaigns)
        and (not leaf.service_lines or event.service_line_id in leaf.service_lines)
        and _inside(event.at, leaf.within, as_of)
    ]
    return _enough(len(found), leaf.at_least, leaf.at_most)


def _enough(count: int, at_least: int | None, at_most: int | None) -> bool:
    """Without any number: at least once."""
    least = 1 if at_least is None and at_most is None else (at_least or 0)
    return count >= least and (at_most is None or count <= at_most)


def _inside(at: datetime, window: Window | None, as_of: AsOf) -> bool:
    first, last = days_of(window, as_of)
    day = local_day(at, as_of.zone)
    return (first is None or day >= first) and (last is None or day <= last)


def _consented(leaf: Consented, person: Profile, world: World, as_of: AsOf) -> bool:
    return any(
        consent.pseudonym == person.pseudonym
        and consent.channel == leaf.channel
        and consent.topic == leaf.topic
        and consent.status == leaf.status
        and (
            leaf.status != "granted"
            or consent.expires_at is None
            or local_day(consent.expires_at, as_of.zone) > as_of.day
        )
        for consent in world.consents
    )


def _trait_fits(leaf: TraitIs, trait: Trait) -> bool:
    if trait.name != leaf.name:
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
