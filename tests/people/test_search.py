"""Finding people as one types."""

import pytest

from rapport.people import queries
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests.people_cast import person

pytestmark = pytest.mark.django_db


def found(text, now):
    return [card.display for card in queries.search(by=SYSTEM, text=text, now=now)]


@pytest.mark.parametrize(
    "text",
    [
        "Riv", "rivera", "pat riv", "RIVERA PAT", "Rivera, Pat", "3/8/1971", "1971-03-08", "3/8/71", "riv 3/8/1971",
        "pat.rivera@mail.example", "pat.rivera", "pat.rivera@",
    ],
)  # fmt: skip
def test_a_person_is_found_by_what_the_front_desk_types(text, pat, quinn, now):
    assert found(text, now) == ["Pat Rivera"]


def test_phone_numbers_are_found_whole_by_seven_and_by_four_digits_however_typed(now):
    person(given="Una", family="Fono", phones=(("(978) 453-7788", "home"),))
    person(given="Otra", family="Fono", phones=(("(978) 453-1122", "home"),))
    for text in ("9784537788", "978-453-7788", "+1 978 453 7788", "453-7788", "7788"):
        assert found(text, now) == ["Una Fono"], text


def test_an_mrn_is_found_exactly_and_not_by_its_beginning(now):
    person(given="Emma", family="Arenas", identifiers=(("urn:x", "AB-77812"),))
    assert found("AB-77812", now) == ["Emma Arenas"]
    assert found("ab77812", now) == ["Emma Arenas"]
    assert found("AB-778", now) == []


def test_accents_and_case_do_not_matter(now):
    person(given="José", family="Núñez-Ørsted")
    for text in ("jose", "nunez", "orsted jos", "NÚÑEZ"):
        assert found(text, now) == ["José Núñez-Ørsted"], text


def test_whole_words_come_before_beginnings(now):
    person(given="Anders", family="Berg")
    person(given="An", family="Zhu")
    assert found("an", now) == ["An Zhu", "Anders Berg"]


def test_one_letter_and_nothing_find_nobody(pat, now):
    assert found("p", now) == found("   ", now) == []


def test_a_search_leaves_one_audit_line_with_the_people_and_without_the_text(pat, now):
    queries.search(by=SYSTEM, text="Rivera", now=now)
    entry = AuditEntry.objects.get(verb="people.search")
    assert entry.person_ids == [pat.pk]
    assert entry.details == {"found": 1, "by": ["name"]}
    assert "ivera" not in str(entry.__dict__)


def test_reading_a_card_is_written_down(pat, ana, now):
    card = queries.card(by=ana, person_id=pat.pk, now=now)
    assert (card.display, card.age, card.initials) == ("Pat Rivera", 54, "PR")
    assert AuditEntry.objects.get(verb="person.read").person_id == pat.pk
