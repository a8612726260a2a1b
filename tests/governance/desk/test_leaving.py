"""A disclosure recorded at the desk: whose, to whom, on what ground; what may never leave; what goes along under Part 2."""

import pytest

from rapport.consent import papers
from rapport.governance import disclosures
from rapport.governance.models import Disclosure
from rapport.people.models import Person
from rapport.trust.models import AuditEntry
from tests.consent.test_papers import complete
from tests.governance.desk.test_pages import HTMX, NOW, as_, desk, text, today  # noqa: F401 - the clock of these pages

pytestmark = pytest.mark.django_db
TYPED = {
    "recipient": "County health office", "address": "1 Main Street, Lowell", "description": "Case report",
    "purpose": "Mandatory notification", "basis": "public_health", "on": "2026-03-04",
}  # fmt: skip
SUD = {"recipient": "Sober House", "basis": "part2_consent"}  # the class follows from the ground


def send(browser, who, headers=None, **said):
    return browser.post(f"/trust/desk/disclosures/for/{who.pk}/", TYPED | said, headers=headers or {})


def look(browser, who, **said):
    return text(send(browser, who, HTMX, **said))


def signed(by, who, **changed):
    said = {"kind": "part2", "recipient": "Sober House", "says_refusal": True} | changed
    return str(papers.sign(by=by, person_id=who.pk, paper=complete(**said), now=NOW).record_id)


def test_the_person_is_found_first_by_what_is_typed_into_the_body(desk, pat):  # noqa: F811
    page = text(desk.get("/trust/desk/disclosures/"))
    assert "Record a disclosure" in page
    found = text(desk.post("/trust/desk/disclosures/", {"q": "Rivera"}, headers=HTMX))
    assert "<html" not in found
    assert f"/trust/desk/disclosures/for/{pat.pk}/" in found


def test_a_disclosure_is_written_down_with_everything_the_accounting_needs(desk, cole, pat):  # noqa: F811
    seen = look(desk, pat)
    assert "It may leave" in seen
    assert "The person is told of it" in seen
    assert not Disclosure.objects.exists()
    assert send(desk, pat).status_code == 302
    made = Disclosure.objects.get()
    assert (made.person_id, made.recipient, made.recipient_address, made.description, made.purpose, made.basis) == (
        pat.pk, "County health office", "1 Main Street, Lowell", "Case report", "Mandatory notification", "public_health",
    )  # fmt: skip
    assert (made.at, made.made_by) == (NOW, cole)
    assert AuditEntry.objects.filter(verb="disclosure.record", actor=cole).count() == 1
    assert "Public health" in text(desk.get("/trust/desk/disclosures/"))


def test_what_left_yesterday_is_dated_yesterday_and_what_leaves_tomorrow_waits(desk, pat):  # noqa: F811
    send(desk, pat, on="2026-03-03")
    assert Disclosure.objects.get().at.date().isoformat() == "2026-03-03"
    refused = send(desk, pat, on="2026-03-05")
    assert refused.status_code == 422
    assert "That day has not come yet" in text(refused)
    assert Disclosure.objects.count() == 1


@pytest.mark.parametrize("basis", ["sale", "third_party_marketing"])
def test_data_is_never_sold_and_the_page_says_so(desk, cole, pat, basis):  # noqa: F811
    paper = signed(cole, pat, kind="authorization")
    seen = look(desk, pat, basis=basis, consent_record=paper)
    assert "Never" in seen
    assert "Patient data is not sold" in seen
    assert "45 CFR 164.502(a)(5)(ii)" in seen
    assert "Write it down" not in seen, "there is nothing to press"
    refused = send(desk, pat, basis=basis, consent_record=paper)
    assert refused.status_code == 422
    assert "Patient data is not sold" in text(refused)
    assert not Disclosure.objects.exists()


def test_substance_use_records_go_with_the_notice_and_the_consent(desk, cole, pat):  # noqa: F811
    (notice,) = disclosures.notices(NOW)
    paper = signed(cole, pat)
    page = text(desk.get(f"/trust/desk/disclosures/for/{pat.pk}/"))
    assert "Part 2 consent: Sober House" in page
    seen = look(desk, pat, **SUD)
    assert "There is no such paper of this person." in seen
    assert notice in seen, "the words that go along stand there from the start"
    steps = {"consent_record": paper}
    assert "must go with these records, word for word" in look(desk, pat, **SUD, **steps)
    steps["notice_goes"] = "on"
    assert "A copy of the consent" in look(desk, pat, **SUD, **steps)
    assert send(desk, pat, **SUD, **steps).status_code == 422
    steps["consent_copy"] = "Copy of the consent of February 1"
    assert "It may leave" in look(desk, pat, **SUD, **steps)
    assert send(desk, pat, **SUD, **steps).status_code == 302
    made = Disclosure.objects.get()
    assert made.packet_hash == disclosures.Packet(notice, "Copy of the consent of February 1").digest()
    assert (made.data_classes, str(made.consent_record_id)) == (["sud_part2"], paper)


def test_on_no_other_ground_do_substance_use_records_leave(desk, pat):  # noqa: F811
    assert "leave only on the person&#39;s consent under 42 CFR Part 2" in look(desk, pat, data_classes=["sud_part2"])
    assert send(desk, pat, data_classes=["sud_part2"]).status_code == 422


def test_a_void_paper_of_hers_and_a_whole_one_of_somebody_else_are_not_offered(desk, cole, pat, quinn):  # noqa: F811
    void, others = signed(cole, pat, signature=""), signed(cole, quinn)
    assert "Part 2 consent: Sober House" not in text(desk.get(f"/trust/desk/disclosures/for/{pat.pk}/"))
    whole = SUD | {"notice_goes": "on", "consent_copy": "Copy"}
    for paper in (void, others):
        assert send(desk, pat, **whole, consent_record=paper).status_code == 422
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize(("lacking", "words"), [
    ("recipient", "Name who receives it."), ("description", "Say what leaves"), ("purpose", "Say what it is for."),
    ("basis", "Choose the ground on which it leaves."),
])  # fmt: skip
def test_what_is_missing_stands_at_its_field_and_what_was_typed_is_kept(desk, pat, lacking, words):  # noqa: F811
    refused = send(desk, pat, **{lacking: " " if lacking != "basis" else ""})
    assert refused.status_code == 422
    assert words in text(refused)
    assert "1 Main Street, Lowell" in text(refused)


def test_a_strangers_number_is_nobodys_and_who_only_sees_the_desk_records_nothing(desk, dee, bea, pat):  # noqa: F811
    assert send(desk, Person(pk=987654)).status_code == 404
    assert "Record a disclosure" not in text(as_(dee).get("/trust/desk/disclosures/"))
    for user in (dee, bea):
        assert send(as_(user), pat).status_code == 403
    assert text(as_(dee).post("/trust/desk/disclosures/", {"q": "Rivera"})).count("Rivera") == 0
