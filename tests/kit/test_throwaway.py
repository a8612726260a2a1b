"""The ground the other tests stand on."""

import socket

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from rapport.directory import service_lines
from rapport.people.models import Person
from rapport.trust import audit
from rapport.trust.models import User
from tests import emptying
from tests.cast import SINCE
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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", [emptying.delete, emptying.truncate])
def test_emptying_reaches_what_the_program_itself_may_never_delete(way, cole: User, pat: Person):
    """Rows out of sight, rows that others point at, and rows that are only ever appended."""
    with transaction.atomic():
        audit.record(by=cole, verb="person.viewed", person=pat.pk, now=SINCE)
    way("default")
    with connection.cursor() as cursor:
        cursor.execute("SET rapport.scope = 'all'")
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1")
        tables = {name for (name,) in cursor.fetchall()} - set(emptying.KEPT)
        assert len(tables) > 200
        left = []
        for name in sorted(tables):
            cursor.execute(f"SELECT count(*) FROM {name}")
            left += [name] if cursor.fetchone()[0] else []
        cursor.execute("RESET rapport.scope")
    assert left == []
    service_lines.plant_defaults()
