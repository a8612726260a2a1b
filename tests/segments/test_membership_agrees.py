"""The live refresh, the full refresh and the reference engine put the same people into the same segments, whatever happens."""

import os
import random
import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.db.models import Q
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rapport.consent.models import Preference
from rapport.people import merges, timeline
from rapport.people.models import Fact, Household, Merge, Person, Relationship, Trait
from rapport.people.records import NewEvent
from rapport.segments import actions, queries, store, sync
from rapport.segments.days import AsOf, first_instant
from rapport.segments.language import (
    CodeIs,
    Consented,
    Happened,
    HasAppointment,
    HasCode,
    HouseholdSize,
    InSegment,
    Insured,
    Last,
    LivesIn,
    Sex,
    TraitIs,
    Wishes,
    leaves,
)  # fmt: skip
from rapport.segments.membership import full
from rapport.segments.membership.live import Follower
from rapport.segments.membership.plans import plans
from rapport.segments.membership.stays import NOTHING
from rapport.segments.models import Membership, Segment
from tests import people_cast
from tests.segments import definitions, worlds
from tests.segments.conftest import speak
from tests.segments.staying import BY, inside, reckon

pytestmark = pytest.mark.one_stage  # the last test looks at what the first one compared
ZONE = django_settings.TIME_ZONE
# The days of the examples, one after the other: people of the earlier ones live on. In two of the nights the clocks change.
NIGHTS = (date(2026, 3, 8), date(2026, 7, 4), date(2026, 11, 1), date(2026, 11, 2))
lived: list[datetime] = []


# Criteria of each of these must have moved somebody in the comparison: together they read every table.
MOVING = (
    "HasCode",
    "Happened",
    "TraitIs",
    "Consented",
    "Wishes",
    "HouseholdSize",
    "Insured",
    "HasAppointment",
    "LivesIn",
    "Sex",
)
PLAIN = (
    Happened("message_opened", within=Last(90)), Happened("encounter", at_most=0), HasAppointment("any"), HasAppointment("future"),
    HasCode((CodeIs("icd10cm", "E11"), CodeIs("cpt", "77067")), active=True), Consented("email", "care"),
    Consented("email", "newsletter", "withdrawn"), Insured(("medicare",)), Wishes(("too_much", "limited")), TraitIs("gap.mammogram"),
    HouseholdSize(at_least=2), LivesIn(zips=("10001",)), Sex(("M",)),
)  # fmt: skip
EXAMPLES = int(os.environ.get("AGREE_EXAMPLES", "2"))
LONELY = [kind for kind in definitions.LEAVES if kind is not InSegment]
moved: Counter[str] = Counter()


@st.composite
def asked(draw, nested: int = 8) -> list:
    """Plain criteria on every table, every kind of criterion alone, and some nested definitions. None names another segment."""
    found = [*PLAIN, *(draw(definitions.LEAVES[kind]) for kind in LONELY)]
    while nested:
        node = draw(definitions.definitions)
        if not any(isinstance(leaf, InSegment) for leaf in leaves(node)):
            found.append(node)
            nested -= 1
    return found


few = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Life:
    """Things that happen to a few people, one after the other, at instants around the bounds of days."""

    def __init__(self, chance: random.Random, now: datetime) -> None:
        self.chance, self.now = chance, now
        self.people = [people_cast.person(now=now) for _ in range(8)]
        self.houses = [Household.objects.create(created_at=now) for _ in range(2)]

    def instant(self) -> datetime:
        day = self.now.date() + timedelta(days=self.chance.choice((0, 0, 1, -1, -7, -30, -90, -365, 12)))
        bound = first_instant(day, ZONE).replace(tzinfo=UTC)
        return bound + self.chance.choice(
            (timedelta(0), timedelta(microseconds=-1), timedelta(hours=5), timedelta(days=1))
        )

    def go_on(self) -> None:
        act = self.chance.choice((
            self.event, self.event, self.event, self.event, self.fact, self.fact, self.trait, self.consent, self.wish, self.move_in,
            self.change, self.merge, self.unmerge,
        ))  # fmt: skip
        act(Person.objects.get(pk=self.chance.choice(self.people).pk))

    def event(self, who: Person) -> None:
        system, code = self.chance.choice((*worlds.CODES, ("", "")))
        made = NewEvent(
            person_id=who.pk, kind=self.chance.choice((*worlds.KINDS, *worlds.PAID)), at=self.instant(), source="test",
            source_key=uuid.uuid4(), code_system=system, code=code, value=self.chance.choice((None, 7, 19.99, 20)),
            unit=self.chance.choice(("%", "mg/dL")), service_line_id=self.chance.choice((None, 1, 2)),
            campaign_id=self.chance.choice((None, 1, 2)),
        )  # fmt: skip
        timeline.append(events=[made], now=self.now)

    def fact(self, who: Person) -> None:
        system, code = self.chance.choice(worlds.CODES)
        kind = self.chance.choice(worlds.LASTING)
        Fact.objects.create(
            person=who, kind=kind, source_key=uuid.uuid4(), code_system="" if kind == "coverage" else system,
            code=self.chance.choice(worlds.PAYERS) if kind == "coverage" else code,
            status=self.chance.choice(("active", "recurrence", "resolved", "booked", "cancelled")),
            starts_at=self.instant(), ends_at=self.chance.choice((None, self.instant())), changed_at=self.now,
        )  # fmt: skip

    def trait(self, who: Person) -> None:
        said = {
            "text": self.chance.choice(worlds.WORDS),
            "number": self.chance.choice((None, 0.3, 0.31, -1)),
            "at": self.instant(),
        }
        Trait.objects.update_or_create(
            person=who, name=self.chance.choice(worlds.TRAITS), defaults=said | {"source": "test"}
        )

    def consent(self, who: Person) -> None:
        speak(
            who, self.chance.choice(("granted", "withdrawn")), min(self.now, self.instant()),
            topic=self.chance.choice(("care", "newsletter", "all")), expires_at=self.chance.choice((None, None, self.instant())),
        )  # fmt: skip

    def wish(self, who: Person) -> None:
        Preference.objects.create(
            person=who, at_most=self.chance.choice((None, 2)), feeling=self.chance.choice(("", "too_much")), via="test", at=self.now,
            pause_until=self.chance.choice((None, self.now.date() + timedelta(days=3))),
        )  # fmt: skip

    def move_in(self, who: Person) -> None:
        ends = self.chance.choice((None, None, self.now.date()))
        Relationship.objects.create(person=who, household=self.chance.choice(self.houses), kind="member", ends_on=ends)

    def change(self, who: Person) -> None:
        field = self.chance.choice(
            ({"zip5": "10001"}, {"zip5": ""}, {"state": "NY"}, {"sex": "M"}, {"language": "es-MX"})
        )
        if self.chance.random() < 0.15:
            field = {"deceased_at": self.now}
        Person.objects.filter(pk=who.pk).update(**field)

    def merge(self, who: Person) -> None:
        other = Person.objects.get(pk=self.chance.choice(self.people).pk)
        if who.pk != other.pk and not (who.merged_into_id or other.merged_into_id):
            merges.merge(by=BY, kept=who, gone=other, rule="test", now=self.now)

    def unmerge(self, who: Person) -> None:
        for made in Merge.objects.filter(gone=who, undone_at=None):
            if Person.objects.get(pk=made.kept_id).merged_into_id is None:
                merges.unmerge(by=BY, merge=made, now=self.now)


@few
@given(nodes=asked(), seed=st.integers(0, 10_000))
def test_live_and_full_refresh_put_the_same_people_into_the_same_segments(warehouse, nodes, seed):
    Segment.objects.all().delete()
    chance = random.Random(seed)
    now = first_instant(NIGHTS[len(lived) % len(NIGHTS)], ZONE).replace(tzinfo=UTC) + timedelta(hours=12)
    now = max([now, *lived])
    lived.append(now)
    life = Life(chance, now)
    for number, node in enumerate(nodes):
        actions.save(by=BY, now=now, name=f"Asked {number}", node=node, purpose="P1")
    reckon(now)
    follower = Follower()
    follower.turn(now=now)
    for _round in range(3):
        for _ in range(6):
            life.go_on()
            life.go_on()
            follower.turn(now=now)
        sync.rebuild(now=now)
        for plan in plans(now=now):
            if not plan.whole:
                found = queries.live(store.snapshot().people(plan.node, AsOf.at(now, ZONE)))
                assert inside(plan.segment_id) == set(found), plan.node
        everything = list(Membership.objects.order_by("id").values("id", "person_id", "segment_id", "left_at"))
        _note(plans(now=now))
        changed = full.refresh([plan for plan in plans(now=now) if not plan.whole], now=now)
        assert changed == NOTHING
        assert list(Membership.objects.order_by("id").values("id", "person_id", "segment_id", "left_at")) == everything


def _note(some: list) -> None:
    """Which criteria let somebody in, or out, because something was written."""
    for plan in some:
        written = Membership.objects.filter(segment=plan.segment_id).filter(
            Q(entered_why="event") | Q(left_why="event")
        )
        moved[type(plan.node).__name__] += written.count()


def test_the_comparison_moved_people_by_every_kind_of_row():
    """Runs after the comparison, in the same file and process, and looks at what it really compared."""
    if not moved:
        pytest.skip("the comparison did not run in this process")
    assert not {kind: moved[kind] for kind in MOVING if not moved[kind]}, moved
