"""Why one person is in a segment, from the record itself: the reference engine over this person's own rows.

The warehouse is asked for whole groups; for one person the rows of PostgreSQL are few and as fresh as can be. The answer is
node by node, parents first, each with what stands behind it. Entries of sensitive classes are counted, never named.
"""

from dataclasses import dataclass
from datetime import datetime

from rapport.consent.queries import current
from rapport.people.models import DataClass, Event, Fact, Person, Trait
from rapport.segments import language, memory, queries
from rapport.segments.days import AsOf

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
    world = world_of(person, at)
    day = AsOf.at(at)
    found = []
    for path, part in language.walk(node):
        is_group = isinstance(part, language.GROUPS)
        found.append(
            Why(
                text=queries.sentence(part),
                holds=memory.holds(part, world.profiles[0], world, day),
                evidence="" if is_group else _evidence(part, person, world, day),
                depth=len(path),
            )
        )
    return found


def world_of(person: Person, at: datetime) -> memory.World:
    """What the record holds of this person, without anything that happened after `at`."""
    known = person.pseudonym
    return memory.World(
        profiles=[
            memory.Profile(
                pseudonym=known,
                birth_month=person.birth_month,
                sex=person.sex,
                language=person.language,
                state=person.state,
                zip5=person.zip5,
                location_id=person.home_location_id,
                deceased=person.deceased_at is not None and person.deceased_at <= at,
            )
        ],
        events=[_event(row, known) for row in Event.objects.filter(person=person, at__lte=at).order_by("at", "id")],
        facts=[_fact(row, known) for row in Fact.objects.filter(person=person).order_by("id")],
        consents=[
            memory.ConsentNow(known, channel, topic, said.status, said.at, said.expires_at)
            for (channel, topic), said in current([person.pk], now=at).get(person.pk, {}).items()
        ],
        traits=[
            memory.Trait(row.pk, known, row.name, row.text, row.number) for row in Trait.objects.filter(person=person)
        ],
    )


def _evidence(leaf: language.Node, person: Person, world: memory.World, day: AsOf) -> str:
    """The rows that make a criterion true, the newest first. For what is of the profile, the value itself."""
    match leaf:
        case language.HasCode() | language.Encountered() | language.Happened():
            return _rows(leaf, person, world, day)
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
    return ""


def _rows(leaf: language.Leaf, person: Person, world: memory.World, day: AsOf) -> str:
    alone = [
        event
        for event in world.events
        if memory.holds(_once(leaf), world.profiles[0], memory.World(world.profiles, [event]), day)
    ]
    facts = [
        fact
        for fact in world.facts
        if memory.holds(leaf, world.profiles[0], memory.World(world.profiles, [], [fact]), day)
    ]
    if not alone and not facts:
        return "nothing of the kind in the record"
    labels = dict(Event.objects.filter(pk__in=[event.id for event in alone[-MOST_NAMED:]]).values_list("id", "label"))
    named = [_named(event, labels.get(event.id, "")) for event in reversed(alone[-MOST_NAMED:])]
    named += [
        f"{fact.kind}{'' if _is_sensitive(fact) else ' ' + fact.code}" for fact in facts[: MOST_NAMED - len(named)]
    ]
    rest = len(alone) + len(facts) - len(named)
    return "; ".join(named) + (f"; and {rest} more" if rest > 0 else "")


def _once(leaf: language.Leaf) -> language.Leaf:
    """The same criterion asked of a single event: counts are of no use there."""
    if isinstance(leaf, language.Encountered):
        return language.Encountered(service_lines=leaf.service_lines, locations=leaf.locations, within=leaf.within)
    if isinstance(leaf, language.Happened):
        return language.Happened(
            kind=leaf.kind, campaigns=leaf.campaigns, service_lines=leaf.service_lines, within=leaf.within
        )
    return leaf


def _named(event: memory.Event, label: str) -> str:
    day = f"{event.at:%b %-d, %Y}"
    if _is_sensitive(event):
        return f"a sensitive entry of {day}"
    return f"{label or event.kind} ({event.code}) of {day}" if event.code else f"{label or event.kind} of {day}"


def _is_sensitive(row: memory.Event | memory.Fact) -> bool:
    return row.data_class != DataClass.GENERAL


def _event(row: Event, known: int) -> memory.Event:
    return memory.Event(
        id=row.pk,
        pseudonym=known,
        kind=row.kind,
        at=row.at,
        code_system=row.code_system,
        code=row.code,
        value=None if row.value is None else float(row.value),
        service_line_id=row.service_line_id,
        location_id=row.location_id,
        campaign_id=row.campaign_id,
        data_class=row.data_class,
    )


def _fact(row: Fact, known: int) -> memory.Fact:
    return memory.Fact(
        id=row.pk,
        pseudonym=known,
        kind=row.kind,
        code_system=row.code_system,
        code=row.code,
        status=row.status,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        location_id=row.location_id,
        service_line_id=row.service_line_id,
        data_class=row.data_class,
    )
