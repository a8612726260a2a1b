"""Variants are split exactly, also by batches: never 75 to 25 where 50 to 50 was planned."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rapport.campaigns import randomise

weights = st.lists(st.integers(1, 90), min_size=2, max_size=5).map(lambda many: [Decimal(one) for one in many])


@given(people=st.integers(0, 3_000), shares=weights)
def test_the_sizes_add_up_and_none_is_more_than_one_from_its_share(people: int, shares: list[Decimal]) -> None:
    found = randomise.sizes(people, shares)
    assert sum(found) == people
    whole = sum(shares)
    assert all(abs(size - people * share / whole) < 1 for size, share in zip(found, shares, strict=True))


@given(
    people=st.sets(st.integers(1, 10**9), max_size=300),
    shares=weights,
    salt=st.text(max_size=8),
    batch=st.integers(1, 300),
)
def test_every_beginning_is_split_as_the_whole_is_whatever_the_size_of_the_batches(
    people: set[int], shares: list[Decimal], salt: str, batch: int
) -> None:
    planned = dict(enumerate(shares))
    order = list(randomise.split(people, planned, salt).items())
    assert {person for person, _ in order} == people
    whole = randomise.sizes(len(people), shares)
    for end in range(0, len(order) + 1, batch):
        have = [sum(variant == one for _, variant in order[:end]) for one in planned]
        for got, size in zip(have, whole, strict=True):
            expected = end * size / len(people) if people else 0
            assert abs(got - expected) <= len(shares) / 2 + 0.5


@given(people=st.sets(st.integers(1, 10**6), min_size=1, max_size=80), salt=st.text(max_size=8))
def test_the_order_in_which_people_are_listed_changes_nothing(people: set[int], salt: str) -> None:
    shares = {1: Decimal(50), 2: Decimal(50)}
    assert randomise.split(sorted(people), shares, salt) == randomise.split(sorted(people, reverse=True), shares, salt)


def test_two_halves_of_a_thousand_are_five_hundred_each_and_so_is_each_batch_of_ten() -> None:
    order = list(randomise.split(range(1_000), {1: Decimal(50), 2: Decimal(50)}, "salt").values())
    assert all(order[at : at + 10].count(1) == 5 for at in range(0, 1_000, 10))


@given(days=st.lists(st.integers(0, 40), max_size=40), percent=st.integers(0, 90))
def test_where_people_come_day_by_day_the_share_is_exact_over_all_days(days: list[int], percent: int) -> None:
    people = held = 0
    for today in days:
        held += randomise.holdout_size(today, Decimal(percent), (people, held))
        people += today
        assert abs(held - people * percent / 100) <= 1
    variants = [0, 0, 0]
    shares = [Decimal(50), Decimal(30), Decimal(20)]
    for today in days:
        found = randomise.sizes(today, shares, variants)
        assert sum(found) == today
        variants = [one + more for one, more in zip(variants, found, strict=True)]
    assert all(abs(have - sum(variants) * share / 100) <= 2 for have, share in zip(variants, shares, strict=True))
