"""Today, People and the person page, in real requests by the cast."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from rapport.consent import ledger, papers, representatives, restrictions
from rapport.consent.authorizations import Paper
from rapport.consent.models import ConsentRecord
from rapport.directory.models import Location, Organization, ServiceLine
from rapport.kit import clock as time
from rapport.people import profile, timeline
from rapport.people.models import Person
from rapport.people.records import NewEvent, NewFact
from rapport.trust import breakglass
from rapport.trust.models import AuditEntry, BreakGlass, Grant, Role
from rapport.trust.permissions import PERMISSIONS

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def today():
    with time.travel(NOW):
        yield


@pytest.fixture
def lowell():
    ours = Organization.objects.create(name="Riverbend Health", is_ours=True)
    return Location.objects.create(
        organization=ours, name="Riverbend Lowell", slug="lowell", is_ours=True, city="Lowell", state="MA"
    )


def as_(user):
    browser = Client()
    browser.force_login(user)
    return browser


def text(response):
    return response.content.decode()


def happened(person, kind, at=NOW - timedelta(days=3), **more):
    made = NewEvent(person_id=person.pk, kind=kind, at=at, source="test", source_key=uuid.uuid4(), **more)
    timeline.append(events=[made], now=NOW)


def holds(person, kind, **more):
    profile.fold(facts=[NewFact(person_id=person.pk, kind=kind, source_key=uuid.uuid4(), **more)], now=NOW)


def coming(person, place, at=NOW + timedelta(hours=2)):
    holds(person, "appointment", status="booked", starts_at=at, location_id=place.pk)


def number_of(page, label):
    """What stands in the tile with this label."""
    tile = re.search(
        rf'number-label">{label}</span>\s*<span class="number-row"><span class="number-value">([^<]*)<', page
    )
    assert tile, f"no tile called {label}"
    return tile[1]


def only_at(user, role, place):
    """A grant that ends at the doors of one location."""
    Grant.objects.filter(user=user).delete()
    Grant.objects.create(user=user, role=role, location_id=place.pk, granted_at=NOW)


def without_what_differs(page, number):
    """A page without its tokens, nonces and the number that was asked for."""
    page = re.sub(r'(nonce|value|content)="[^"]*"|"X-CSRFToken": "[^"]*"', "", page)
    return page.replace(str(number), "N")


def yes(person, user):
    return ledger.grant(
        by=user, person_id=person.pk, channel="email", topic="health_services", via="test", now=NOW - timedelta(days=9),
        text_version="t", evidence={"text": "ok"},
    )  # fmt: skip


# Today


def test_the_front_desk_sees_who_comes_and_what_is_missing(bea, pat, quinn, lowell):
    yes(quinn, bea)
    coming(pat, lowell)
    coming(quinn, lowell, NOW + timedelta(hours=3))
    page = text(as_(bea).get("/"))
    assert page.index("Pat Rivera") < page.index("Quinn Okafor")
    assert "Ask about e-mail" in page
    assert "All set" in page


def test_the_day_is_that_of_the_place_and_not_of_london(bea, pat, lowell):
    coming(pat, lowell, datetime(2026, 3, 5, 3, 0, tzinfo=UTC))  # ten at night of the 4th in Lowell
    assert "Pat Rivera" in text(as_(bea).get("/"))


def test_a_birthday_is_greeted(bea, pat, lowell):
    happened(pat, "encounter", detail={"status": "finished"})
    with time.travel(datetime(2026, 3, 8, 15, 0, tzinfo=UTC)):
        assert "turns 55 today" in text(as_(bea).get("/"))


def test_who_can_not_be_e_mailed_is_to_be_called(bea, pat, lowell):
    pat.contact_points.filter(kind="email").delete()
    coming(pat, lowell, NOW + timedelta(days=1))
    page = text(as_(bea).get("/"))
    assert "tel:978453" in page


def test_each_role_gets_its_own_face(ana, bea, cole, dee, lowell):
    assert "What moved" in text(as_(ana).get("/"))
    assert "Come today" in text(as_(bea).get("/"))
    assert "Messages held back" in text(as_(cole).get("/"))
    assert "The warehouse" in text(as_(dee).get("/"))


def test_compliance_sees_every_emergency_access_that_waits(cole, bea, pat, lowell):
    assert "No emergency access waits for a look." in text(as_(cole).get("/"))
    for number in range(8):
        at = NOW - timedelta(hours=9 - number)
        breakglass.open(by=bea, person_id=pat.pk, reason=f"Collapsed in waiting room {number}", now=at)
    page = text(as_(cole).get("/"))
    assert number_of(page, "Emergency access") == "8"
    assert "Collapsed in waiting room 0" in page
    assert "Collapsed in waiting room 7" not in page
    assert "The oldest 6 of 8." in page
    breakglass.review(by=cole, glass=BreakGlass.objects.order_by("opened_at")[0], note="Right to do so", now=NOW)
    page = text(as_(cole).get("/"))
    assert number_of(page, "Emergency access") == "7"
    assert "Collapsed in waiting room 0" not in page


def test_zoe_sees_nothing_of_today(zoe):
    assert as_(zoe).get("/").status_code == 403


def test_a_stranger_is_asked_to_sign_in():
    assert Client().get("/").status_code == 302


# People


@pytest.mark.parametrize("typed", ["pat riv", "rivera", "pat.rivera@mail.example", "3/8/1971", "1971-03-08"])
def test_people_are_found_by_what_one_knows_of_them(ana, pat, quinn, typed):
    found = text(as_(ana).post("/people/", {"q": typed}, headers=HTMX))
    assert "Pat Rivera" in found
    assert "Quinn" not in found
    assert "<html" not in found


def test_a_search_never_stands_in_an_address(ana, pat):
    page = text(as_(ana).get("/people/?q=rivera"))
    assert 'method="post"' in page
    assert "Nobody fits" not in page


def test_people_of_another_location_do_not_exist_for_a_limited_grant(bea, pat, lowell):
    only_at(bea, Role.FRONT_DESK, lowell)
    assert "Pat Rivera" not in text(as_(bea).post("/people/", {"q": "rivera"}))
    assert as_(bea).get(f"/people/{pat.pk}/").status_code == 404
    Person.objects.filter(pk=pat.pk).update(home_location=lowell)
    assert as_(bea).get(f"/people/{pat.pk}/").status_code == 200
    assert "Pat Rivera" in text(as_(bea).post("/people/", {"q": "rivera"}))


def test_filters_narrow_the_list(ana, pat, quinn):
    quinn.contact_points.filter(kind="email").delete()
    found = text(as_(ana).post("/people/", {"q": "", "reach": "no_email"}, headers=HTMX))
    assert "Quinn Okafor" in found
    assert "Pat Rivera" not in found


# One person


def test_the_page_of_a_person_says_who_and_what_is_allowed(bea, pat):
    yes(pat, bea)
    page = text(as_(bea).get(f"/people/{pat.pk}/"))
    assert "Pat Rivera" in page
    assert "Said yes to health services by e-mail" in page
    assert "<title>Person · Rapport</title>" in page


def test_looking_at_a_person_is_on_record(bea, pat):
    as_(bea).get(f"/people/{pat.pk}/")
    assert AuditEntry.objects.filter(verb="person.read", person_id=pat.pk, actor=bea).exists()


def test_an_unknown_number_is_answered_like_one_out_of_sight(bea):
    assert as_(bea).get("/people/987654321/").status_code == 404


UNKNOWN = 987654321


def test_who_is_out_of_sight_can_be_opened_in_an_emergency(bea, pat, lowell):
    only_at(bea, Role.FRONT_DESK, lowell)
    browser = as_(bea)
    refused = browser.get(f"/people/{pat.pk}/")
    assert refused.status_code == 404
    assert f'action="/access/break-glass/{pat.pk}/"' in text(refused)
    assert "Rivera" not in text(refused)
    sent = browser.post(f"/access/break-glass/{pat.pk}/", {"reason": "Collapsed in the waiting room"})
    assert sent.url == f"/people/{pat.pk}/"
    assert "Pat Rivera" in text(browser.get(sent.url))


def test_the_way_in_does_not_tell_whether_there_is_such_a_person(bea, pat, lowell):
    only_at(bea, Role.FRONT_DESK, lowell)
    browser = as_(bea)
    for path in ("/people/{}/", "/people/{}/?part=money"):
        somebody, nobody = (browser.get(path.format(number)) for number in (pat.pk, UNKNOWN))
        assert (somebody.status_code, nobody.status_code) == (404, 404)
        there = (
            text(somebody)
            .replace(f"/break-glass/{pat.pk}/", "/break-glass/N/")
            .replace(f"/people/{pat.pk}/", "/people/N/")
        )
        assert without_what_differs(there, UNKNOWN) == without_what_differs(text(nobody), UNKNOWN)
        assert "break-glass/N/" in there
    said = {"what": "email.survey", "answer": "yes", "way": "phone"}
    assert [browser.post(f"/people/{number}/consent/", said).status_code for number in (pat.pk, UNKNOWN)] == [404, 404]
    assert not ConsentRecord.objects.exists()


def test_who_may_not_break_the_glass_is_not_offered_it(ana, cole, pat, lowell):
    for user, role in ((ana, Role.MARKETER), (cole, Role.COMPLIANCE)):
        only_at(user, role, lowell)
        refused = as_(user).get(f"/people/{pat.pk}/")
        assert refused.status_code == 404
        assert "/break-glass/" not in text(refused).partition("<main")[2]


def test_who_sees_everybody_needs_no_emergency(bea):
    page = as_(bea).get(f"/people/{UNKNOWN}/")
    assert page.status_code == 404
    assert "/break-glass/" not in text(page)


def test_after_an_emergency_that_led_nowhere_the_page_says_so(bea, lowell):
    only_at(bea, Role.FRONT_DESK, lowell)
    breakglass.open(by=bea, person_id=UNKNOWN, reason="Collapsed in the waiting room", now=NOW)
    page = text(as_(bea).get(f"/people/{UNKNOWN}/"))
    assert "nobody has this number" in page
    assert "/break-glass/" not in page


def test_a_person_opens_for_every_role_that_may_read_people_and_no_other(hire, pat):
    for role in Role:
        status = as_(hire(f"{role.value} Someone", role)).get(f"/people/{pat.pk}/").status_code
        assert status == (200 if "people.read" in PERMISSIONS[role] else 403), role
    assert "people.read" in PERMISSIONS[Role.FRONT_DESK]


@pytest.mark.parametrize(
    "part", ["overview", "timeline", "clinical", "appointments", "money", "messages", "family", "nonsense"]
)
def test_every_part_opens(bea, pat, part):
    happened(pat, "encounter", label="Check-up", detail={"status": "finished"})
    happened(pat, "payment", value=120)
    assert as_(bea).get(f"/people/{pat.pk}/?part={part}").status_code == 200


def test_the_timeline_can_be_asked_for_one_kind(bea, pat):
    happened(pat, "encounter", label="Check-up visit")
    happened(pat, "payment", value=120, label="Blue plan")
    page = text(as_(bea).get(f"/people/{pat.pk}/?part=timeline&kind=money"))
    assert "$120.00" in page
    assert "Check-up visit" not in page


def test_a_long_timeline_comes_in_pages(bea, pat):
    for number in range(45):
        happened(pat, "encounter", at=NOW - timedelta(days=number + 1), label=f"Visit {number:02}")
    page = text(as_(bea).get(f"/people/{pat.pk}/?part=timeline"))
    assert "Visit 00" in page
    assert "Visit 44" not in page
    assert "before=" in page


def test_delicate_entries_are_covered(bea, pat):
    holds(pat, "condition", label="Opioid dependence", data_class="sud_part2", status="active")
    happened(pat, "condition", label="Opioid dependence", data_class="sud_part2")
    for part in ("overview", "timeline", "clinical"):
        page = text(as_(bea).get(f"/people/{pat.pk}/?part={part}"))
        assert "Opioid" not in page
    assert "Substance use" in page


def test_a_clinician_opens_them_with_a_reason_that_stays(dr_ito, pat):
    holds(pat, "condition", label="Opioid dependence", data_class="sud_part2", status="active")
    path = f"/people/{pat.pk}/uncover/"
    refused = as_(dr_ito).post(path, {"data_class": "sud_part2", "reason": "ok"})
    assert refused.status_code == 422
    assert "Opioid" not in text(refused)
    opened = as_(dr_ito).post(path, {"data_class": "sud_part2", "reason": "Called about a refill"})
    assert "Opioid dependence" in text(opened)
    line = AuditEntry.objects.get(verb="person.uncover")
    assert (line.person_id, line.reason, line.actor) == (pat.pk, "Called about a refill", dr_ito)


def test_the_front_desk_does_not_open_them(bea, pat):
    assert (
        as_(bea)
        .post(f"/people/{pat.pk}/uncover/", {"data_class": "sud_part2", "reason": "because I want to"})
        .status_code
        == 403
    )


def test_consent_is_written_down_in_one_form(bea, pat):
    sent = as_(bea).post(
        f"/people/{pat.pk}/consent/", {"what": "email.health_services", "answer": "yes", "way": "in_person"}
    )
    assert sent.status_code == 302
    record = ConsentRecord.objects.get(person=pat)
    assert (record.status, record.via, record.evidence["answer"]) == ("granted", "front_desk_in_person", "yes")
    assert AuditEntry.objects.filter(verb="consent.grant", person_id=pat.pk, actor=bea).exists()


def test_a_no_is_written_down_too(bea, pat):
    yes(pat, bea)
    as_(bea).post(f"/people/{pat.pk}/consent/", {"what": "email.health_services", "answer": "no", "way": "phone"})
    assert "Said no to health services" in text(as_(bea).get(f"/people/{pat.pk}/"))


def test_an_answer_that_is_not_offered_changes_nothing(bea, pat):
    as_(bea).post(f"/people/{pat.pk}/consent/", {"what": "email.health_services", "answer": "maybe", "way": "phone"})
    assert not ConsentRecord.objects.filter(person=pat).exists()


def test_ana_can_not_write_consent(ana, pat):
    assert (
        as_(ana)
        .post(f"/people/{pat.pk}/consent/", {"what": "email.survey", "answer": "yes", "way": "phone"})
        .status_code
        == 403
    )


def test_who_has_died_is_shown_with_care(bea, pat):
    Person.objects.filter(pk=pat.pk).update(deceased_at=NOW - timedelta(days=30))
    page = text(as_(bea).get(f"/people/{pat.pk}/"))
    assert "Has died" in page
    assert "Record consent" not in page


def test_a_birthday_of_february_29_is_kept_on_the_28th():
    from rapport.home.desk import is_birthday

    assert is_birthday(date(1992, 2, 29), date(2026, 2, 28))
    assert is_birthday(date(1992, 2, 29), date(2028, 2, 29))
    assert not is_birthday(date(1992, 2, 29), date(2028, 2, 28))


def test_service_lines_are_named(bea, pat, lowell):
    line = ServiceLine.objects.create(slug="heart-rhythm", name="Heart rhythm")
    holds(
        pat,
        "appointment",
        status="booked",
        starts_at=NOW + timedelta(hours=1),
        location_id=lowell.pk,
        service_line_id=line.pk,
    )
    assert "Heart rhythm" in text(as_(bea).get("/"))


def test_the_part_about_permission_shows_what_it_rests_on(cole, bea, pat, quinn):
    paper = Paper(information="Date of my knee surgery", recipient="Hipline Implants", signed_on=date(2026, 2, 1))
    papers.sign(by=cole, person_id=pat.pk, paper=paper, now=NOW)
    representatives.appoint(
        by=cole,
        person_id=pat.pk,
        other_id=quinn.pk,
        kind="proxy",
        authority="Proxy of 2025",
        topics=["billing"],
        now=NOW,
    )
    restrictions.hold(by=cole, person_id=pat.pk, words="Suit 26-114", via="letter", now=NOW)
    page = text(as_(bea).get(f"/people/{pat.pk}/?part=permission"))
    for words in ("For Hipline Implants", "Nobody signed it.", "Void", "Quinn Okafor", "Proxy of 2025", "Legal hold"):
        assert words in page
    assert "/trust/desk/papers/" not in page, "the front desk sees that it is void, and opens no paper"


def test_a_person_without_papers_or_speakers_speaks_alone(bea, pat):
    page = text(as_(bea).get(f"/people/{pat.pk}/?part=permission"))
    assert "They speak for themselves." in page
    assert "No authorization is on file." in page
