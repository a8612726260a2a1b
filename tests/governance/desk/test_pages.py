"""The desk in real requests: what Cole finds, does and is told; what others may not."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from rapport.consent import ledger, papers, restrictions, rules, vendors
from rapport.consent.models import Authorization, ExpiryEvent, Vendor
from rapport.governance.desk import calendar
from rapport.governance.models import Disclosure, Review, Training
from rapport.kit import clock
from rapport.messaging.models import Receipt
from rapport.trust.models import AuditEntry
from tests.consent.test_papers import complete

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
TYPED = {
    "kind": "authorization", "information": "Date of my knee surgery", "discloser": "Riverbend Health",
    "recipient": "Hipline Implants", "purposes": ["P7"], "expires_on": "2026-12-31", "signature": "on paper",
    "signed_on": "2026-03-01", "signed_by": "patient", "copy_given_on": "2026-03-01", "says_revocation": "on",
    "says_conditioning": "on", "says_redisclosure": "on", "is_plain": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def today():
    with clock.travel(NOW):
        yield


@pytest.fixture
def desk(cole):
    return as_(cole)


def as_(user):
    browser = Client()
    browser.force_login(user)
    return browser


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def see(browser, name, *args, query="", status=200):
    response = browser.get(reverse(f"governance:{name}", args=args) + query)
    assert response.status_code == status, name
    return text(response)


def sign(by, person, **changed):
    return papers.sign(by=by, person_id=person.pk, paper=complete(**changed), now=NOW).record_id


PAGES = (
    "desk",
    "expiring",
    "revocations",
    "disclosures",
    "refusals",
    "papers",
    "vendors",
    "training",
    "calendar",
    "vendor_new",
    "rules",
)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_answers_for_a_house_without_rows(desk, name):
    assert "<h1>" in see(desk, name)


def test_an_administrator_sees_the_desk_and_changes_nothing(dee, pat, cole):
    record = sign(cole, pat)
    page = see(as_(dee), "papers", query="?state=valid")
    assert f"Person {pat.pk}" in page
    assert "Rivera" not in page
    assert "Enter a paper" not in page
    one = see(as_(dee), "paper", record)
    assert "knee surgery" not in one
    assert "Take it back" not in one
    assert as_(dee).post(reverse("governance:revoke_paper", args=[record]), {"way": "letter"}).status_code == 403


def test_the_desk_says_what_needs_compliance_today(desk, cole, pat):
    cole.joined_at = NOW - timedelta(days=10)
    cole.save()
    sign(cole, pat, signature="")
    vendors.add(by=cole, terms=vendors.Terms(name="Bare", channels=("sms",)), now=NOW)
    page = see(desk, "desk")
    for words in ("Papers with defects", "Vendors without an agreement", "Courses due in 30 days"):
        assert words in page
    assert page.index("Vendors without") < page.index("Papers with defects"), "what is urgent stands first"


def test_a_paper_names_its_defects_with_their_clause(desk, cole, pat):
    record = sign(cole, pat, copy_given_at=None, signed_by="representative")
    for page in (see(desk, "papers"), see(desk, "paper", record)):
        assert "The person did not get a copy." in page
        assert "45 CFR 164.508(c)(4)" in page
        assert "Somebody else signed, and it does not say by what right." in page
    assert "Pat Rivera" in page


def test_a_part2_paper_shows_the_clause_of_part2(desk, cole, pat):
    page = see(desk, "paper", sign(cole, pat, kind="part2", purposes=()))
    assert "42 CFR 2.31(a)(5)" in page
    assert "42 CFR 2.31(a)(10)(ii)" in page


def test_the_form_shows_defects_while_it_is_typed_and_writes_nothing(desk, pat):
    address = reverse("governance:new_paper", args=[pat.pk])
    shown = text(desk.post(address, {**TYPED, "signature": ""}, headers=HTMX))
    assert shown.strip().startswith('<div id="look"')
    assert "Nobody signed it." in shown
    assert "Keep it as void" in shown
    whole = text(desk.post(address, TYPED, headers=HTMX))
    assert "As typed it is a valid authorization." in whole
    assert not Authorization.objects.exists()


def test_a_complete_paper_is_kept_in_one_step_and_ends_after_its_last_day(desk, pat):
    response = desk.post(reverse("governance:new_paper", args=[pat.pk]), TYPED)
    signed = Authorization.objects.get()
    assert response.headers["Location"] == reverse("governance:paper", args=[signed.record_id])
    (read,) = papers.of([pat.pk], on=date(2026, 12, 31))[pat.pk]
    assert read.is_valid
    (read,) = papers.of([pat.pk], on=date(2027, 1, 1))[pat.pk]
    assert read.defects == ("expired",)
    assert signed.purposes == ["P7"]


def test_a_void_paper_is_kept_only_after_its_defects_were_shown(desk, pat):
    address = reverse("governance:new_paper", args=[pat.pk])
    typed = {**TYPED, "recipient": "", "is_plain": ""}
    first = desk.post(address, typed)
    assert first.status_code == 200
    assert not Authorization.objects.exists()
    sure = re.search(r'name="sure" value="([^"]*)"', text(first))[1]
    assert sure == "no_recipient,not_plain"
    assert desk.post(address, {**typed, "signature": "", "sure": sure}).status_code == 200, (
        "a defect that was not shown"
    )
    assert not Authorization.objects.exists()
    assert desk.post(address, {**typed, "sure": sure}).status_code == 302
    assert not papers.of([pat.pk], on=NOW.date())[pat.pk][0].is_valid


def test_a_date_that_is_none_is_marked_and_kept_as_typed(desk, pat):
    response = desk.post(reverse("governance:new_paper", args=[pat.pk]), {**TYPED, "signed_on": "yesterday"})
    assert response.status_code == 422
    assert 'value="yesterday"' in text(response)
    assert not Authorization.objects.exists()


def test_a_paper_for_nobody_is_not_found(desk):
    see(desk, "new_paper", 999_999, status=404)
    see(desk, "paper", 999_999, status=404)


def test_taking_a_paper_back_makes_it_void_at_once(desk, cole, pat):
    record = sign(cole, pat)
    assert "In force" in see(desk, "paper", record)
    with clock.travel(NOW + timedelta(minutes=1)):
        desk.post(reverse("governance:revoke_paper", args=[record]), {"way": "letter"})
        page = see(desk, "paper", record)
    assert "The person has taken it back." in page
    assert "Take it back" not in page


def test_an_event_ends_the_papers_that_name_it(desk, cole, pat):
    record = sign(cole, pat, expires_at=None, expires_event="end of programme")
    desk.post(reverse("governance:event"), {"name": "End of programme", "happened_on": "2026-03-04"})
    assert ExpiryEvent.objects.count() == 1
    assert "The event that ends it has happened." in see(desk, "paper", record)


def test_an_event_of_tomorrow_is_refused(desk):
    response = desk.post(reverse("governance:event"), {"name": "x", "happened_on": "2026-03-05"})
    assert response.status_code == 422
    assert "That day has not come yet." in text(response)
    assert not ExpiryEvent.objects.exists()


def test_the_person_of_a_paper_is_found_by_typing(desk, pat):
    found = text(desk.post(reverse("governance:papers"), {"q": "Rivera"}, headers=HTMX))
    assert reverse("governance:new_paper", args=[pat.pk]) in found


def test_a_vendor_is_added_changed_and_ended(desk):
    said = {"name": "Postbird", "channels": ["email"], "baa_reference": "B 4", "baa_signed_on": "2025-03-05",
            "baa_until": "2026-03-20"}  # fmt: skip
    desk.post(reverse("governance:vendor_new"), said)
    vendor = Vendor.objects.get()
    page = see(desk, "vendors")
    assert "Ends soon" in page
    assert "may carry patient data" in page
    desk.post(reverse("governance:vendor", args=[vendor.pk]), {**said, "baa_until": "2026-03-03"})
    page = see(desk, "vendors")
    assert "Agreement has ended" in page
    assert "may not carry patient data" in page
    desk.post(reverse("governance:vendor_end", args=[vendor.pk]))
    assert "Carries nothing now" in see(desk, "vendors")


def test_a_vendor_with_senseless_dates_is_told_what_to_type(desk):
    said = {"name": "Postbird", "baa_reference": "B", "baa_signed_on": "2026-03-05", "baa_until": "2026-03-01"}
    response = desk.post(reverse("governance:vendor_new"), said)
    assert response.status_code == 422
    assert "The agreement would end before it was signed." in text(response)


def test_a_course_is_noted_for_a_member_of_staff(desk, ana):
    said = {"user": ana.pk, "course": "HIPAA privacy", "completed_on": "2026-03-02", "evidence": "Certificate 7"}
    assert desk.post(reverse("governance:training_note"), said).status_code == 302
    assert Training.objects.get().valid_until == date(2027, 3, 2)
    again = desk.post(reverse("governance:training_note"), said)
    assert again.status_code == 422
    assert "This is on file already." in text(again)


def test_the_calendar_is_filled_planned_and_finished(desk):
    desk.post(reverse("governance:calendar_fill"))
    assert "Risk analysis" in see(desk, "calendar")
    desk.post(
        reverse("governance:calendar_plan"),
        {"title": "Fire drill", "subject": "safety", "due_on": "2026-02-01", "every_months": "12"},
    )
    assert "31 days late" in see(desk, "calendar")
    drill = Review.objects.get(title="Fire drill")
    refused = desk.post(reverse("governance:review", args=[drill.pk]), {"finding": ""})
    assert refused.status_code == 422
    desk.post(reverse("governance:review", args=[drill.pk]), {"finding": "Out in four minutes."})
    assert [one.due_on for one in calendar.open_reviews().filter(title="Fire drill")] == [date(2027, 2, 1)]
    assert "Out in four minutes." in see(desk, "calendar")


def test_a_no_is_listed_with_its_time(desk, cole, pat):
    with clock.travel(NOW):
        restrictions.leave_alone(by=cole, person_id=pat.pk, via="phone", now=NOW)
        record = ledger.NewRecord(
            person_id=pat.pk, channel="email", topic="newsletter", status="withdrawn", at=NOW - timedelta(hours=2),
            via="phone", text_version="", source_key=uuid.uuid4(),
        )  # fmt: skip
        ledger.state(by=cole, record=record, now=NOW)
    page = see(desk, "revocations")
    assert "Pat Rivera" in page
    assert "2 hours" in page
    assert "none were waiting" in page


def test_what_ends_is_listed_by_horizon(desk, cole, pat):
    for days, topic in ((10, "newsletter"), (80, "survey")):
        ledger.grant(by=cole, person_id=pat.pk, channel="email", topic=topic, via="form",
                     now=NOW - timedelta(days=1), expires_at=NOW + timedelta(days=days))  # fmt: skip
    assert see(desk, "expiring").count("Pat Rivera") == 1
    assert see(desk, "expiring", query="?days=90").count("Pat Rivera") == 2
    assert see(desk, "expiring", query="?days=nonsense").count("Pat Rivera") == 1


def test_disclosures_are_shown_and_masked_from_who_may_not_read_people(desk, dee, pat):
    Disclosure.objects.create(person_id=pat.pk, at=NOW, recipient="Mill City Imaging", description="Knee films",
                              purpose="Second opinion", basis="authorization")  # fmt: skip
    assert "Knee films" in see(desk, "disclosures")
    masked = see(as_(dee), "disclosures")
    assert "Mill City Imaging" in masked
    assert "Knee films" not in masked


def test_refusals_are_counted_by_gate_and_open(desk, pat):
    for number in range(3):
        Receipt.objects.create(
            intent_id=number, person_id=pat.pk, at=NOW, outcome="suppressed", allowed=False,
            gate="consent" if number else "brand_new_gate", reason="She said no.", facts_hash="x", rules_version="x",
            version_id=1, trace=uuid.uuid4(),
        )  # fmt: skip
    page = see(desk, "refusals")
    assert page.count("She said no.") == 2
    assert "Brand new gate" in page
    assert see(desk, "refusals", query="?gate=brand_new_gate").count("She said no.") == 1
    assert "No consent" in see(desk, "desk")


def test_names_read_at_the_desk_are_in_the_audit_trail(desk, cole, pat):
    sign(cole, pat)
    see(desk, "papers", query="?state=valid")
    assert any(pat.pk in one.person_ids for one in AuditEntry.objects.filter(actor=cole))


def test_the_tabs_show_the_pages_that_exist_and_are_allowed(desk, ana):
    page = see(desk, "desk")
    for name in ("index", "desk", "rules"):
        assert f'href="{reverse(f"governance:{name}")}"' in page
    assert reverse("governance:desk") not in see(as_(ana), "rules")


def rows_with(monkeypatch, *more):
    known = rules.rows()
    monkeypatch.setattr(rules, "rows", lambda: (*known, *more))


def test_a_kind_of_rule_nobody_has_words_for_is_shown_plainly(desk, monkeypatch):
    strange = msgspec.structs.replace(
        rules.rows()[0], id="XX-NEW", kind="brand_new", jurisdiction="US-ZZ",
        parameters={"deep": {"a_b": [1, {"c": None}]}, "cap_cents": 1550, "on_or_off": True, "nothing": []},
        authority_url="javascript:alert(1)", unverified=True,
    )  # fmt: skip
    rows_with(monkeypatch, strange)
    page = see(desk, "rules", query="?kind=brand_new")
    assert "Brand new" in page
    assert "XX-NEW" in page
    assert "$15.50" in page
    assert "a b: 1, c: none" in page
    assert "javascript:" not in page
    assert "figure not checked" in page
    assert "US-HIPAA-P1" not in page


def test_every_kind_of_rule_in_the_files_is_shown_with_every_row(desk):
    page = see(desk, "rules", query="?on=2027-02-01")
    assert [row.id for row in rules.rows() if row.id not in page] == []


def test_the_dates_of_the_law_that_come_stand_on_top(desk):
    page = see(desk, "rules", query="?on=2026-11-01")
    changes = page[page.index("What changes after that day") :]
    assert changes.index("US-TCPA-REVOKE-ALL-DATE") < changes.index("US-SECTION504-DATE") < changes.index("US-HIPAA-P1")
    assert "What changes after that day" not in see(desk, "rules", query="?on=2027-06-01&kind=review")


def test_the_rules_of_another_day_and_what_changes_after_it(desk, monkeypatch):
    old = msgspec.structs.replace(
        rules.rows()[0], id="XX-OLD", effective_from=date(2020, 1, 1), effective_to=date(2026, 6, 30)
    )
    new = msgspec.structs.replace(rules.rows()[0], id="XX-NEW", effective_from=date(2027, 1, 31))
    rows_with(monkeypatch, old, new)
    today = see(desk, "rules")
    changes = today[today.index("What changes after that day") :]
    assert changes.index("XX-OLD") < changes.index("XX-NEW")
    later = see(desk, "rules", query="?on=2027-01-31")
    assert "Rules that were over by then" in later
    assert "XX-NEW" in later
    before = see(desk, "rules", query="?on=2020-05-05&jurisdiction=US")
    assert "XX-OLD" in before
    assert see(desk, "rules", query="?on=nonsense")


def test_an_authority_with_an_address_can_be_followed(desk, monkeypatch):
    row = msgspec.structs.replace(rules.rows()[0], id="XX", authority_url="https://www.ecfr.gov/")
    rows_with(monkeypatch, row)
    assert 'href="https://www.ecfr.gov/"' in see(desk, "rules")
