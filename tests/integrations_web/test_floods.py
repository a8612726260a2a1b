"""Floods at the doors of messages."""

import pytest

from rapport.integrations.web import floods
from rapport.kit import clock as house_clock
from rapport.kit.limits import Window
from rapport.messaging import tracking

pytestmark = pytest.mark.django_db


@pytest.fixture
def few(monkeypatch):
    """Five a minute, so that a test can reach it."""
    for one in (floods.TOUCHES, floods.STOPS):
        one.forget()
        monkeypatch.setattr(one, "_per_minute", 5)
    yield
    for one in (floods.TOUCHES, floods.STOPS):
        one.forget()


@pytest.mark.parametrize("door", ["/o/{}.gif", "/c/{}", "/t/{}", "/u/{}"])
def test_a_flood_from_one_address_is_turned_away_for_the_rest_of_the_minute(client, clock, few, door):
    way = door.format(tracking.token("open", 1))
    with house_clock.travel(clock.now()):
        said = [client.get(way).status_code for _ in range(7)]
        assert 429 not in said[:5]
        assert said[5:] == [429, 429]
        assert client.get(way, REMOTE_ADDR="192.0.2.7").status_code != 429, "nobody else notices"
    with house_clock.travel(clock.forward(minutes=1)):
        assert client.get(way).status_code != 429


def test_the_limits_are_far_above_what_mail_hosts_do():
    """A mail host that fetches for fifty readers a second is let through, and stopping has more room than looking."""
    assert isinstance(floods.TOUCHES, Window)
    assert 50 * 60 <= floods.TOUCHES._per_minute < floods.STOPS._per_minute
