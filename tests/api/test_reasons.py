"""Programs ask why: receipts, a person and a campaign, rules."""

import pytest

from rapport.campaigns.models import Assignment
from rapport.consent import rules as rulebook
from rapport.messaging.models import Receipt
from rapport.trust.models import AuditEntry


def test_a_receipt_is_read_with_every_check_and_reading_is_recorded(sent, program, cole):
    receipt = Receipt.objects.filter(outcome="sent").first()
    told = program(cole).get(f"/api/v1/receipts/{receipt.pk}").json()
    assert (told["allowed"], told["person"], told["facts_hash"]) == (True, receipt.person_id, receipt.facts_hash)
    assert [one["gate"] for one in told["gates"]] == [one["gate"] for one in receipt.gates]
    assert told["consent_ids"] == next(one for one in told["gates"] if one["gate"] == "consent")["consents"]
    assert "facts" not in told
    assert AuditEntry.objects.get(verb="receipt.read").person_id == receipt.person_id
    assert program(cole).get("/api/v1/receipts/999999999").status_code == 404


@pytest.mark.parametrize(
    ("arm", "stage_"), [("contact", "sent"), ("holdout", "held_out"), ("not_permitted", "not_permitted")]
)
def test_why_somebody_got_it_or_not(sent, program, cole, arm, stage_):
    person = Assignment.objects.filter(campaign=sent, arm=arm).first().person_id
    told = program(cole).get(f"/api/v1/people/{person}/why?campaign={sent.slug}").json()
    assert (told["stage"], told["stands"]) == (stage_, True)
    assert told["sentence"]
    assert all(one["reason"] for one in told["gates"])


def test_why_without_or_with_an_unknown_campaign(sent, program, cole, pat):
    browser = program(cole)
    assert browser.get(f"/api/v1/people/{pat.pk}/why").status_code == 422
    assert browser.get(f"/api/v1/people/{pat.pk}/why?campaign=nothing").status_code == 404
    assert browser.get(f"/api/v1/people/999999999/why?campaign={sent.slug}").status_code == 404


def test_the_rules_of_a_day_come_in_pages(program, ana, still):
    browser = program(ana)
    first = browser.get("/api/v1/rules?on=2026-03-04&limit=5").json()
    assert first["rules_version"] == rulebook.fingerprint()
    assert len(first["items"]) == 5
    assert first["total"] == sum(one.is_in_force(still.date()) for one in rulebook.rows())
    told = [browser.get(f"/api/v1/rules?on=2026-03-04&limit=5&page={n + 1}").json() for n in range(first["pages"])]
    names = [(one["id"], one["version"]) for page in told for one in page["items"]]
    assert len(set(names)) == first["total"]
    assert browser.get("/api/v1/rules?on=yesterday").status_code == 422
