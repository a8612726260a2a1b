"""A worker that has nothing to do asks next to nothing and writes nothing; what is put in wakes it at once."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, connections
from procrastinate.contrib.django import app

from rapport import flow, worker
from rapport.integrations import landing
from rapport.integrations.models import Landing
from rapport.kit import clock as house
from rapport.kit.watch import Watch
from rapport.messaging.models import Intent
from rapport.trust import tasks
from rapport.trust.actors import System
from tests.integrations.fhir_samples import ndjson, patient
from tests.messaging import stage

pytestmark = pytest.mark.django_db(transaction=True)
WITHIN = 1.0  # seconds: well below the pauses of an idle worker, which are five and more
WRITTEN = "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables"


@pytest.fixture
def at_work(monkeypatch):
    """The threads of a worker, without the jobs of the clock; they rest when this returns."""
    monkeypatch.setattr(app.periodic_registry, "periodic_tasks", {})
    stop, watch = threading.Event(), Watch()
    bell = watch.bell()
    threads = [
        threading.Thread(target=watch.keep, args=(stop,)),
        threading.Thread(target=worker._keep_turning, args=(stop, bell)),
        threading.Thread(target=worker._run_jobs, args=(stop,)),
    ]
    for one in threads:
        one.start()
    assert comes(lambda: ask("SELECT count(*) FROM procrastinate_workers") == 1, within=10)
    time.sleep(0.5)
    yield
    stop.set()
    for one in threads:
        one.join(10)
        assert not one.is_alive()


def ask(statement: str):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def written() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    connections.close_all()  # what a connection did counts when it says so, at the latest when it goes
    return ask(WRITTEN)


def comes(what, *, within: float) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.02)
    return False


def test_what_lands_and_a_task_that_is_put_in_are_begun_within_a_second(at_work):
    now = house.now()
    feed = landing.source(slug="ehr", name="Test EHR", kind="fhir", now=now)
    time.sleep(0.5)  # that was a write too: it rests again
    one = landing.receive(source=feed, raw=ndjson(patient("1")), form="fhir_ndjson", now=now)
    assert comes(lambda: Landing.objects.get(pk=one.pk).state == Landing.State.TAKEN, within=WITHIN)
    tasks.end_sessions.defer(timestamp=0)
    assert comes(lambda: ask("SELECT count(*) FROM procrastinate_jobs") == 0, within=WITHIN)


def test_an_idle_turn_writes_nothing_and_so_wakes_nobody(now):
    stage.due(stage.people(1, now), stage.wording(now), now)
    Intent.objects.update(due_at=now + timedelta(days=1))
    before = written()
    assert flow.tick(owner="t:1", by=System("worker"), now=now).idle
    assert written() == before


def test_the_rest_ends_when_the_next_message_is_due(now):
    assert flow.rest(now=now) == flow.LONGEST_REST
    stage.due(stage.people(2, now), stage.wording(now), now)
    Intent.objects.update(due_at=now + timedelta(seconds=3))
    assert flow.rest(now=now) == 3
    assert flow.rest(now=now + timedelta(seconds=3)) == flow.STUCK_REST
