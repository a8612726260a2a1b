"""Why one person is in a segment, from the record itself: the reference engine over this person's own rows.

The warehouse is asked for whole groups; for one person the rows of PostgreSQL are few and as fresh as can be. The answer is
node by node, parents first, each with what stands behind it. Entries of sensitive classes are counted, never named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from django.utils.translation import get_language

from rapport.consent.choices import records_of
from rapport.people.models import DataClass, Event, Person
from rapport.segments import language, meaning, memory, queries, worldly
from rapport.segments.days import AsOf
from rapport.segments.membership.near import near
from rapport.segments.membership.touched import with_housemates

MOST_NAMED = 3


@dataclass(frozen=True)
class Why:
    """One node of the definition: what it asks, whether it holds, and what it rests on."""

    text: str
    holds: bool
    evidence: str
    depth: int


def why(person: Person, definition: dict[str, object], at: datetime) -> list[Why]:
    """Node by node as of `at`. Raises `language.Misformed` when the definition can't be read."""
    node = language.parse(definition)
    meant = dict(language.walk(meaning.of(node)))
    her, world = world_of(person, at)
    day = AsOf.at(at)
    found = []
    for path, part in language.walk(node):
        is_group = isinstance(part, language.GROUPS)
        found.append(
            Why(
                text=queries.sentence(part, get_language() or "en"),
                holds=memory.holds(meant[path], her, world, day),
                evidence="" if is_group else _evidence(meant[path], person, her, world, day),
                depth=len(path),
            )
        )
    return found


def world_of(person: Person, at: datetime) -> tuple[worldly.Profile, worldly.World]:
    """What the record holds of this person and of those who live with her, without anything that happened after `at`."""
    records = records_of(person.pk)
    found = near(sorted(with_housemates(records)), now=at)
    known = found.profiles.get(person.pseudonym, worldly.Profile(person.pseudonym))  # erased: nothing is known any more
    her = replace(known, deceased=person.deceased_at is not None and person.deceased_at <= at)
    world = found.worlds.get(person.pseudonym, worldly.World())
    others = [one for one in world.profiles if one.pseudonym != her.pseudonym]
    return her, replace(world, profiles=[her, *others], events=[one for one in world.events if one.at <= at])


def _evidence(leaf: language.Node, person: Person, her: worldly.Profile, world: worldly.World, day: AsOf) -> str:
    """The rows that make a criterion true, the newest first. For what is of the profile, the value itself."""
    match leaf:
        case language.Age():
            return f"born {person.birth_month:%B %Y}" if person.birth_month else "birth month not known"
        case language.Sex():
            return f"recorded as {person.get_sex_display()}"
        case language.LivesIn():
            return ", ".join(part for part in (person.zip5, person.state) if part) or "address not known"
        case language.Speaks():
            return person.language
        case language.AtLocation():
            return str(person.home_location or "no usual place")
        case language.KnownSince():
            return f"since {her.known_since:%b %-d, %Y}" if her.known_since else "not known since when"
    rows = _rows(leaf, her, world, day)
    return "" if rows is None else _told(*rows)


def _rows(
    leaf: language.Node, her: worldly.Profile, world: worldly.World, day: AsOf
) -> tuple[list[worldly.Event], list[worldly.Fact]] | None:
    """The rows that a criterion counts: those of which it is true when they stand alone. None where it counts none."""
    single = _once(leaf)
    if single is None:
        return None
    mine = her.pseudonym
    events = [
        event
        for event in world.events
        if event.pseudonym == mine and memory.holds(single, her, worldly.World([her], [event]), day)
    ]
    facts = [
        fact
        for fact in world.facts
        if fact.pseudonym == mine and memory.holds(single, her, worldly.World([her], [], [fact]), day)
    ]
    return sorted(events, key=lambda one: (one.at, one.id)), facts


def _told(events: Sequence[worldly.Event], facts: Sequence[worldly.Fact]) -> str:
    if not events and not facts:
        return "nothing of the kind in the record"
    labels = dict(Event.objects.filter(pk__in=[event.id for event in events[-MOST_NAMED:]]).values_list("id", "label"))
    named = [_named(event, labels.get(event.id, "")) for event in reversed(events[-MOST_NAMED:])]
    named += [
        f"{fact.kind}{'' if _is_sensitive(fact) else ' ' + fact.code}".rstrip()
        for fact in facts[: MOST_NAMED - len(named)]
    ]
    rest = len(events) + len(facts) - len(named)
    return "; ".join(named) + (f"; and {rest} more" if rest > 0 else "")


def _once(leaf: language.Node) -> language.Node | None:
    """The same criterion asked of a single row: how many and which of them is of no use there."""
    match leaf:
        case language.Encountered() | language.Happened() | language.HasAppointment():
            return _without_counts(leaf)
        case language.Observed():
            return language.Observed(leaf.codes, "any", unit=leaf.unit, within=leaf.within)
        case language.Sequence(first, _, _, _, within):
            return language.Happened(
                first.kind, campaigns=first.campaigns, service_lines=first.service_lines, within=within,
                locations=first.locations, codes=first.codes, but_not=first.but_not, value_at_least=first.value_at_least,
                value_at_most=first.value_at_most,
            )  # fmt: skip
        case language.HasCode() | language.Insured():
            return leaf
    return None


def _without_counts(
    leaf: language.Encountered | language.Happened | language.HasAppointment,
) -> language.Encountered | language.Happened | language.HasAppointment:
    """Without numbers: at least once."""
    return msgspec.structs.replace(leaf, at_least=None, at_most=None)


def _named(event: worldly.Event, label: str) -> str:
    day = f"{event.at:%b %-d, %Y}"
    if _is_sensitive(event):
        return f"a sensitive entry of {day}"
    return f"{label or event.kind} ({event.code}) of {day}" if event.code else f"{label or event.kind} of {day}"


def _is_sensitive(row: worldly.Event | worldly.Fact) -> bool:
    return row.data_class != DataClass.GENERAL
