"""The timeline has its coming months ready before anything happens in them."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection

from rapport.kit import clock
from rapport.people import tasks, timeline
from rapport.people.models import Event
from rapport.people.records import NewEvent
from tests.people_cast import person

pytestmark = pytest.mark.django_db

LATER = datetime(2031, 11, 20, 15, 0, tzinfo=UTC)  # beyond what the migration made; two months on is another year


def months() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'people_event'::regclass"
            " AND inhrelid::regclass::text BETWEEN 'people_event_2031' AND 'people_event_2033' ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def home_of(event: Event) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM people_event WHERE id = %s", [event.pk])
        return str(cursor.fetchone()[0])


def test_the_worker_makes_this_month_and_the_two_after():
    with clock.travel(LATER):
        tasks.make_months(timestamp=0)
    assert months() == ["people_event_203111", "people_event_203112", "people_event_203201"]


def test_doing_it_again_makes_nothing():
    assert timeline.make_months(now=LATER) == 3
    assert timeline.make_months(now=LATER) == 0


def test_what_came_too_early_for_its_month_moves_there_unchanged():
    someone = person()
    new = NewEvent(person_id=someone.pk, kind="visit", at=LATER, source="test", source_key=uuid.uuid4(), label="Late")
    timeline.append(events=[new], now=LATER)
    before = Event.objects.get(source_key=new.source_key)
    assert home_of(before) == "people_event_default"
    timeline.make_months(now=LATER)
    after = Event.objects.get(source_key=new.source_key)
    assert home_of(after) == "people_event_203111"
    assert Event.objects.filter(pk=before.pk).values().get() == {
        field.attname: getattr(before, field.attname) for field in Event._meta.concrete_fields
    }
    assert timeline.append(events=[new], now=LATER).duplicates == 1
