"""Calls by our own staff: one at a time, asked again before the number is shown, and what came of each."""

from datetime import timedelta

import pytest

from rapport.consent import ledger
from rapport.consent.models import ConsentRecord, Suppression
from rapport.content import actions as content
from rapport.content import telling
from rapport.demo.told import TOLD
from rapport.kit import clock
from rapport.messaging import call_lists, intents
from rapport.messaging.models import Call, CallTry, Receipt
from rapport.people.models import ContactPoint, Event
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, Role
from tests import people_cast
from tests.messaging import paper_stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(now):
    """`listed(2)`: people on the call list."""

    def make(count, **person):
        version = paper_stage.wording(now, channel="call", slug="visit-call")
        many = [people_cast.person(**person) for _ in range(count)]
        for one in many:
            paper_stage.says_yes(one, "call", now)
        made = paper_stage.placed(many, version, now)
        assert {one.state for one in made} == {"sent"}
        return list(Call.objects.order_by("pk"))

    return make


def test_two_clerks_never_hold_the_same_person_and_nobody_holds_two(now, listed, bea, hire):
    listed(2)
    ben = hire("Ben Ode", Role.FRONT_DESK)
    first = call_lists.take_next(by=bea, now=now)
    assert call_lists.take_next(by=bea, now=now) == first
    second = call_lists.take_next(by=ben, now=now)
    assert second != first
    cy = hire("Cy Hart", Role.FRONT_DESK)
    with pytest.raises(call_lists.NobodyToCall):
        call_lists.take_next(by=cy, now=now)
    later = now + timedelta(minutes=16)
    assert call_lists.take_next(by=cy, now=later) == first, "who forgot her call loses it"
    with pytest.raises(call_lists.NotHeld):
        call_lists.settle(by=bea, call_id=first.pk, outcome="yes", now=later)


def test_a_withdrawal_while_on_the_list_ends_the_call_before_the_number_is_shown(now, listed, bea):
    (call,) = listed(1)
    ledger.withdraw(by=SYSTEM, person_id=call.person_id, channel="call", topic="care", via="desk", now=now)
    with pytest.raises(call_lists.NobodyToCall):
        call_lists.take_next(by=bea, now=now)
    call.refresh_from_db()
    assert (call.state, call.intent.state) == ("ended", "suppressed")
    assert Receipt.objects.filter(intent_id=call.intent_id, gate="consent").exists()


def test_a_withdrawal_while_the_clerk_reaches_for_the_phone_hides_the_number(now, listed, bea):
    listed(1)
    call = call_lists.take_next(by=bea, now=now)
    assert call_lists.dial(by=bea, call_id=call.pk, now=now).number.startswith("+1978")
    ledger.withdraw(by=SYSTEM, person_id=call.person_id, channel="call", topic="care", via="desk", now=now)
    with pytest.raises(call_lists.NotNow):
        call_lists.dial(by=bea, call_id=call.pk, now=now)


def test_quiet_hours_put_a_call_off_at_the_moment_of_dialling(now, listed, bea):
    (call,) = listed(1)
    night = now + timedelta(hours=14)  # one in the morning in Lowell
    with pytest.raises(call_lists.NobodyToCall):
        call_lists.take_next(by=bea, now=night)
    call.refresh_from_db()
    assert call.state == "open"
    assert call.next_at > night
    assert call_lists.take_next(by=bea, now=call.next_at) == call


def test_the_script_is_filled_in_for_the_person(now, listed, bea):
    listed(1, given="Rosa")
    call = call_lists.take_next(by=bea, now=now)
    assert "Dear Rosa" in call_lists.dial(by=bea, call_id=call.pk, now=now).words
    assert AuditEntry.objects.get(verb="calls.dial").person_id == call.person_id


def test_nobody_there_three_times_is_enough(now, listed, bea):
    (call,) = listed(1)
    at = now
    for _turn in range(3):
        assert call_lists.take_next(by=bea, now=at) == call
        call = call_lists.settle(by=bea, call_id=call.pk, outcome="no_answer", now=at)
        at = call.next_at
    assert (call.state, call.tries) == ("unreached", 3)
    assert list(CallTry.objects.values_list("outcome", flat=True)) == ["no_answer"] * 3
    assert Event.objects.filter(kind="call_made", person_id=call.person_id, code="no_answer").count() == 3


