"""A consent that is withdrawn stops what already waits in the queue, by whichever door it comes and however late.

Real PostgreSQL, the real send, a real mailbox. Each way in is a function that takes the person and what is due; a new way
(a text message that says STOP) is one more line in WAYS.
"""

import sys
import time
from datetime import timedelta

import pytest
from django.test import Client

from rapport.consent import ledger
from rapport.home import capture
from rapport.kit import clock as house
from rapport.messaging import failpoints, send, tracking
from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.trust import api_keys
from rapport.trust.actors import SYSTEM
from tests.messaging import stage

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 8


def by_api(person, intent, clerk, now):
    """A portal tells us."""
    made = api_keys.make(by=clerk, name="portal", verbs=["consent.write"], expires_at=now + timedelta(days=1), now=now)
    answer = Client(headers={"Authorization": f"Bearer {made.secret}"}).post(
        f"/api/v1/people/{person.pk}/consents",
        {"status": "withdrawn", "channel": "email", "topic": intent.topic},
        content_type="application/json",
        headers={"Idempotency-Key": f"stop-{person.pk}"},
    )
    assert answer.status_code == 201, answer.text


def by_one_click(person, intent, clerk, now):
    """The mail program of the patient presses the button (RFC 8058)."""
    token = tracking.token("unsubscribe", intent.pk)
    answer = Client().post(f"/u/{token}", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200, answer.text


def by_clerk(person, intent, clerk, now):
    """Said at the front desk."""
    capture.record(
        by=clerk, person_id=person.pk, said=capture.Said(f"email.{intent.topic}", "no", "in_person"), now=now
    )


def by_ledger(person, intent, clerk, now):
    """Any other door, for it goes through the same ledger."""
    ledger.withdraw(by=SYSTEM, person_id=person.pk, channel="all", topic="all", via="phone", now=now)


WAYS = {"api": by_api, "one_click": by_one_click, "clerk": by_clerk, "ledger": by_ledger}


@pytest.fixture
def queue(now):
    """Many people who said yes, each with a message that is due an hour from now."""
    people = stage.people(CROWD, now - timedelta(days=20))
    return people, stage.due(people, stage.wording(now), now + timedelta(hours=1))


def at(moment):
    return house.travel(moment)


def send_all(moment):
    return send.send_due(owner="w1", now=moment, limit=10_000)


@pytest.mark.parametrize("way", WAYS)
def test_a_withdrawal_stops_what_is_queued(way, queue, bea, now, settings):
    people, intents = queue
    with at(now):
        WAYS[way](people[0], intents[0], bea, now)
    with stage.mailbox(settings):
        report = send_all(now + timedelta(hours=1))
    assert (report.suppressed, report.sent) == (1, CROWD - 1)
    stopped = Receipt.objects.get(intent_id=intents[0].pk)
    assert (stopped.outcome, stopped.allowed) == ("suppressed", False)
    assert not MailboxItem.objects.filter(intent_id=intents[0].pk).exists()


@pytest.mark.parametrize("way", WAYS)
def test_it_also_stops_it_one_second_before_it_would_go(way, queue, bea, now, settings):
    people, intents = queue
    due = now + timedelta(hours=1)
    with at(due - timedelta(seconds=1)):
        WAYS[way](people[0], intents[0], bea, due - timedelta(seconds=1))
    with stage.mailbox(settings):
        send_all(due)
    assert Intent.objects.get(pk=intents[0].pk).state == "suppressed"


@pytest.mark.parametrize("way", WAYS)
def test_it_stops_even_what_a_worker_has_taken_in_hand(way, queue, bea, now, settings, monkeypatch):
    """The worker has claimed the message and not yet looked: the withdrawal that comes in between still counts."""
    people, intents = queue
    due = now + timedelta(hours=1)
    said = []

    def reach(name):
        if name == "after_claim" and not said:
            said.append(name)
            assert Intent.objects.get(pk=intents[0].pk).state == "claimed"
            with at(due):
                WAYS[way](people[0], intents[0], bea, due)

    monkeypatch.setattr(failpoints, "reach", reach)
    with stage.mailbox(settings):
        send_all(due)
    assert said
    assert Intent.objects.get(pk=intents[0].pk).state == "suppressed"
    assert not MailboxItem.objects.filter(intent_id=intents[0].pk).exists()


def test_a_message_that_was_accepted_before_is_not_called_back(queue, bea, now, settings):
    """The one thing nobody can: the receipt of the yes stands beside the later no."""
    people, intents = queue
    due = now + timedelta(hours=1)
    with stage.mailbox(settings):
        send_all(due)
    by_clerk(people[0], intents[0], bea, due + timedelta(seconds=1))
    assert Intent.objects.get(pk=intents[0].pk).state == "sent"


@pytest.mark.parametrize("way", WAYS)
def test_latency_from_the_withdrawal_to_the_last_message_stopped(way, bea, now, settings, record_property, capsys):
    """One person with many messages waiting among other people's: wall clock from the first byte of the withdrawal."""
    (person, *others) = stage.people(30, now - timedelta(days=20))
    version = stage.wording(now)
    waiting = [stage.due([person], version, now, cause_id=100 + n)[0] for n in range(20)]
    stage.due(others, version, now)
    with stage.mailbox(settings), at(now):
        began = time.perf_counter()
        WAYS[way](person, waiting[0], bea, now)
        said = time.perf_counter()
        while Intent.objects.filter(person=person, state__in=["queued", "claimed"]).exists():
            assert send_all(now).claimed
        done = time.perf_counter()
    assert not MailboxItem.objects.filter(person_id=person.pk).exists()
    assert set(Intent.objects.filter(person=person).values_list("state", flat=True)) == {"suppressed"}
    record_property("seconds", round(done - began, 3))
    with capsys.disabled():
        sys.stdout.write(
            f"\n  withdrawal by {way}: written after {said - began:.3f} s, last of 20 stopped after {done - began:.3f} s"
        )
