"""Whatever happens in whatever order, the warehouse brought up to date is the warehouse built from nothing, table by table.

Random lives of a handful of people: late events, changed facts, payers, consents that come and expire, wishes, households, stays in
segments, merges and their undoing, deletions, erasures, and a transaction that stays open while others commit.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from rapport.consent.models import Preference
from rapport.directory.models import Payer
from rapport.governance import erasing
from rapport.people import merges, profile
from rapport.people.models import Household, Merge, Person, Relationship, Trait
from rapport.people.records import NewFact
from rapport.segments import pull, store, sync, tables
from rapport.segments.models import Membership, Segment
from rapport.trust.actors import System
from tests import emptying, people_cast
from tests.segments.conftest import happen, speak
from tests.segments.other_session import other_session

BEGIN = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
BY = System("test")
PAYERS = ("Blue Shield", "Evergreen Mutual", "State Plan")


class World:
    """The record, the clock, and what was done so far. Every act takes one number and chooses by it."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.facts: list[uuid.UUID] = []
        self.late: Any = None
        self.open = ExitStack()

    def one(self, number: int) -> Person:
        everybody = list(Person.objects.filter(erased_at=None).order_by("id"))
        return everybody[number % len(everybody)] if everybody else people_cast.person(now=self.now)

    def arrives(self, number: int) -> None:
        people_cast.person(now=self.now, zip5=f"{number % 90000 + 10000}")

    def moves_house(self, number: int) -> None:
        Person.objects.filter(pk=self.one(number).pk).update(zip5=f"{number % 90000 + 10000}", state="NH")

    def something_happens(self, number: int) -> None:
        kind = ("encounter", "observation", "payment")[number % 3]
        happen(self.one(number), kind, self.now - timedelta(days=number % 4000), value=number % 7, unit="mg/dL")

    def a_fact_is_told(self, number: int) -> None:
        again = self.facts and number % 3 == 0
        key = self.facts[number % len(self.facts)] if again else uuid.uuid4()
        self.facts.append(key)
        said = {"code": ("medicare", "", "MEMBER-77")[number % 3], "label": (*PAYERS, "nobody knows")[number % 4]}
        fact = NewFact(person_id=self.one(number).pk, kind="coverage", source_key=key, status=str(number % 5), **said)
        profile.fold(facts=[fact], now=self.now)

    def a_payer_is_classed(self, number: int) -> None:
        classes = Payer.PayerClass.values
        Payer.objects.update_or_create(
            name=PAYERS[number % len(PAYERS)], defaults={"payer_class": classes[number % len(classes)]}
        )

    def a_trait_is_written(self, number: int) -> None:
        Trait.objects.update_or_create(
            person=self.one(number), name=f"gap.{number % 2}",
            defaults={"text": "open", "number": number, "source": "test", "at": self.now},
        )  # fmt: skip

    def a_trait_is_deleted(self, number: int) -> None:
        Trait.objects.filter(person=self.one(number)).delete()

    def speaks(self, number: int) -> None:
        at = self.now + timedelta(days=number % 40 - 25)
        expires = at + timedelta(days=number % 37 + 1) if number % 2 else None
        said = {"channel": ("email", "all", "sms")[number % 3], "topic": ("care", "all")[number % 2]}
        speak(self.one(number), ("granted", "withdrawn")[number % 5 == 0], at, expires_at=expires, **said)

    def wishes(self, number: int) -> None:
        at = self.now - timedelta(days=number % 9)
        feeling = ("too_much", "")[number % 2]
        Preference.objects.create(person=self.one(number), at_most=1 + number % 4, feeling=feeling, via="test", at=at)

    def joins_a_household(self, number: int) -> None:
        house = (
            Household.objects.order_by("id").first() if number % 2 else Household.objects.create(created_at=self.now)
        )
        other = self.one(number + 1) if number % 5 == 0 else None
        house = house or Household.objects.create(created_at=self.now)
        Relationship.objects.create(person=self.one(number), household=house, other=other, kind="member")

    def leaves_a_household(self, number: int) -> None:
        rows = list(Relationship.objects.order_by("id"))
        for row in rows[number % max(1, len(rows)) :][:1]:
            if number % 3 == 0:
                row.delete()
            else:
                change = {"kind": "guarantor"} if number % 3 == 1 else {"ends_on": self.now.date()}
                Relationship.objects.filter(pk=row.pk).update(**change)

    def a_stay_begins_or_ends(self, number: int) -> None:
        said = {"definition": {}, "name": "Test", "created_at": self.now, "changed_at": self.now}
        segment, _ = Segment.objects.get_or_create(slug="test", defaults=said)
        person = self.one(number)
        stay = Membership.objects.filter(segment=segment, person=person, left_at=None)
        if not stay.update(left_at=self.now, left_why="time"):
            Membership.objects.create(
                segment=segment, person=person, segment_version=1, entered_at=self.now, entered_why="event"
            )

    def two_become_one(self, number: int) -> None:
        living = list(Person.objects.filter(erased_at=None, merged_into=None).order_by("id"))
        if len(living) > 1:
            kept, gone = living[number % len(living)], living[(number + 1) % len(living)]
            merges.merge(by=BY, kept=kept, gone=gone, rule="test", now=self.now)

    def a_merge_is_undone(self, number: int) -> None:
        for merge in Merge.objects.filter(undone_at=None).order_by("-id")[number % 2 :][:1]:
            try:
                with transaction.atomic():
                    merges.unmerge(by=BY, merge=merge, now=self.now)
            except merges.NotMergeable:
                pass

    def is_erased(self, number: int) -> None:
        if number % 3 == 0:
            erasing.erase(by=BY, person_id=self.one(number).pk, now=self.now, reason="test")

    def time_passes(self, number: int) -> None:
        self.now += timedelta(days=number % 20)

    def another_transaction_waits(self, number: int) -> None:
        """It writes now and commits when it is asked again."""
        if self.late is not None:
            self.late.commit()
            self.open.close()
            self.late = None
        else:
            person = self.one(number)
            self.late = self.open.enter_context(other_session())
            self.late.execute("INSERT INTO people_trait (person_id, name, text, data_class, source, at, tx) "
                              "VALUES (%s, %s, '', 'general', 'late', now(), 0)", [person.pk, f"late.{uuid.uuid4()}"])  # fmt: skip


