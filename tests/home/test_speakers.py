"""Who speaks for a person: found by name, appointed with an authority, ended by a day; and what a minor decides alone."""

from datetime import date

import pytest

from rapport.consent import representatives
from rapport.consent.models import ConsentRecord, Representative
from rapport.people.models import Person
from rapport.trust.models import AuditEntry, Role
from tests.home.test_pages import HTMX, NOW, as_, lowell, only_at, text, today  # noqa: F401 - the clock of these pages
from tests.people_cast import person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 4)


@pytest.fixture
def kim():
    """A patient of fifteen."""
    return person(given="Kim", family="Rivera", birth_date=date(2010, 6, 1))


def appoint(user, who, other, **said):
    typed = {
        "other": other.pk,
        "kind": "parent",
        "authority": "Birth certificate seen",
        "starts_on": "2026-03-04",
    } | said
    return as_(user).post(f"/people/{who.pk}/speakers/new/", typed)


def alone(user, who, answer="yes", data_class="reproductive", way="in_person"):
    return as_(user).post(f"/people/{who.pk}/alone/", {"data_class": data_class, "way": way, "answer": answer})


def test_the_other_person_is_found_as_people_are_found(bea, kim, pat, quinn):
    desk, here = as_(bea), f"/people/{kim.pk}/speakers/new/"
    assert "Somebody speaks for them" in text(desk.get(f"/people/{kim.pk}/?part=permission"))
    found = text(desk.post(here, {"q": "rivera"}, headers=HTMX))
    assert "<html" not in found
    assert "Pat Rivera" in found
    assert f"?other={pat.pk}" in found
    assert f"?other={kim.pk}" not in found, "nobody speaks for herself"
    assert "<html" in text(desk.post(here, {"q": "rivera"})), "and without script"
    assert "Nobody fits" in text(desk.post(here, {"q": "zzzz"}, headers=HTMX))
    assert "Pat Rivera speaks for Kim Rivera" in text(desk.get(here + f"?other={pat.pk}", headers=HTMX))


def test_a_parent_is_appointed_by_what_right_about_what_and_from_when(bea, kim, pat):
    answer = appoint(bea, kim, pat, topics=["care", "billing"], ends_on="2028-05-31")
    assert answer.headers["Location"] == f"/people/{kim.pk}/?part=permission"
    one = Representative.objects.get()
    assert (one.person_id, one.other_id, one.kind, one.authority) == (
        kim.pk,
        pat.pk,
        "parent",
        "Birth certificate seen",
    )
    assert (one.topics, one.starts_on, one.ends_on) == (["billing", "care"], TODAY, date(2028, 5, 31))
    assert AuditEntry.objects.filter(verb="representative.appoint", actor=bea).count() == 1
    page = text(as_(bea).get(f"/people/{kim.pk}/?part=permission"))
    for words in ("Pat Rivera", "Parent: Birth certificate seen", "Bills", "until May 31, 2028"):
        assert words in page


@pytest.mark.parametrize(("wrong", "words"), [
    ({"authority": " "}, "Name the paper or the order"), ({"ends_on": "2026-03-03"}, "It would end before it begins"),
    ({"kind": "neighbour"}, "neighbour is not one of"), ({"starts_on": "soon"}, "Enter a valid date"),
])  # fmt: skip
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(bea, kim, pat, wrong, words):
    answer = appoint(bea, kim, pat, **({"authority": "Order 2025-0412"} | wrong))
    assert answer.status_code == 422
    assert words in text(answer)
    assert "Order 2025-0412" in text(answer) or "authority" in wrong
    assert not Representative.objects.exists()


def test_one_who_is_appointed_for_later_stands_on_the_page_already(bea, kim, pat):
    appoint(bea, kim, pat, starts_on="2026-04-01")
    assert "from Apr 1, 2026" in text(as_(bea).get(f"/people/{kim.pk}/?part=permission"))
    assert representatives.in_office([kim.pk], on=TODAY) == []


