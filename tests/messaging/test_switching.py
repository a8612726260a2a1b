"""One message, several ways: it takes the next one when a way fails, and is never on two at once."""

from collections import Counter
from datetime import timedelta

import pytest

from rapport.consent import ledger
from rapport.content.models import Piece
from rapport.messaging import call_lists, intents, send, switching
from rapport.messaging.models import Call, Intent, Letter, MailboxItem, Receipt
from rapport.people.models import Person
from rapport.trust.actors import SYSTEM
from tests import people_cast
from tests.messaging import bad_relay, paper_stage, stage, test_crashes

ways = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "gate", "leads"),
    [
        ("failed", "", True),
        ("dead", "", True),
        ("suppressed", "contact", True),
        ("suppressed", "consent", True),
        ("suppressed", "suppression", True),
        ("suppressed", "deceased", False),
        ("suppressed", "frequency", False),
        ("suppressed", "life_event", False),
        ("unknown", "", False),
        ("stopped", "", False),
        ("sent", "", False),
        ("sent", "unanswered", True),
    ],
)
def test_which_ends_lead_on(state, gate, leads):
    assert switching.leads_on(state, gate) is leads


def test_a_way_without_words_is_passed_over_and_none_is_taken_twice():
    assert switching.next_way("email", ["sms", "print", "call"], {"print", "call"}) == switching.Way("print", ("call",))
    assert switching.next_way("email", ["email"], {"email"}) is None
    assert switching.next_way("email", [], {"print"}) is None


@pytest.fixture
def versions(now):
    """The same words by e-mail, on paper and for a call."""
    email = stage.wording(now, topic="care")
    Piece.objects.filter(pk=email.piece_id).update(family="visit")
    paper_stage.wording(now, family="visit")
    paper_stage.wording(now, channel="call", slug="visit-call", family="visit")
    email.refresh_from_db()
    return email


def due(many, version, now, **more):
    return stage.due(many, version, now, purpose="P1", **{"others": ("print", "call")} | more)


def once(now):
    send.send_due(owner="t", now=now, limit=100)
    done = switching.turn(now=now)
    send.send_due(owner="t", now=now, limit=100)
    return done


@ways
def test_who_has_no_e_mail_address_gets_a_letter_at_once(now, versions):
    (one,) = due([people_cast.person(emails=())], versions, now)
    assert once(now).on == 1
    one.refresh_from_db()
    assert (one.state, one.channel, one.others) == ("sent", "print", ["call"])
    assert one.version.piece.slug == "visit-print"
    assert Letter.objects.get().intent_id == one.pk
    told = Receipt.objects.filter(intent_id=one.pk).order_by("id").values_list("outcome", "gate")
    assert list(told) == [("suppressed", "contact"), ("deferred", ""), ("sent", "")]
    assert Receipt.objects.get(outcome="deferred").reason == "It goes on by print: it could not go by email."


@ways
def test_a_no_to_one_channel_leads_to_the_next_and_its_own_gates(now, versions):
    person = people_cast.person(street="")
    paper_stage.says_yes(person, "call", now)
    ledger.withdraw(by=SYSTEM, person_id=person.pk, channel="email", topic="care", via="desk", now=now)
    (one,) = due([person], versions, now)
    once(now)
    once(now)
    one.refresh_from_db()
    assert (one.state, one.channel, one.others) == ("sent", "call", [])
    gates = list(Receipt.objects.filter(intent_id=one.pk).order_by("id").values_list("gate", flat=True))
    assert gates == ["consent", "", "contact", "", ""]


@ways
def test_a_no_that_is_about_the_person_leads_nowhere(now, versions):
    person = people_cast.person()
    Person.objects.filter(pk=person.pk).update(deceased_at=now)
    (one,) = due([person], versions, now)
    assert once(now) == switching.Switched(on=0, nowhere=1)
    one.refresh_from_db()
    assert (one.state, one.channel, one.others) == ("suppressed", "email", [])
    assert switching.turn(now=now) == switching.Switched()


@ways
def test_a_call_that_nobody_takes_goes_on_by_letter(now, versions, bea):
    person = people_cast.person()
    paper_stage.says_yes(person, "call", now)
    version = paper_stage.wording(now, channel="call", slug="visit-call", family="visit")
    (one,) = stage.due([person], version, now, purpose="P1", channel="call", others=("print",))
    send.send_due(owner="t", now=now, limit=10)
    Call.objects.update(tries=2)
    call_lists.take_next(by=bea, now=now)
    call_lists.settle(by=bea, call_id=Call.objects.get().pk, outcome="no_answer", now=now)
    assert once(now).on == 1
    one.refresh_from_db()
    assert (one.channel, one.state, Letter.objects.count(), Call.objects.get().state) == ("print", "sent", 1, "ended")


