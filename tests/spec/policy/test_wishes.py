"""The table of wishes, row by row, and what never changes an answer."""

import random
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.consent import wishes

ROWS = yaml.safe_load((Path(__file__).parent / "wishes.yaml").read_text())
MARKS = '!.,;:?…-—"“”()*_/🙂🛑'
BLANKS = [" ", "  ", "\n", "\t", "\u00a0", "\u2009"]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['says']}{' (spoken)' if 'spoken' in row else ''}" for row in ROWS])
def test_what_people_say_is_taken_for_what_they_mean(row):
    wish = wishes.read(row["says"], spoken=row.get("spoken", False))
    assert wish.kind == row["is"], wish
    assert wish.review == row.get("review", False), wish
    for name in ("scope", "language"):
        if name in row:
            assert getattr(wish, name) == row[name], wish
    if wish.kind != "none":
        assert wish.rule
        assert wish.matched
        assert 0.5 <= wish.confidence <= 1.0


def test_the_table_is_large_and_speaks_two_languages():
    assert len(ROWS) >= 120
    assert sum(row.get("language") == "es" for row in ROWS) >= 25
    assert sum(row.get("spoken", False) for row in ROWS) >= 10


@settings(max_examples=400, deadline=None)
@given(row=st.sampled_from([row for row in ROWS if len(row["says"]) > 1]), seed=st.integers(0, 2**32))
def test_case_blanks_and_punctuation_never_change_the_answer(row, seed):
    dice = random.Random(seed)
    between = [one.strip(MARKS) and one for one in row["says"].split()]
    said = "".join(
        f"{_any_case(word, dice)}{dice.choice(['', dice.choice(MARKS)])}{dice.choice(BLANKS)}"
        for word in between
        if word
    )
    spoken = row.get("spoken", False)
    dressed = f"{dice.choice(MARKS)}{dice.choice(BLANKS)}{said}{dice.choice(MARKS)}"
    assert wishes.read(dressed, spoken=spoken) == wishes.read(row["says"], spoken=spoken)


def _any_case(word: str, dice: random.Random) -> str:
    return "".join(dice.choice([one.upper(), one.lower()]) if one.isascii() else one for one in word)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_whatever_comes_in_gets_an_answer(text):
    assert wishes.read(text).kind in {"stop", "help", "start", "narrow", "none"}


def test_a_very_long_message_is_read_quickly_and_its_beginning_counts():
    assert wishes.read("stop texting me " + "and then " * 100_000).kind == "stop"


def test_the_rules_of_a_day_are_asked():
    assert wishes.read("STOP", on=date(2020, 1, 1)).kind == "none", "no rule was in force that day"
    assert wishes.read("STOP", on=date(2026, 3, 4)).kind == "stop"