ACTS: tuple[Callable[[World, int], None], ...] = tuple(
    act for name, act in vars(World).items() if callable(act) and name not in {"__init__", "one"}
)
# What is rare and needs others before it is drawn more often.
OFTEN = (
    World.two_become_one,
    World.speaks,
    World.a_trait_is_written,
    World.a_fact_is_told,
    World.a_payer_is_classed,
    World.is_erased,
)
ONE_ACT = st.tuples(st.sampled_from((*ACTS, *OFTEN, *OFTEN)), st.integers(0, 10_000))
STEPS = st.lists(st.lists(ONE_ACT, min_size=10, max_size=22), min_size=6, max_size=6)


@pytest.fixture
def _forgotten(transactional_db: None) -> Iterator[None]:
    store.forget()
    yield
    store.forget()


def rows(cursor: Any) -> dict[str, Counter]:
    return {table: Counter(cursor.execute(f"SELECT * FROM {table}").fetchall()) for table in tables.OF_PEOPLE}


def from_nothing(now: datetime) -> dict[str, Counter]:
    """What a rebuild would put into the tables, at this instant."""
    with duckdb.connect(":memory:", config={"threads": 1}) as work, pull.reading(now) as reader:
        tables.fill(work, reader)
        return rows(work)


@pytest.mark.slow
@pytest.mark.usefixtures("_forgotten")
@seed(20260304)
@settings(
    max_examples=5, deadline=None, database=None, phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(STEPS)
def test_what_is_brought_up_to_date_is_what_would_be_built(steps):
    emptying.empty()
    world = World()
    with world.open:
        built = sync.refresh(now=world.now)
        for acts in steps:
            for act, number in acts:
                if world.late is None or act not in CAN_WAIT:
                    act(world, number)
            version = sync.refresh(now=world.now)
            assert version.lineage == built.lineage, "it was built anew"
            found, wanted = rows(store.snapshot().handle.cursor()), from_nothing(world.now)
            for table in tables.OF_PEOPLE:
                too_much, missing = found[table] - wanted[table], wanted[table] - found[table]
                assert not too_much + missing, (table, too_much, missing, [act.__name__ for act, _ in acts])


# These lock rows that the waiting transaction holds.
CAN_WAIT = (World.two_become_one, World.a_merge_is_undone, World.is_erased, World.moves_house)
