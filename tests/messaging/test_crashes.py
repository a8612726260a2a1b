"""Workers that die at the worst moment: nothing goes out twice, nothing is lost in silence.

Real processes, killed as SIGKILL kills; a real PostgreSQL; a real mailbox that keeps doubles as doubles.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.db import connection

from rapport.messaging import send
from rapport.messaging.leases import Terms
from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.people.models import Event
from tests import people_cast
from tests.messaging import sms_stage, stage

pytestmark = [pytest.mark.django_db(transaction=True)]
# Short terms, so that the test need not wait minutes; their order is that of the house.
TERMS = {
    "chunk": 10,
    "lease_seconds": 1.5,
    "keep_seconds": 1.0,
    "fresh_seconds": 0.8,
    "socket_seconds": 0.5,
    "proven_seconds": 1.0,
}


def worker(box, now, failpoints: str = "", **terms) -> subprocess.Popen:
    told = {
        "port": box.port,
        "database": connection.settings_dict["NAME"],
        "now": now.isoformat(),
        "terms": TERMS | terms,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.messaging.crashing", json.dumps(told)],
        env={**os.environ, "FAILPOINTS": failpoints, "PYTHONPATH": "src:."},
        stdout=subprocess.PIPE,
        text=True,
    )


def drain(now, people: int, patience: float = 25.0, turn=lambda: None) -> None:
    """Reap and send until everything is settled. `turn`: what else a turn of the worker does."""
    terms, until = Terms(**TERMS), time.monotonic() + patience
    while time.monotonic() < until:
        send.reap(now, terms=terms)
        send.send_due(owner="survivor", now=now, limit=1000, terms=terms)
        turn()
        if Intent.objects.filter(state="sent").count() == people:
            return
        time.sleep(0.2)


def the_books_are_straight(people: int) -> None:
    arrived = Counter(MailboxItem.objects.values_list("intent_id", flat=True))
    assert max(arrived.values()) == 1, "nobody got it twice"
    assert len(arrived) == people, "nobody was forgotten"
    assert Intent.objects.filter(state="sent").count() == people
    assert Receipt.objects.filter(outcome="sent").values("intent_id").distinct().count() == people
    assert Receipt.objects.filter(outcome="sent").count() == people
    assert Event.objects.filter(kind="message_sent").count() == people


@pytest.mark.parametrize(
    "failpoint",
    [
        "after_claim:exit",
        "after_decide:exit",
        "after_begin:exit",
        "after_accept@5:exit",
        "before_commit@2:exit",
        "after_commit@2:exit",
    ],
)
def test_a_worker_that_dies_anywhere_doubles_and_loses_nothing(failpoint, now, settings):
    stage.due(stage.people(25, now), stage.wording(now), now)
    with stage.mailbox(settings) as box:
        with worker(box, now, failpoint) as dying:
            assert dying.wait(timeout=60) == 99, "it did reach the failpoint"
        drain(now, 25)
        the_books_are_straight(25)


@pytest.mark.parametrize("failpoint", ["after_begin:exit", "after_accept@5:exit", "before_commit@2:exit"])
def test_a_worker_that_dies_while_it_sends_texts_doubles_and_loses_nothing(failpoint, now, settings):
    sms_stage.due([people_cast.person() for _ in range(25)], sms_stage.wording(now), now)
    with sms_stage.phone(settings) as line:
        with worker(line, now, failpoint) as dying:
            assert dying.wait(timeout=60) == 99, "it did reach the failpoint"
        drain(now, 25)
        the_books_are_straight(25)


def test_a_worker_that_slept_through_its_lease_sends_nothing_more(now, settings):
    """It wakes after others have taken over; the lease it holds in memory tells it to stop."""
    stage.due(stage.people(10, now), stage.wording(now), now)
    with stage.mailbox(settings) as box:
        with worker(box, now, "after_begin@1:sleep:4") as sleeper:
            sleeper.stdout.readline()
            until = time.monotonic() + 20
            while not Intent.objects.filter(begun_at__isnull=False).exists() and time.monotonic() < until:
                time.sleep(0.05)
            drain(now, 10)
            assert sleeper.wait(timeout=30) == 0
        the_books_are_straight(10)
