"""Many more people: the charts told again with new identities, in batches, through the verbs that the feeds end in.

A replayed patient has a name shuffled from all names, a birth date within two years of the chart's, an address and contact
details of her own, and the last three years of the chart's events, moved so that they end near today. Batch by batch in one
transaction each; what was written counts on its own, so an interrupted run goes on with the next batch and makes no doubles.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction

from rapport.consent import ledger
from rapport.demo import clinic, contacts, inlet, patients, register
from rapport.demo.models import World
from rapport.demo.progress import Progress
from rapport.directory.models import Location
from rapport.integrations.fhir import refs
from rapport.people import identity, profile, queries, timeline
from rapport.people.models import Event, Fact
from rapport.people.records import NewEvent, NewFact, PersonRecord
from rapport.segments import sync
from rapport.trust import audit
from rapport.trust.sealing import source_key

SOURCE = "replay"
BATCH = 500
YEARS = timedelta(days=3 * 365)
KINDS = (
    "encounter",
    "condition",
    "procedure",
    "medication",
    "immunization",
    "claim",
    "payment",
    "visit_cost",
    "observation",
)
MOST_EVENTS = 120
Names = tuple[list[str], list[str], list[str]]  # women's and men's given names, family names

TOWNS = tuple((town, zip5) for town, zip5 in contacts.ZIPS.items())


@dataclass(frozen=True)
class Chart:
    """One patient to be replayed: how he is, and what happened in his last three years."""

    born: date
    sex: str
    language: str
    dies: bool
    events: tuple[Event, ...]
    facts: tuple[Fact, ...]


def enlarge(world: World, *, to: int, now: datetime, progress: Progress) -> None:
    """Add people until there are `to`. Their names are numbers in a fixed order, so a second run adds only what is missing."""
    clinic.refuse_production()
    charts, names = read(now)
    wanted = to - world.people
    done = int(world.steps.get("replayed", 0))
    homes = dict(Location.objects.filter(is_ours=True).values_list("slug", "pk"))
    with progress.step("People with new identities") as step:
        for start in range(done, wanted, BATCH):
            count = min(BATCH, wanted - start)
            rng = np.random.default_rng([world.seed, 99, start])
            with transaction.atomic():
                _batch(rng, range(start, start + count), charts, names, homes, now)
                world.steps = {**world.steps, "replayed": start + count}
                world.save(update_fields=["steps"])
            step.at(start + count - done, wanted - done)
        step.note = f"{wanted - done:,}"
    with progress.step("Warehouse"):
        sync.refresh(now=now)


def read(now: datetime) -> tuple[list[Chart], Names]:
    """The charts that are replayed, and the names to shuffle: women's and men's given names, family names. Read once."""
    ids = sorted(patients.persons_by_chart())
    cards = queries.cards(by=inlet.BY, person_ids=ids, now=now)
    events, facts = _recent(ids), _lasting(ids)
    charts = [
        Chart(
            card.birth_date or date(1970, 1, 1),
            card.sex,
            card.language,
            card.deceased_at is not None,
            tuple(events.get(card.id, ())),
            tuple(facts.get(card.id, ())),
        )
        for card in cards
    ]
    women = sorted({card.given for card in cards if card.sex == "F"})
    men = sorted({card.given for card in cards if card.sex == "M"})
    return charts, (women, men, sorted({card.family for card in cards}))


def _recent(people: list[int]) -> dict[int, list[Event]]:
    """The last three years of each chart, newest first. One walk over all charts."""
    found: dict[int, list[Event]] = {}
    rows = Event.objects.filter(person_id__in=people, kind__in=KINDS, source=inlet.CHARTS).order_by("-at", "-id")
    for event in rows.iterator(chunk_size=5_000):
        mine = found.setdefault(event.person_id, [])
        if len(mine) < MOST_EVENTS and (not mine or event.at > mine[0].at - YEARS):
            mine.append(event)
    return found


def _lasting(people: list[int]) -> dict[int, list[Fact]]:
    found: dict[int, list[Fact]] = {}
    for fact in Fact.objects.filter(person_id__in=people, kind__in=("condition", "medication")).order_by("id"):
        found.setdefault(fact.person_id, []).append(fact)
    return found


@transaction.atomic
def _batch(
    rng: np.random.Generator,
    numbers: Sequence[int],
    charts: list[Chart],
    names: Names,
    homes: dict[str, int],
    now: datetime,
) -> None:
    picked = [charts[int(one)] for one in rng.integers(len(charts), size=len(numbers))]
    records = [_record(rng, number, chart, names, homes, now) for number, chart in zip(numbers, picked, strict=True)]
    matches = identity.identify(records=records, source=SOURCE, now=now)
    who = [
        (match.person_id, chart) for match, chart in zip(matches, picked, strict=True) if match.person_id is not None
    ]
    timeline.append(events=list(_events(who, now)), now=now)
    profile.fold(facts=list(_facts(who)), now=now)
    known = [
        register.Registered(match.person_id, bool(record.emails), record.language)
        for match, record in zip(matches, records, strict=True)
        if match.person_id is not None and record.deceased_at is None
    ]
    said = register.statements(known, rng, since=now - timedelta(days=420), until=now - timedelta(days=2))
    ledger.append(by=inlet.BY, records=said, now=now)
    audit.record(by=inlet.BY, verb="demo.replay", now=now, details={"people": len(who)})


def _record(
    rng: np.random.Generator, number: int, chart: Chart, names: Names, homes: dict[str, int], now: datetime
) -> PersonRecord:
    women, men, families = names
    given_names = women if chart.sex == "F" else men
    given, family = given_names[rng.integers(len(given_names))], families[rng.integers(len(families))]
    born = min(chart.born + timedelta(days=int(rng.integers(-730, 731))), now.date() - timedelta(days=30))
    town, zip5 = TOWNS[rng.integers(len(TOWNS))]
    has_email = rng.random() >= contacts.NO_EMAIL
    return PersonRecord(
        identifiers=((refs.own_system(SOURCE), f"r{number}"), ("urn:rapport:demo:mrn", f"R{number:07d}")),
        given=given,
        family=family,
        birth_date=born,
        sex=chart.sex,
        language=chart.language,
        street=f"{1 + int(rng.integers(980))} {families[rng.integers(len(families))]} Street",
        city=town,
        state="MA",
        zip5=zip5,
        emails=(contacts.email_of(given, family, 10_000 + number, rng),) if has_email else (),
        phones=((contacts.phone_of(rng), "mobile"),),
        deceased_at=now - timedelta(days=int(rng.integers(30, 2_000))) if chart.dies and rng.random() < 0.25 else None,
        home_location_id=homes[patients.home_of(zip5)],
    )


def _events(who: Sequence[tuple[int, Chart]], now: datetime) -> Iterator[NewEvent]:
    for person_id, chart in who:
        if not chart.events:
            continue
        moved = now - chart.events[0].at - timedelta(days=1 + person_id % 300)
        visits = {
            str(event.source_key): str(_key(person_id, event.source_key))
            for event in chart.events
            if event.kind == "encounter"
        }
        for event in chart.events:
            detail = event.detail
            if detail.get("encounter"):
                detail = {**detail, "encounter": visits.get(detail["encounter"], "")}
            yield NewEvent(
                person_id=person_id, kind=event.kind, at=event.at + moved, source=SOURCE, source_key=_key(person_id, event.source_key),
                code_system=event.code_system, code=event.code, label=event.label, value=event.value, unit=event.unit,
                data_class=event.data_class, service_line_id=event.service_line_id, location_id=event.location_id, detail=detail,
            )  # fmt: skip


def _facts(who: Sequence[tuple[int, Chart]]) -> Iterator[NewFact]:
    for person_id, chart in who:
        for fact in chart.facts:
            yield NewFact(
                person_id=person_id, kind=fact.kind, source_key=_key(person_id, fact.source_key), code_system=fact.code_system,
                code=fact.code, label=fact.label, status=fact.status, data_class=fact.data_class, starts_at=fact.starts_at,
                ends_at=fact.ends_at, service_line_id=fact.service_line_id, detail=fact.detail,
            )  # fmt: skip


def _key(person_id: int, of: uuid.UUID) -> uuid.UUID:
    return source_key(SOURCE, str(person_id), str(of))
