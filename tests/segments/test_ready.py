"""Ready segments are definitions like any other: readable, sayable, permitted for what they are for, and right at their edges."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from rapport.segments import compiler, memory, permission, ready
from rapport.segments.days import AsOf
from rapport.segments.language import resolved, say, walk
from rapport.segments.language.nodes import LivesIn
from rapport.segments.meaning import House
from rapport.segments.worldly import Event, Fact, Profile, World

TODAY = AsOf(date(2026, 11, 23))
ALL = ready.all_ready()


class OnlySets(House):
    """Value sets alone: nothing of these tests stands in a database."""

    def near(self, near):
        return ("01852",)


def meant(slug: str):
    return resolved(ready.get(slug).node([1]), OnlySets())


def visited(*days: tuple[int, int, int]) -> World:
    events = [Event(number, 1, "encounter", datetime(*day, 15, tzinfo=UTC)) for number, day in enumerate(days, 1)]
    return World([Profile(1)], events)


@pytest.mark.parametrize("one", ALL, ids=[one.slug for one in ALL])
def test_every_ready_segment_can_be_asked_and_says_itself(one):
    node = one.node([1])
    assert compiler.sql(compiler.compile(resolved(node, OnlySets()), TODAY))
    for language in ("en", "es"):
        assert say(node, language).endswith(".")
        assert one.name_in(language)
        assert one.about_in(language).endswith(".")


@pytest.mark.django_db
@pytest.mark.parametrize("one", ALL, ids=[one.slug for one in ALL])
def test_every_ready_segment_is_permitted_for_what_it_is_for(one):
    if not any(isinstance(part, LivesIn) for _path, part in walk(one.node([1]))):
        assert not permission.judge(one.node([1]), one.purpose, on=TODAY.day).refusals


def test_every_kind_has_one_and_no_slug_stands_twice():
    assert {one.kind for one in ALL} == set(ready.KINDS)
    assert not [slug for slug, many in Counter(one.slug for one in ALL).items() if many > 1]


def test_a_house_without_locations_is_not_offered_a_distance():
    assert ready.get("near-us").node([]) is None


EDGES = [
    ("lapsed", visited((2024, 12, 1)), True, "two years ago"),
    ("lapsed", visited((2024, 12, 1), (2025, 6, 1)), False, "and again within 18 months"),
    ("lapsed", visited((2023, 11, 1)), False, "longer ago than three years"),
    ("never-came-back", visited((2026, 4, 1)), True, "once, half a year ago"),
    ("never-came-back", visited((2026, 4, 1), (2026, 4, 2)), False, "twice"),
    ("never-came-back", visited((2026, 9, 1)), False, "may still come back"),
    ("newcomers", visited((2026, 9, 1)), True, "first came in September"),
    ("newcomers", visited((2020, 1, 1), (2026, 9, 1)), False, "was here before"),
    ("turning-65", World([Profile(1, birth_month=date(1962, 4, 1))]), True, "turns 65 in April next year, sure by May"),
    ("turning-65", World([Profile(1, birth_month=date(1961, 1, 1))]), False, "is 65 already"),
    ("birthdays-next-month", World([Profile(1, birth_month=date(1962, 12, 1))]), True, "December"),
    ("uninsured", World([Profile(1)]), True, "nothing on record"),
    ("uninsured", World([Profile(1)], facts=[Fact(1, 1, "coverage", "", "medicare", "active")]), False, "Medicare"),
    ("mammogram-overdue", World([Profile(1, birth_month=date(1966, 1, 1), sex="F")]), True, "never had one"),
    ("mammogram-overdue", World([Profile(1, birth_month=date(1966, 1, 1), sex="F")],
     [Event(1, 1, "procedure", datetime(2025, 1, 1, tzinfo=UTC), "cpt", "77067")]), False, "had one in January of last year"),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "world", "expected", "why"), EDGES, ids=[f"{one[0]}: {one[3]}" for one in EDGES])
def test_a_ready_segment_means_what_its_name_says(slug, world, expected, why):
    assert (memory.answer(meant(slug), world, TODAY) == {1}) is expected, why
