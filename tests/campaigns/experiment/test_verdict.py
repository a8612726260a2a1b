"""Which variant goes to the rest: once it is clear, or when the time is up; and never by a broken split."""

import random

import pytest

from rapport.campaigns.experiment import compare, split
from rapport.campaigns.experiment.sample import ImpossibleSample, Sample
from rapport.campaigns.experiment.verdict import chances_of_best, judge

EVEN = [50, 50]


def test_a_clear_difference_wins_before_the_time_is_up() -> None:
    found = judge({"A": Sample(2_000, 100), "B": Sample(2_000, 240)}, EVEN, time_is_up=False)
    assert (found.winner, found.because) == ("B", "clear")
    assert found.against[0].tested is not None
    assert found.against[0].tested.low > 0


def test_a_small_difference_waits_and_wins_when_the_time_is_up() -> None:
    arms = {"A": Sample(500, 25), "B": Sample(500, 29)}
    assert judge(arms, EVEN, time_is_up=False).because == "open"
    found = judge(arms, EVEN, time_is_up=True)
    assert (found.winner, found.because) == ("B", "time")


def test_a_handful_of_people_decides_nothing_early_however_large_the_difference() -> None:
    found = judge({"A": Sample(20, 0), "B": Sample(20, 19)}, EVEN, time_is_up=False)
    assert (found.winner, found.because) == ("", "few")


def test_the_first_variant_wins_a_tie() -> None:
    assert judge({"A": Sample(100, 5), "B": Sample(100, 5)}, EVEN, time_is_up=True).winner == "A"


def test_a_split_that_is_not_as_planned_decides_nothing() -> None:
    found = judge({"A": Sample(1_000, 100), "B": Sample(1_500, 400)}, EVEN, time_is_up=True)
    assert (found.winner, found.because) == ("", "split")
    assert found.mismatch < 0.001
    assert not split.is_broken([490, 510], EVEN)


def test_many_variants_must_each_be_beaten() -> None:
    arms = {"A": Sample(3_000, 150), "B": Sample(3_000, 400), "C": Sample(3_000, 395)}
    assert judge(arms, [1, 1, 1], time_is_up=False).because == "open"
    assert judge({**arms, "C": Sample(3_000, 160)}, [1, 1, 1], time_is_up=False).winner == "B"


def test_the_chances_of_being_best_add_up_and_are_the_chance_to_win_of_two() -> None:
    one, other = Sample(400, 30), Sample(380, 41)
    found = chances_of_best({"A": one, "B": other})
    believed = compare.bayes(one, other)
    assert believed is not None
    assert found["B"] == pytest.approx(believed.chance_to_win, abs=1e-6)
    assert sum(found.values()) == pytest.approx(1)
    assert chances_of_best({"A": Sample(0, 0), "B": one}) == {"A": 0.0, "B": 1.0}


def test_looking_every_day_finds_nothing_where_nothing_is() -> None:
    luck = random.Random(7)
    peeked = sequential = 0
    for _ in range(300):
        total, is_fixed, is_sequential = [0, 0], False, False
        for day in range(1, 21):
            total = [one + sum(luck.random() < 0.1 for _ in range(50)) for one in total]
            arms = [Sample(50 * day, one) for one in total]
            fixed, running = compare.fixed(*arms), compare.sequential(*arms)
            is_fixed |= fixed is not None and fixed.is_clear
            is_sequential |= running is not None and running.is_clear
        peeked, sequential = peeked + is_fixed, sequential + is_sequential
    assert sequential <= 15, "at most one in twenty"
    assert peeked > 45, "a test made for one look is fooled by twenty"


def test_more_answers_than_people_are_impossible() -> None:
    with pytest.raises(ImpossibleSample):
        Sample(3, 4)
    with pytest.raises(ImpossibleSample):
        Sample(3, 10, 1)
