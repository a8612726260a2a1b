"""Touches that come at once: none is lost, none is written twice, and nobody goes on before hers stands in the database."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections

from rapport.integrations.models import Landing
from rapport.integrations.web import together
from rapport.integrations.web.together import Touch
from rapport.messaging.models import Intent
from tests.messaging import stage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def intents(now) -> list[Intent]:
    made = stage.due(stage.people(4, now), stage.wording(now), now)
    Intent.objects.update(state="sent", settled_at=now - timedelta(hours=1))
    return made


def test_a_hundred_at_once_are_all_there_and_each_once(intents, now):
    found: list[bool] = []

    def hand(number: int) -> None:
        for turn in range(10):
            touch = Touch("message_clicked", intents[number % 4].pk, turn, now)
            together.land(touch)
            found.append(touch.state == "written")
        connections.close_all()

    hands = [threading.Thread(target=hand, args=(number,)) for number in range(10)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    assert found == [True] * 100
    assert Landing.objects.count() == 100
    assert not together._waiting


def test_one_alone_is_written_at_once(intents, now):
    together.land(Touch("message_opened", intents[0].pk, None, now))
    landed = Landing.objects.get()
    assert (landed.form, landed.trace) == ("tracking", Intent.objects.get(pk=intents[0].pk).trace)


def test_a_message_that_is_gone_is_no_touch_and_no_error(now):
    together.land(Touch("message_clicked", 9_999_999, 0, now))
    assert not Landing.objects.exists()


def test_without_a_database_it_says_so_and_the_next_one_is_written(intents, now):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE integrations_landing RENAME TO away")
    try:
        with pytest.raises(DatabaseError):
            together.land(Touch("message_clicked", intents[0].pk, 0, now))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO integrations_landing")
    together.land(Touch("message_clicked", intents[0].pk, 0, now))
    assert Landing.objects.count() == 1
