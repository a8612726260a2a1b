"""The name guard: who could be taken for whom, and capitals that nobody writes."""

import pytest

from rapport.home.sending_guard import alike, odd_capitals
from rapport.people.queries import Name


def name(text):
    given, _, family = text.partition(" ")
    return Name("", given, family, "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Maria Garcia", "Maria García"),
        ("Maria Garcia", "Marta Garcia"),
        ("Pat Rivera", "Patricia Rivera"),
        ("Thomas James", "James Thomas"),
        ("Jon Smith", "John Smith"),
        ("Ann Lee", "Anne Lee"),
        ("Pat Rivera", "Pat Riviera"),
    ],
)
def test_names_that_a_hurried_reader_confuses(one, other):
    assert alike(name(one), name(other))
    assert alike(name(other), name(one))


@pytest.mark.parametrize(
    ("one", "other"), [("Pat Rivera", "Quinn Okafor"), ("Pat Rivera", "Ana Rivera"), ("Pat Rivera", "Pat Okafor")]
)
def test_names_that_nobody_confuses(one, other):
    assert not alike(name(one), name(other))


def test_a_preferred_name_is_the_one_that_is_compared():
    assert alike(Name("", "Wilhelmina", "Brown", "Billie"), Name("", "Billy", "Brown", ""))
    assert not alike(Name("", "Wilhelmina", "Brown", ""), Name("", "Billy", "Brown", ""))


def test_without_names_nobody_is_alike():
    assert not alike(name(""), name("Pat Rivera"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("PAT RIVERA", "Pat Rivera"),
        ("pat rivera", "Pat Rivera"),
        ("pAT Rivera", "Pat Rivera"),
        ("Mary-ANN O'BRIEN", "Mary-Ann O'Brien"),
        ("JOSÉ de la Cruz", "José de la Cruz"),
    ],
)
def test_odd_capitals_are_noticed(written, meant):
    assert odd_capitals(written) == meant


@pytest.mark.parametrize(
    "written",
    ["Pat Rivera", "Ronald McDonald", "Leonardo DiCaprio", "Ludwig van Beethoven", "María de los Ángeles", "JJ Abrams",
     "Seán O'Brien", "Robert Downey III", "李 小龍", "Anne-Marie LeBlanc", "Vincent D'Onofrio"],
)  # fmt: skip
def test_names_as_people_write_them_are_left_alone(written):
    assert odd_capitals(written) == ""
