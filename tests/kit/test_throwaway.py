"""The ground the other tests stand on."""

import socket

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection

from tests.sockets import BeyondLoopback


@pytest.mark.django_db
def test_tests_connect_as_a_role_that_row_level_security_binds():
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)


def test_a_test_cannot_reach_another_machine():
    with socket.socket() as outward, pytest.raises(BeyondLoopback):
        outward.connect(("192.0.2.1", 80))
    with pytest.raises(BeyondLoopback):
        socket.getaddrinfo("example.org", 80)


def test_a_test_can_reach_its_own_machine():
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()):
        pass


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_for_the_next(turn: int):
    assert not Session.objects.exists()
    assert ContentType.objects.exists(), "what migrate wrote stays"
    Session.objects.create(session_key=f"turn-{turn}", session_data="", expire_date="2030-01-01T00:00Z")
