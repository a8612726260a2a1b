"""A message that breaks what handles it: the others go, and it ends with the dead letters, for a person to look at."""

from datetime import timedelta

import pytest
from django.db import connection

from rapport.messaging import dead, send
from rapport.messaging.leases import HOUSE
from rapport.messaging.models import Intent, Receipt
from rapport.trust.models import AuditEntry
from tests.messaging import bad_relay, stage

pytestmark = pytest.mark.django_db(transaction=True)


def until_nothing_is_due(now, *, rounds: int = 12) -> None:
    for number in range(rounds):
        send.send_due(owner="t", now=now + timedelta(hours=number // 2), limit=100)


def spoil_the_name(person) -> None:
    """Bytes that no key opens, as after a fault of the disk."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET given = '\\x00ff00ff00ff'::bytea WHERE id = %s", [person.pk])
        assert cursor.rowcount == 1


def test_a_message_that_can_not_be_written_holds_nobody_up_and_ends_as_a_dead_letter(now, settings):
    people = stage.people(6, now)
    stage.due(people, stage.wording(now), now)
    spoil_the_name(people[2])
    with bad_relay.relay(settings) as relay:
        first = send.send_due(owner="t", now=now, limit=100)
        assert (first.sent, first.deferred) == (5, 1)
        until_nothing_is_due(now)
    assert len(relay.taken) == 5
    broken = Intent.objects.get(person=people[2])
    assert (broken.state, broken.attempt) == ("dead", HOUSE.attempts)
    said = Receipt.objects.get(intent_id=broken.pk, outcome="dead")
    assert said.reason.startswith("Tried 5 times; it waits for somebody to look.")


def test_a_recipient_who_is_put_off_again_and_again_ends_as_a_dead_letter(now, settings):
    people = stage.people(3, now)
    stage.due(people, stage.wording(now), now)
    first = []

    def greylist(address: str, time: int) -> str | None:
        first.append(address)
        return "450 4.2.0 come back later" if address == first[0] else None

    with bad_relay.relay(settings, at_envelope=greylist) as relay:
        until_nothing_is_due(now)
    assert len(relay.taken) == 2
    assert sorted(Intent.objects.values_list("state", "attempt")) == [("dead", 5), ("sent", 1), ("sent", 1)]
    assert relay.came[first[0], "envelope"] == 5
    waits = Receipt.objects.filter(outcome="deferred").order_by("at").values_list("at", "try_again_at")
    lengths = [(again - at).total_seconds() for at, again in waits]
    for number, length in enumerate(lengths, 1):
        assert 0.5 * 30 * 2**number <= length <= 1.5 * 30 * 2**number


def test_what_kills_its_worker_is_tried_alone_and_then_no_more(now, settings):
    """The lease of whoever died runs out; the message is taken up again, and after five such deaths it is not."""
    (intent,) = stage.due(stage.people(1, now), stage.wording(now), now)
    for number in range(1, HOUSE.attempts + 1):
        Intent.objects.filter(pk=intent.pk).update(
            state="claimed", owner="gone", attempt=number, lease_until="2026-01-01T00:00:00Z"
        )
        report = send.reap(now)
        assert (report.requeued, report.dead) == ((1, 0) if number < HOUSE.attempts else (0, 1))
    intent.refresh_from_db()
    assert intent.state == "dead"
    assert "stopped 5 times" in Receipt.objects.get(outcome="dead").reason


def test_one_that_was_tried_often_goes_by_itself(now, settings):
    people = stage.people(4, now)
    stage.due(people, stage.wording(now), now)
    Intent.objects.filter(person=people[0]).update(attempt=3)
    with bad_relay.relay(settings) as relay:
        report = send.send_due(owner="t", now=now, limit=100)
    assert report.sent == len(relay.taken) == 4
    by_owner = Intent.objects.order_by("id").values_list("attempt", flat=True)
    assert list(by_owner) == [4, 1, 1, 1]


def test_a_person_revives_a_dead_letter_or_buries_it(ana, now, settings):
    one, other = stage.due(stage.people(2, now), stage.wording(now), now)
    Intent.objects.update(state="dead", attempt=5, settled_at=now)
    assert dead.revive(by=ana, intent_ids=[one.pk], reason="The name was mended.", now=now) == 1
    assert dead.bury(by=ana, intent_ids=[other.pk], reason="She has moved.", now=now) == 1
    assert dead.revive(by=ana, intent_ids=[one.pk, other.pk], reason="Twice.", now=now) == 0
    with bad_relay.relay(settings) as relay:
        send.send_due(owner="t", now=now, limit=10)
    assert len(relay.taken) == 1
    assert list(Intent.objects.order_by("id").values_list("state", flat=True)) == ["sent", "failed"]
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"message.revive", "message.bury"}
