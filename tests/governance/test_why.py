"""Why somebody got something, or nothing: one sentence that names the point where it stopped."""

from decimal import Decimal

import pytest

from rapport.campaigns import actions
from rapport.campaigns.models import Assignment
from rapport.governance import trace, why
from rapport.kit import clock
from rapport.messaging import send
from rapport.messaging.models import Intent, Receipt
from rapport.segments import language, store, sync
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.campaigns import clinic
from tests.messaging import stage

FEMALE = language.Sex(one_of=("F",))


@pytest.fixture
def launched(transactional_db, ana, now):
    """Six consenting women, half of them held out; one who said no; and a man, who is not meant."""
    store.forget()
    people = clinic.patients(7, now)
    stage.says_no(people[0], now)
    people_cast.person(sex="M")
    sync.refresh(now=now)
    draft = clinic.campaign(
        ana, now, segment=clinic.segment(now, language.All(of=(FEMALE,))), holdout_percent=Decimal(50)
    )
    yield actions.launch(by=ana, campaign=draft, now=now)
    store.forget()


def ask(campaign, person_id, by, now):
    return why.of_campaign(by=by, person_id=person_id, campaign=campaign, now=now)


def one_of(campaign, arm):
    return Assignment.objects.filter(campaign=campaign, arm=arm).order_by("id").first()


def test_a_message_in_line_says_when_it_is_due(launched, cole, now):
    found = ask(launched, one_of(launched, "contact").person_id, cole, now)
    assert (found.stage, found.stands) == ("queued", True)
    assert "due on" in found.sentence
    assert AuditEntry.objects.get(verb="trust.why").person_id == found.person_id


def test_a_message_that_went_shows_its_checks_and_the_consent_they_rest_on(launched, cole, now, settings):
    with stage.mailbox(settings):
        send.send_due(owner="w1", now=now, limit=100)
    found = ask(launched, one_of(launched, "contact").person_id, cole, now)
    assert found.stage == "sent"
    consent = next(one for one in found.checks if one.gate == "consent")
    assert consent.said[0].sentence == "Consent to be written to or called: yes on Feb 2, 2026, by desk"
    assert consent.rule


def test_a_consent_withdrawn_after_the_launch_names_the_check_at_sending(launched, cole, now, settings):
    person = one_of(launched, "contact").person
    stage.says_no(person, now)
    with stage.mailbox(settings):
        send.send_due(owner="w1", now=now, limit=100)
    found = ask(launched, person.pk, cole, now)
    assert found.stage == "suppressed"
    assert found.sentence.startswith("Stopped at sending by the check “Consent for the channel”: ")


def test_a_message_that_waits_says_until_when(launched, cole, now, settings):
    night = now.replace(hour=8)
    Intent.objects.update(due_at=night)
    with stage.mailbox(settings):
        send.send_due(owner="w1", now=night, limit=100)
    found = ask(launched, one_of(launched, "contact").person_id, cole, night)
    assert found.stage == "waiting"
    assert "Still waiting until" in found.sentence


def test_the_control_group_and_the_not_permitted_are_told_apart(launched, cole, now):
    held = ask(launched, one_of(launched, "holdout").person_id, cole, now)
    assert (held.stage, held.stands) == ("held_out", True)
    refused = ask(launched, one_of(launched, "not_permitted").person_id, cole, now)
    assert refused.stage == "not_permitted"
    assert "“Consent for the channel”" in refused.sentence
    assert refused.checks_at == now


def test_who_was_not_meant_reads_which_criterion(launched, cole, now):
    man = people_cast.Person.objects.get(sex="M")
    found = ask(launched, man.pk, cole, now)
    assert (found.stage, found.stands) == ("not_in_segment", True)
    assert "recorded as Male" in found.sentence
    assert found.sentence.startswith("Not in the segment when it was launched.")


def test_who_fits_but_came_later_is_told_so(launched, cole, now):
    late = people_cast.person(sex="F")
    found = ask(launched, late.pk, cole, now)
    assert "it came to us later" in found.sentence


def test_a_draft_says_what_would_happen_now(launched, ana, cole, now):
    draft = clinic.campaign(ana, now, segment=clinic.segment(now, language.All(of=(FEMALE,))))
    man = people_cast.Person.objects.get(sex="M")
    assert "Would not be in the segment now" in ask(draft, man.pk, cole, now).sentence
    no = ask(draft, one_of(launched, "not_permitted").person_id, cole, now)
    assert (no.stage, no.stands) == ("would_not", False)
    yes = ask(draft, one_of(launched, "contact").person_id, cole, now)
    assert yes.stage == "would_go"


def test_a_kind_of_message_is_asked_without_a_campaign(launched, cole, now):
    found = why.of_wish(
        by=cole,
        person_id=one_of(launched, "not_permitted").person_id,
        wish=why.Wish("email", "P2", "health_services"),
        now=now,
    )
    assert found.stage == "would_not"
    assert "Consent for the channel" in found.sentence


def test_a_record_that_was_joined_leads_to_the_one_that_is_kept(launched, cole, now):
    kept, gone = one_of(launched, "contact").person, people_cast.person()
    people_cast.Person.objects.filter(pk=gone.pk).update(merged_into=kept)
    assert ask(launched, gone.pk, cole, now).stage == "queued"


def test_a_confirmation_has_ten_steps_without_a_campaign(transactional_db, cole, now):
    (person,) = stage.people(1, now)
    (intent,) = stage.due([person], stage.wording(now), now, cause="confirmation", purpose="P1", cause_id=77)
    trip = trace.of_intent(by=cole, intent_id=intent.pk, now=now)
    assert [step.number for step in trip.steps] == list(range(1, 11))
    assert trip.campaign is None
    assert "Confirmation" in trip.steps[3].sentence
    assert not trip.steps[5].happened


def test_the_pages_of_why_and_receipt(launched, client, cole, zoe, ana, now, settings):
    with stage.mailbox(settings):
        send.send_due(owner="w1", now=now, limit=100)
    person, receipt = one_of(launched, "contact").person, Receipt.objects.filter(allowed=True).first()
    client.force_login(cole)
    with clock.travel(now):
        asked = client.get(f"/trust/why/?person={person.pk}&campaign={launched.slug}")
        assert "got this" in asked.text
        assert "/trust/rules/#" in asked.text
        part = client.get(f"/trust/why/?person={person.pk}&topic=survey&channel=email", headers={"HX-Request": "true"})
        assert "<html" not in part.text
        assert "If it were due now" in part.text
        assert "Nobody of that number" in client.get("/trust/why/?person=999999999&topic=care").text
        assert "Nobody of that number" in client.get("/trust/why/?person=x'1").text
        page = client.get(f"/trust/receipts/{receipt.pk}/")
        assert "Agrees" in page.text
        assert client.get("/trust/receipts/999999999/").status_code == 404
        client.force_login(ana)
        assert client.get(f"/trust/receipts/{receipt.pk}/").status_code == 403
        client.force_login(zoe)
        assert client.get(f"/trust/why/?person={person.pk}").status_code == 403


def test_a_desk_of_another_place_learns_nothing(launched, client, hire, now):
    person = one_of(launched, "contact").person
    client.force_login(hire("Bo Ost", "front_desk", location_id=1))
    with clock.travel(now):
        asked = client.get(f"/trust/why/?person={person.pk}&campaign={launched.slug}")
    assert "Nobody of that number" in asked.text
