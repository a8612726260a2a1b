"""Who is held out: exact, repeatable, and not to be steered."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rapport.campaigns import randomise

people = st.lists(st.integers(1, 10**9), max_size=300, unique=True)
percents = st.decimals(0, 90, places=1)


@given(people=people, percent=percents)
def test_the_holdout_is_exactly_the_share(people: list[int], percent: Decimal) -> None:
    exact = Decimal(len(people)) * percent / 100
    held = randomise.held_out(people, percent, "salt")
    assert abs(len(held) - exact) <= Decimal("0.5")
    assert held <= set(people)


@given(people=people, percent=percents, order=st.randoms())
def test_the_lot_does_not_depend_on_the_order(people: list[int], percent: Decimal, order: object) -> None:
    shuffled = list(people)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert randomise.held_out(people, percent, "salt") == randomise.held_out(shuffled, percent, "salt")


@given(people=people, small=percents, large=percents)
def test_a_larger_control_group_holds_the_smaller_one(people: list[int], small: Decimal, large: Decimal) -> None:
    small, large = sorted((small, large))
    assert randomise.held_out(people, small, "salt") <= randomise.held_out(people, large, "salt")


def test_another_salt_holds_out_others() -> None:
    everyone = range(1, 1001)
    one, other = (randomise.held_out(everyone, Decimal(50), salt) for salt in ("a", "b"))
    assert 200 < len(one & other) < 300  # 250 expected of independent draws; 8 standard deviations apart


def test_the_lot_ignores_the_number_of_a_person() -> None:
    """Old and new records have the same chance."""
    everyone = range(1, 10_001)
    held = randomise.held_out(everyone, Decimal(10), "salt")
    assert len(held) == 1000
    assert 425 < sum(person <= 5000 for person in held) < 575


def test_halves_round_up() -> None:
    assert randomise.holdout_size(5, Decimal(10)) == 1
    assert randomise.holdout_size(4, Decimal(10)) == 0