def test_a_promised_call_back_comes_first_and_counts_as_no_try(now, listed, bea):
    _other, call = listed(2)
    Call.objects.filter(pk=_other.pk).update(next_at=now + timedelta(minutes=30))
    taken = call_lists.take_next(by=bea, now=now)
    assert taken == call
    back = now + timedelta(hours=2)
    with pytest.raises(call_lists.NotATime):
        call_lists.settle(by=bea, call_id=call.pk, outcome="later", now=now, call_back_at=now)
    call_lists.settle(by=bea, call_id=call.pk, outcome="later", now=now, call_back_at=back)
    again = call_lists.take_next(by=bea, now=back)
    assert (again, again.tries, again.is_promised) == (call, 0, True)


def test_a_wrong_number_is_marked_and_the_next_number_is_tried(now, listed, bea):
    (call,) = listed(1, phones=(("978-453-7001", "mobile"), ("978-453-7002", "home")))
    call_lists.take_next(by=bea, now=now)
    first = call_lists.dial(by=bea, call_id=call.pk, now=now).number
    call_lists.settle(by=bea, call_id=call.pk, outcome="wrong_number", now=now)
    assert ContactPoint.objects.get(person_id=call.person_id, is_valid=False).invalid_reason == "wrong number"
    call_lists.take_next(by=bea, now=now)
    second = call_lists.dial(by=bea, call_id=call.pk, now=now).number
    assert second != first
    call = call_lists.settle(by=bea, call_id=call.pk, outcome="wrong_number", now=now)
    assert call.state == "ended"
    assert Receipt.objects.filter(intent_id=call.intent_id, outcome="suppressed", gate="contact").exists()


def test_do_not_call_is_a_wish_to_stop_and_done_at_once(now, listed, bea):
    (call,) = listed(1)
    call_lists.take_next(by=bea, now=now)
    call = call_lists.settle(by=bea, call_id=call.pk, outcome="do_not_call", now=now)
    assert call.state == "ended"
    said = ConsentRecord.objects.filter(person_id=call.person_id, status="withdrawn")
    assert set(said.values_list("channel", flat=True)) == {"sms", "call"}
    assert Suppression.objects.filter(kind="phone", lifted_at=None).exists()


def test_a_campaign_that_was_stopped_rings_nobody(now, listed, bea):
    (call,) = listed(1)
    call.intent.state = "failed"
    call.intent.save()
    intents.stop("campaign", 1, now)
    with pytest.raises(call_lists.NobodyToCall):
        call_lists.take_next(by=bea, now=now)
    call.refresh_from_db()
    assert call.state == "ended"


def test_a_clerk_takes_a_call_sees_the_number_and_notes_what_came_of_it(client, bea, listed, now, monkeypatch):
    (call,) = listed(1, given="Rosa")
    client.force_login(bea)
    with clock.travel(now):
        assert "Take the next call" in client.get("/outbox/calls/").content.decode()
        made = client.post("/outbox/calls/next/")
        html = client.get(made.headers["Location"]).content.decode()
        assert 'href="tel:+1978' in html
        assert "It is 10:00\u202fAM where they live." in html
        wrong = client.post(f"/outbox/calls/{call.pk}/done/", {"outcome": "later", "call_back_at": "yesterday"})
        assert wrong.status_code == 422
        client.post(f"/outbox/calls/{call.pk}/done/", {"outcome": "yes"})
        assert "Said yes" in client.get("/outbox/calls/").content.decode()
    call.refresh_from_db()
    assert call.state == "reached"


def test_the_clerk_reads_the_script_as_its_author_laid_it_out(client, bea, now):
    """With the person's name in it; what a machine may be told stands apart."""
    script = content.start(by=SYSTEM, name="How are you?", topic="care", language="en", now=now, channel="call")
    version = telling.hand_in(by=SYSTEM, piece=script, said=TOLD["call"], now=now)
    rosa = people_cast.person(given="Rosa")
    paper_stage.says_yes(rosa, "call", now)
    paper_stage.placed([rosa], version, now)
    call = call_lists.take_next(by=bea, now=now)
    shown = call_lists.dial(by=bea, call_id=call.pk, now=now).shown
    assert shown.said.opening == "Good morning, this is Riverbend Health. Am I speaking with Rosa?"
    assert [one.answers for one in shown.said.questions][1] == ("Yes", "No")
    client.force_login(bea)
    with clock.travel(now):
        html = client.get(f"/outbox/calls/{call.pk}/").content.decode()
    machine = html[html.index("If a machine answers, only this") :]
    assert machine.index("Please call us at (978)") < machine.index("nothing about visits, results or why you call")
    for one in ("Am I speaking with Rosa?", "Points to make", "Would rather not say", "If nobody answers"):
        assert one in html
    assert "{{" not in html


def test_a_marketer_rings_nobody(client, ana, listed, now):
    (call,) = listed(1)
    client.force_login(ana)
    assert client.get(f"/outbox/calls/{call.pk}/").status_code == 403
