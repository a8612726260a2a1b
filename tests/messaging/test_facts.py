"""What the policy is told: by set, about the person who is kept."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.consent import policy, suppressions
from rapport.messaging import facts, message
from rapport.people.models import Person
from rapport.trust.actors import SYSTEM
from tests.messaging import stage

pytestmark = pytest.mark.django_db


def gather_for(people, now):
    said = message.planned(channel="email", purpose="P2", topic="health_services", now=now)
    return facts.gather_message([one.pk for one in people], said, now)


def test_a_batch_costs_as_many_queries_as_one_person(now):
    people = stage.people(12, now)
    with CaptureQueriesContext(
        connection,
    ) as one:
        gather_for(people[:1], now)
    with CaptureQueriesContext(connection) as twelve:
        gather_for(people, now)
    assert len(one) == len(twelve) <= 10, (
        "people, records, contacts, statements, papers, list, messages, life, wishes, sender"
    )


def test_a_forecast_and_the_send_are_told_the_same(now):
    people = stage.people(3, now)
    stage.says_no(people[1], now)
    suppressions.suppress_person(by=SYSTEM, person_id=people[2].pk, kind="email", topic="all", reason="staff", now=now)
    intents = stage.due(people, stage.wording(now), now)
    said = message.of_intents(intents, now)[0]
    assert facts.gather(intents, now) == facts.gather_message([one.person_id for one in intents], said, now)
    assert [one.gate for one in policy.decide_many(gather_for(people, now))] == ["", "consent", "suppression"]


def test_what_one_record_of_a_merged_person_said_counts_for_all(now):
    kept, gone = stage.people(2, now)
    stage.says_no(gone, now)
    Person.objects.filter(pk=gone.pk).update(merged_into=kept)
    (about_gone, about_kept) = gather_for([gone, kept], now)
    assert not policy.decide(about_kept).allowed
    assert not policy.decide(about_gone).allowed
    assert about_gone.contact == about_kept.contact


def test_facts_of_nobody_are_no_facts(now):
    assert gather_for([], now) == []