@ways
def test_a_call_that_nobody_rings_for_a_week_goes_on_but_not_while_a_clerk_has_it(now, versions, bea):
    version = paper_stage.wording(now, channel="call", slug="visit-call", family="visit")
    person = people_cast.person()
    paper_stage.says_yes(person, "call", now)
    (one,) = stage.due([person], version, now, purpose="P1", channel="call", others=("print",))
    send.send_due(owner="t", now=now, limit=10)
    later = now + timedelta(days=8)
    assert switching.turn(now=now + timedelta(days=6)).on == 0
    call_lists.take_next(by=bea, now=later)
    assert switching.turn(now=later).on == 0
    call_lists.hand_back(by=bea, call_id=Call.objects.get().pk, now=later)
    assert switching.turn(now=later).on == 1
    with pytest.raises(call_lists.NobodyToCall):
        call_lists.take_next(by=bea, now=later)
    assert one.pk == Intent.objects.get(state="queued").pk


@ways
def test_what_is_unknown_may_have_arrived_and_never_goes_on(now, versions):
    (one,) = due([people_cast.person()], versions, now)
    Intent.objects.filter(pk=one.pk).update(state="unknown")
    assert switching.turn(now=now) == switching.Switched()


@ways
def test_a_cause_that_is_stopped_or_paused_takes_no_other_way(now, versions):
    one, waits = due([people_cast.person(emails=()), people_cast.person()], versions, now)
    Intent.objects.filter(pk=waits.pk).update(due_at=now + timedelta(days=1))
    send.send_due(owner="t", now=now, limit=10)
    assert intents.hold("campaign", 1) == 1
    assert switching.turn(now=now) == switching.Switched(), "paused"
    intents.stop("campaign", 1, now)
    assert switching.turn(now=now) == switching.Switched(), "stopped"
    one.refresh_from_db()
    assert one.state == "suppressed"


@ways
def test_stopping_takes_letters_out_of_the_tray_and_people_off_the_list(now, versions):
    letter, call = people_cast.person(emails=()), people_cast.person(emails=(), street="")
    paper_stage.says_yes(call, "call", now)
    due([letter, call], versions, now)
    once(now)
    once(now)
    assert sorted(Intent.objects.values_list("channel", "state")) == [("call", "sent"), ("print", "sent")]
    assert intents.stop("campaign", 1, now) == 2
    assert set(Intent.objects.values_list("state", flat=True)) == {"stopped"}
    assert (Letter.objects.get().state, Call.objects.get().state) == ("held_back", "ended")


@ways
def test_words_in_another_language_or_about_another_topic_are_not_the_same_words(now):
    email = stage.wording(now, topic="care")
    Piece.objects.filter(pk=email.piece_id).update(family="visit")
    paper_stage.wording(now, family="visit", language="es", slug="carta")
    paper_stage.wording(now, family="visit", topic="newsletter", slug="news")
    (one,) = due([people_cast.person(emails=())], email, now)
    assert once(now).nowhere == 1
    one.refresh_from_db()
    assert one.channel == "email"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_refused_by_the_relay_while_workers_die_everybody_gets_one_letter_and_no_mail(now, settings):
    email = stage.wording(now, topic="care")
    Piece.objects.filter(pk=email.piece_id).update(family="visit")
    paper_stage.wording(now, family="visit")
    due([people_cast.person() for _ in range(30)], email, now, others=("print",))
    with bad_relay.relay(settings, at_end=lambda _address, _time: "550 5.1.1 nobody here") as relay:
        for failpoint in ("before_commit:exit", "before_switch:exit", "after_accept@4:exit", "after_begin:exit"):
            with test_crashes.worker(relay, now, failpoint) as dying:
                dying.wait(timeout=60)
        test_crashes.drain(now, 30, 8.0, turn=lambda: switching.turn(now=now))
        assert relay.taken == []
    states = Counter(Intent.objects.values_list("channel", "state"))
    sent = states[("print", "sent")]
    assert sent >= 10, states
    assert Letter.objects.count() == sent, "a letter for each that went on, and no other"
    assert sent + states[("email", "unknown")] == 30, "what may have gone out by mail stays unknown, and is listed"
    assert Letter.objects.values("intent_id").distinct().count() == Letter.objects.count()
    assert MailboxItem.objects.count() == 0
