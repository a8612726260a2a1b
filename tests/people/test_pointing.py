"""Whom a line means: by exact identifiers, and only where exactly one person answers to them."""

from datetime import date

import pytest

from rapport.people import merges
from rapport.people.models import Person
from rapport.people.pointing import Pointer, meant
from rapport.trust.actors import System
from tests import people_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat() -> Person:
    return people_cast.person(
        identifiers=(("test:Patient", "P-pat"), ("urn:test:mrn", "MRN-77")), given="Pat", family="Rivera",
        birth_date=date(1971, 3, 8), sex="F", emails=("pat@mail.example",), phones=(("978-453-0001", "mobile"),),
    )  # fmt: skip


def who(**said) -> tuple[int | None, str]:
    (found,) = meant([Pointer(**said)])
    return found.person_id, found.problem


@pytest.mark.parametrize(
    "said",
    [
        {"number": "MRN-77"},
        {"number": " mrn-77 ", "system": "urn:test:mrn"},
        {"email": "Pat@Mail.example"},
        {"phone": "(978) 453-0001"},
        {"given": "pat", "family": "RIVERA", "birth_date": date(1971, 3, 8)},
        {"given": "Pat", "family": "Rivera", "email": "pat@mail.example"},
        {"number": "MRN-77", "email": "pat@mail.example"},
        {"number": "MRN-77", "given": "Patricia", "family": "Rivera", "birth_date": date(1971, 3, 8)},
    ],
    ids="+".join,
)
def test_each_exact_identifier_finds_the_one_person(pat, said):
    assert who(**said) == (pat.pk, "")


def test_our_own_number_finds_the_person(pat):
    assert who(person_id=pat.pk) == (pat.pk, "")
    assert who(person_id=pat.pk + 1_000_000) == (None, "unknown")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"number": "MRN-78"}, "unknown"),
        ({"number": "MRN-77", "system": "urn:other"}, "unknown"),
        ({"number": "MRN-78", "email": "pat@mail.example"}, "unknown"),
        ({"given": "Pat", "family": "Rivera", "birth_date": date(1971, 3, 9)}, "unknown"),
        ({"given": "Patrick", "family": "Rivera", "email": "pat@mail.example"}, "unknown"),
        ({"email": "no address"}, "unreadable"),
        ({"given": "Pat", "family": "Rivera"}, "too_little"),
        ({}, "too_little"),
        ({"email": "' OR 1=1 --@mail.example"}, "unreadable"),
        ({"number": "' OR 1=1 --"}, "unknown"),
    ],
)
def test_what_fits_nobody_exactly_means_nobody(pat, said, problem):
    assert who(**said) == (None, problem)


def test_a_shared_address_means_nobody_until_a_name_says_which(pat):
    child = people_cast.person(given="Ana", family="Rivera", emails=("pat@mail.example",))
    assert who(email="pat@mail.example") == (None, "several")
    assert who(email="pat@mail.example", given="Ana", family="Rivera") == (child.pk, "")


def test_columns_that_point_to_different_people_contradict(pat):
    people_cast.person(emails=("other@mail.example",))
    assert who(number="MRN-77", email="other@mail.example") == (None, "contradictory")


def test_a_merged_record_means_the_one_it_became_and_the_dead_are_nobody(pat, now):
    double = people_cast.person(emails=("double@mail.example",))
    merges.merge(by=System("test"), kept=pat, gone=double, rule="test", now=now)
    assert who(person_id=double.pk) == (pat.pk, "")
    assert who(email="double@mail.example") == (pat.pk, "")
    Person.objects.filter(pk=pat.pk).update(deceased_at=now)
    assert who(number="MRN-77") == (None, "deceased")
    Person.objects.filter(pk=pat.pk).update(deceased_at=None, erased_at=now)
    assert who(number="MRN-77") == (None, "unknown")


def test_whoever_is_out_of_sight_is_not_found(pat):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('rapport.scope', 'some', true)")
        assert who(number="MRN-77") == (None, "unknown")
        cursor.execute("SELECT set_config('rapport.scope', 'all', true)")


def test_many_lines_cost_a_fixed_number_of_queries(pat, django_assert_max_num_queries):
    lines = [Pointer(number=f"N{number}", email=f"nobody{number}@mail.example") for number in range(900)]
    with django_assert_max_num_queries(8):
        found = meant([*lines, Pointer(number="MRN-77")])
    assert [one.person_id for one in found] == [None] * 900 + [pat.pk]
