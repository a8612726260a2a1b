"""Why one person is in a segment, from the record itself: the reference engine over this person's own rows.

The warehouse is asked for whole groups; for one person the rows of PostgreSQL are few and as fresh as can be. The answer is
node by node, parents first, each with what stands behind it. Entries of sensitive classes are counted, never named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import msgspec
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rapport.consent.choices import records_of
from rapport.people.models import DataClass, Event, Person
from rapport.segments import language, meaning, memory, queries, worldly
from rapport.segments.days import AsOf
from rapport.segments.membership.near import near
from rapport.segments.membership.touched import with_housemates
from rapport.ui.formats import local_date, month

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
            if person.birth_month is None:
                return _("birth month not known")
            return _("born %(month)s") % {"month": month(person.birth_month)}
        case language.Sex():
            return _("recorded as %(sex)s") % {"sex": person.get_sex_display()}
        case language.LivesIn():
            return ", ".join(part for part in (person.zip5, person.state) if part) or _("address not known")
        case language.Speaks():
            return person.language
        case language.AtLocation():
            return str(person.home_location or _("no usual place"))
        case language.KnownSince():
            if her.known_since is None:
                return _("not known since when")
            return _("since %(day)s") % {"day": local_date(_day(her.known_since))}
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
        return _("nothing of the kind in the record")
    labels = dict(Event.objects.filter(pk__in=[event.id for event in events[-MOST_NAMED:]]).values_list("id", "label"))
    named = [_named(event, labels.get(event.id, "")) for event in reversed(events[-MOST_NAMED:])]
    named += [
        f"{fact.kind}{'' if _is_sensitive(fact) else ' ' + fact.code}".rstrip()
        for fact in facts[: MOST_NAMED - len(named)]
    ]
    rest = len(events) + len(facts) - len(named)
    return "; ".join(named) + (_("; and %(rest)s more") % {"rest": rest} if rest > 0 else "")


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
    day = local_date(_day(event.at))
    if _is_sensitive(event):
        return _("a sensitive entry of %(day)s") % {"day": day}
    what = label or event.kind
    return _("%(what)s of %(day)s") % {"what": f"{what} ({event.code})" if event.code else what, "day": day}


def _day(at: date) -> date:
    """The day as the record has it, in no zone but its own."""
    return at.date() if isinstance(at, datetime) else at


def _is_sensitive(row: worldly.Event | worldly.Fact) -> bool:
    return row.data_class != DataClass.GENERAL
