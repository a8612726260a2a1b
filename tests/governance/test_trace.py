"""The ten steps: of who got it, who was held out, and who was not allowed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client

from rapport.attribution import conversions
from rapport.campaigns import actions
from rapport.campaigns.models import Assignment, Campaign
from rapport.cli import trace as printed
from rapport.consent import ledger
from rapport.governance import erasing, trace
from rapport.kit import clock
from rapport.messaging.models import Intent
from rapport.people.models import Event, Merge, Person
from rapport.segments import language, store, sync
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, User
from tests.campaigns import clinic

KNEE = language.HasCode(codes=(language.CodeIs(system="icd10cm", code="M17", prefix=True),))
FEMALE = language.Sex(one_of=("F",))


@pytest.fixture
def launched(transactional_db: None, ana: User, now: datetime):
    """Six consenting women and Quinn, who has withdrawn; half are held out."""
    store.forget()
    people = clinic.patients(7, now)
    ledger.withdraw(
        by=SYSTEM,
        person_id=people[0].pk,
        channel="email",
        topic="health_services",
        via="desk",
        now=now,
        text_version="v1",
        evidence={},
    )
    sync.refresh(now=now)
    draft = clinic.campaign(ana, now, segment=clinic.segment(now, FEMALE), holdout_percent=Decimal(50))
    yield actions.launch(by=ana, campaign=draft, now=now)
    store.forget()


def of(campaign: Campaign, arm: str) -> Assignment:
    found = Assignment.objects.filter(campaign=campaign, arm=arm).order_by("id").first()
    assert found is not None
    return found


def test_a_message_has_ten_steps_and_reading_them_is_audited(launched: Campaign, cole: User, now: datetime) -> None:
    intent = Intent.objects.order_by("id").first()
    assert intent is not None
    trip = trace.of_intent(by=cole, intent_id=intent.pk, now=now)
    assert [step.number for step in trip.steps] == list(range(1, 11))
    assert trip.outcome == "queued"
    assert "due" in trip.steps[8].sentence
    line = AuditEntry.objects.get(verb="trust.trace")
    assert (line.actor, line.person_id) == (cole, intent.person_id)


def test_the_segment_step_names_criterion_and_evidence(launched: Campaign, cole: User, now: datetime) -> None:
    step = trace.of_assignment(by=cole, assignment_id=of(launched, "contact").pk, now=now).steps[3]
    assert step.tone == "good"
    assert any("recorded as Female" in line.note for line in step.lines)


def test_the_lot_is_drawn_again_and_agrees(launched: Campaign, cole: User, now: datetime) -> None:
    for arm, sentence in (("contact", "Drawn into the contact group"), ("holdout", "Held out by lot")):
        step = trace.of_assignment(by=cole, assignment_id=of(launched, arm).pk, now=now).steps[5]
        assert sentence in step.sentence
        assert any(line.note == "the same group" for line in step.lines)


def test_an_audience_that_was_tampered_with_is_noticed(launched: Campaign, cole: User, now: datetime) -> None:
    moved = of(launched, "holdout")
    Assignment.objects.filter(pk=moved.pk).update(arm="contact")
    step = trace.of_assignment(by=cole, assignment_id=moved.pk, now=now).steps[5]
    assert step.tone == "bad"


def test_who_was_held_out_got_nothing_and_still_counts(launched: Campaign, cole: User, now: datetime) -> None:
    held = of(launched, "holdout")
    clinic.visit(held.person, now + timedelta(days=3), line_id=launched.service_line_id)
    conversions.refresh(launched, now + timedelta(days=60))
    steps = trace.of_assignment(by=cole, assignment_id=held.pk, now=now).steps
    assert [step.happened for step in steps[6:9]] == [False, False, False]
    assert "Came 1 time" in steps[9].sentence
    assert "taken off the result" in steps[9].lines[-1].note


def test_who_was_not_permitted_reads_the_gate_and_its_reason(launched: Campaign, cole: User, now: datetime) -> None:
    refused = of(launched, "not_permitted")
    steps = trace.of_assignment(by=cole, assignment_id=refused.pk, now=now).steps
    assert refused.reason in steps[5].sentence
    assert "Consent for the channel" in steps[6].sentence
    assert not steps[9].happened


def test_a_sensitive_entry_is_evidence_without_its_name(launched: Campaign, cole: User, now: datetime) -> None:
    contacted = of(launched, "contact")
    Event.objects.create(
        person=contacted.person, kind="condition", at=now - timedelta(days=9), source="test", source_key=clinic.source_key("x", "y"),
        code_system="icd10cm", code="M17.11", label="Something delicate", data_class="mental_health", recorded_at=now,
    )  # fmt: skip
    launched.definition = language.to_dict(KNEE)
    launched.save()
    step = trace.of_assignment(by=cole, assignment_id=contacted.pk, now=now).steps[3]
    text = " ".join(line.note for line in step.lines)
    assert "a sensitive entry of Feb 23, 2026" in text
    assert "delicate" not in text
    assert "M17.11" not in text


def test_a_correction_after_the_launch_is_said(launched: Campaign, cole: User, now: datetime) -> None:
    contacted = of(launched, "contact")
    Person.objects.filter(pk=contacted.person_id).update(sex="M")
    step = trace.of_assignment(by=cole, assignment_id=contacted.pk, now=now).steps[3]
    assert step.tone == "bad"
    assert "corrected since" in step.sentence


def test_a_number_that_is_no_message_has_no_trip(launched: Campaign, cole: User, now: datetime) -> None:
    for find in (
        lambda: trace.of_intent(by=cole, intent_id=10**9, now=now),
        lambda: trace.of_assignment(by=cole, assignment_id=10**9, now=now),
    ):
        with pytest.raises(trace.NoSuchTrip):
            find()


def test_the_command_prints_the_same_steps_without_a_name(launched: Campaign, cole: User, now: datetime) -> None:
    trip = trace.of_assignment(by=cole, assignment_id=of(launched, "not_permitted").pk, now=now)
    text = printed.text(trip)
    assert "Testa" not in text
    for step in trip.steps:
        assert f"{step.number:2}. {step.name}: {step.sentence}" in text


def test_the_pages_of_trust(
    launched: Campaign, client: Client, cole: User, hire: Callable[..., User], zoe: User, now: datetime
) -> None:
    client.force_login(cole)
    intent = Intent.objects.order_by("id").first()
    assert intent is not None
    with clock.travel(now):
        assert "Nothing to explain yet" in client.get("/trust/").content.decode()
        assert client.get(f"/trust/?campaign={launched.slug}").content.decode().count("<tr data-href") == 7
        page = client.get(f"/trust/trace/{intent.pk}/").content.decode()
        assert "Testa" in page
        assert page.count('class="trace-step') == 10
        assert client.get(f"/trust/trace/assignment/{of(launched, 'holdout').pk}/").status_code == 200
        assert client.get("/trust/trace/999999999/").status_code == 404
        found = client.post("/trust/", {"q": "Testa"}, headers={"HX-Request": "true"}).content.decode()
        assert "Campaigns of the people found" in found
        assert "<html" not in found
        rules = client.get("/trust/rules/").content.decode()
        assert "US-HIPAA-P2 v1" in rules
        assert "HOUSE-HOURS-EMAIL v1" in rules
        client.force_login(zoe)
        assert client.get(f"/trust/trace/{intent.pk}/").status_code == 403
        assert client.get("/trust/rules/").status_code == 403


def test_the_newest_decisions_are_listed_and_a_stopped_message_says_so(
    launched: Campaign, client: Client, ana: User, now: datetime
) -> None:
    actions.stop(by=ana, campaign=launched, now=now)
    client.force_login(ana)
    with clock.travel(now):
        words = client.get("/trust/").content.decode()
    assert "The newest decisions" in words
    assert words.count("<tr data-href") == 3


def test_a_person_out_of_sight_has_no_trace(
    launched: Campaign, client: Client, hire: Callable[..., User], now: datetime
) -> None:
    """A desk of one location does not see the people of no location."""
    client.force_login(hire("Bo Ost", "front_desk", location_id=1))
    intent = Intent.objects.order_by("id").first()
    assert intent is not None
    with clock.travel(now):
        assert client.get(f"/trust/trace/{intent.pk}/").status_code == 404


def test_records_that_were_joined_are_named_with_their_rule(launched: Campaign, cole: User, now: datetime) -> None:
    contacted = of(launched, "contact")
    other = of(launched, "holdout")
    Merge.objects.create(kept=contacted.person, gone=other.person, rule="same_birth_date_and_name", merged_at=now)
    step = trace.of_assignment(by=cole, assignment_id=contacted.pk, now=now).steps[1]
    assert step.sentence == "1 record was joined to this one."
    assert any("same_birth_date_and_name" in line.note for line in step.lines)


def test_the_trip_of_somebody_who_was_erased_still_shows_what_was_decided(
    launched: Campaign, cole: User, now: datetime
) -> None:
    intent = Intent.objects.order_by("id").first()
    assert intent is not None
    erasing.erase(by=cole, person_id=intent.person_id, now=now)
    office = Client()
    office.force_login(cole, backend=settings.AUTHENTICATION_BACKENDS[-1])
    with clock.travel(now):
        shown = office.get(f"/trust/trace/{intent.pk}/")
        assert office.get("/trust/").status_code == 200
    assert shown.status_code == 200
    assert f"Person {intent.person_id}" in shown.content.decode()
