"""The booking page: from a signed link to a visit, in a real request."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from rapport.content.models import Piece, Version
from rapport.directory.models import Location, Organization
from rapport.experience.models import Booking
from rapport.integrations.models import Landing
from rapport.kit import clock as time
from rapport.messaging import tracking
from rapport.messaging.models import Intent

pytestmark = pytest.mark.django_db
WEDNESDAY = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


@pytest.fixture
def clinic():
    ours = Organization.objects.create(name="Riverbend Health", is_ours=True)
    place = {"organization": ours, "is_ours": True, "state": "MA", "city": "Lowell", "phone": "978-555-0140"}
    return [
        Location.objects.create(name="Riverbend Lowell", slug="lowell", **place),
        Location.objects.create(name="Riverbend Quincy", slug="quincy", **place),
    ]


def invite(person):
    piece = Piece.objects.create(
        slug=f"p{uuid.uuid4().hex[:8]}", name="Visit", topic="health_services", created_at=WEDNESDAY
    )
    version = Version.objects.create(piece=piece, number=1, subject="A visit", mjml="", created_at=WEDNESDAY)
    return Intent.objects.create(
        cause_id=1, person=person, purpose="P2", topic="health_services", version=version, due_at=WEDNESDAY, trace=uuid.uuid4(),
        created_at=WEDNESDAY,
    )  # fmt: skip


def address(intent):
    return f"/book/{tracking.token('book', intent.pk)}"


@pytest.fixture
def browser(clinic):
    with time.travel(WEDNESDAY):
        yield Client(enforce_csrf_checks=True)


def form_of(page):
    text = page.content.decode()
    return {
        "csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="([^"]+)"', text)[1],
        "place": re.search(r'name="place" value="([^"]+)"', text)[1],
        "day": re.search(r'name="day" value="([^"]+)"', text)[1],
        "starts_at": re.findall(r'name="starts_at" value="([^"]+)"', text)[0],
    }


def test_a_link_leads_to_a_booked_visit(browser, pat):
    link = address(invite(pat))
    page = browser.get(link)
    assert "Hello Pat" in page.content.decode()
    assert "Rivera" not in page.content.decode()
    sent = browser.post(link, form_of(page))
    assert sent.status_code == 302
    assert "See you soon, Pat" in browser.get(sent["Location"]).content.decode()
    made = Booking.objects.get()
    assert made.person_id == pat.pk
    assert made.starts_at > WEDNESDAY
    assert Landing.objects.filter(form="web_form", state="waiting").count() == 1


def test_a_double_press_is_one_visit(browser, pat):
    link = address(invite(pat))
    form = form_of(browser.get(link))
    assert browser.post(link, form).status_code == 302
    assert browser.post(link, form).status_code == 200
    assert Booking.objects.count() == 1
    assert Landing.objects.filter(form="web_form").count() == 1


def test_of_two_people_who_want_one_slot_the_second_is_asked_again(browser, pat, quinn):
    first, second = address(invite(pat)), address(invite(quinn))
    form, other = form_of(browser.get(first)), form_of(browser.get(second))
    assert form["starts_at"] == other["starts_at"]
    browser.post(first, form)
    again = browser.post(second, other)
    assert again.status_code == 409
    assert "just taken" in again.content.decode()
    assert other["starts_at"] not in again.content.decode()
    assert Booking.objects.count() == 1


def test_a_form_without_its_token_is_refused(browser, pat):
    link = address(invite(pat))
    form = form_of(browser.get(link))
    del form["csrfmiddlewaretoken"]
    assert browser.post(link, form).status_code == 403
    assert not Booking.objects.exists()


def test_a_broken_link_is_answered_kindly(browser, pat):
    page = browser.get("/book/" + "x" * 35)
    assert page.status_code == 404
    assert "does not work any more" in page.content.decode()


def test_a_token_of_another_kind_opens_nothing(browser, pat):
    wrong = tracking.token("unsubscribe", invite(pat).pk)
    assert browser.get(f"/book/{wrong}").status_code == 404


@pytest.mark.parametrize(
    "starts_at", ["", "soon", "2026-03-04T15:30:00+00:00", "2026-03-08T14:00:00+00:00", "9999-12-31T23:59:59-12:00"]
)
def test_a_time_that_was_never_offered_is_not_booked(browser, pat, starts_at):
    link = address(invite(pat))
    form = form_of(browser.get(link)) | {"starts_at": starts_at}
    assert browser.post(link, form).status_code in {409, 422}
    assert not Booking.objects.exists()


def test_the_page_speaks_the_language_of_the_person(browser, pat):
    pat.language = "es"
    pat.save(update_fields=["language"])
    assert "Hola, Pat" in browser.get(address(invite(pat))).content.decode()


def test_other_languages_can_be_chosen(browser, pat):
    assert "Hola, Pat" in browser.get(address(invite(pat)) + "?lang=es").content.decode()


def test_the_visit_lies_at_an_hour_when_the_place_is_open(browser, pat):
    link = address(invite(pat))
    browser.post(link, form_of(browser.get(link)))
    starts_at = Booking.objects.get().starts_at
    assert WEDNESDAY + timedelta(hours=12) < starts_at < WEDNESDAY + timedelta(days=16)