def test_a_representative_is_ended_by_a_day(bea, kim, pat):
    appoint(bea, kim, pat)
    one = Representative.objects.get()
    here = f"/people/{kim.pk}/speakers/{one.pk}/end/"
    assert "Until when does Pat Rivera speak for Kim Rivera?" in text(as_(bea).get(here, headers=HTMX))
    before = as_(bea).post(here, {"on": "2026-03-01"})
    assert before.status_code == 422
    assert "They speak only from a later day on" in text(before)
    as_(bea).post(here, {"on": "2026-03-04"})
    one.refresh_from_db()
    assert one.ends_on == TODAY
    assert AuditEntry.objects.filter(verb="representative.end", actor=bea).count() == 1


def test_a_number_of_another_persons_representative_is_nobodys(bea, kim, pat, quinn):
    appoint(bea, kim, pat)
    one = Representative.objects.get()
    assert as_(bea).post(f"/people/{quinn.pk}/speakers/{one.pk}/end/", {"on": "2026-03-04"}).status_code == 404
    one.refresh_from_db()
    assert one.ends_on is None


def test_nobody_out_of_sight_dead_or_oneself_is_appointed(bea, kim, pat, quinn, lowell):  # noqa: F811
    Person.objects.filter(pk=quinn.pk).update(deceased_at=NOW)
    for other in (kim, quinn):
        assert appoint(bea, kim, other).status_code == 404
    Person.objects.filter(pk=kim.pk).update(home_location=lowell)
    only_at(bea, Role.FRONT_DESK, lowell)
    assert appoint(bea, kim, pat).status_code == 404, "a person of another location"
    assert as_(bea).post(f"/people/{kim.pk}/speakers/new/", {"other": "9" * 30}).status_code == 404
    assert not Representative.objects.exists()


def test_a_clinician_notes_that_a_minor_consented_alone_and_ends_it(dr_ito, cole, kim):
    assert alone(dr_ito, kim).status_code == 302
    assert representatives.alone(kim.pk) == {"reproductive", "minor_confidential"}
    page = text(as_(cole).get(f"/people/{kim.pk}/?part=permission"))
    assert "They decide alone about some care" in page
    assert "Reproductive" not in page, "about which care is delicate itself"
    looked = text(as_(cole).get(f"/people/{kim.pk}/alone/", headers=HTMX))
    assert "Now alone about:" in looked
    assert "Reproductive health" in looked
    assert AuditEntry.objects.filter(verb="consent.read", person_id=kim.pk, actor=cole).exists()
    assert alone(cole, kim, "no").status_code == 302
    assert representatives.alone(kim.pk) == frozenset()


def test_the_front_desk_neither_sees_nor_says_about_which_care_a_minor_decides(bea, kim):
    assert "/alone/" not in text(as_(bea).get(f"/people/{kim.pk}/?part=permission"))
    assert as_(bea).get(f"/people/{kim.pk}/alone/").status_code == 403
    assert alone(bea, kim).status_code == 403


def test_only_a_minor_decides_alone_and_only_what_stands_is_ended(cole, kim, pat):
    assert "They are of age" in text(alone(cole, pat))
    assert "They do not decide alone about this now" in text(alone(cole, kim, "no"))
    assert "They do not decide alone about this now" in text(alone(cole, kim, "perhaps"))
    assert alone(cole, kim, data_class="general").status_code == 422
    assert not ConsentRecord.objects.exists()
    assert "/alone/" not in text(as_(cole).get(f"/people/{pat.pk}/?part=permission"))


@pytest.mark.parametrize("path", ["speakers/new/", "speakers/1/end/", "alone/"])
def test_ana_appoints_nobody(ana, kim, path):
    assert as_(ana).get(f"/people/{kim.pk}/{path}").status_code == 403
    assert "Somebody speaks for them" not in text(as_(ana).get(f"/people/{kim.pk}/?part=permission"))


@pytest.mark.parametrize("path", ["speakers/new/", "speakers/1/end/", "alone/", "hold/", "hold/1/end/",
                                  "stops/new/restriction/", "stops/1/end/", "rewards/new/"])  # fmt: skip
def test_a_strangers_number_is_nobodys(cole, path):
    assert as_(cole).get(f"/people/987654/{path}").status_code == 404
    assert as_(cole).post(f"/people/987654/{path}", {"other": "1", "q": "x"}).status_code == 404
