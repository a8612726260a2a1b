"""The session by which the warehouse reads: kept when a build starts anew, opened again when the server has ended it."""

import pytest
from django.db import connection

from rapport.segments import pull, store, sync
from rapport.segments.models import WarehouseVersion
from tests import people_cast

pytestmark = pytest.mark.usefixtures("warehouse")


def session() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'rapport warehouse' AND datname = current_database()"
        )
        return [row[0] for row in cursor.fetchall()]


def test_a_build_that_starts_anew_keeps_it_and_one_that_was_ended_is_opened_again(now):
    pull.let_go()
    people_cast.pat()
    sync.refresh(now=now)
    (first,) = session()
    WarehouseVersion.objects.all().delete()  # the file knows of a version that the database does not: build anew
    store.forget()
    assert sync.refresh(now=now).people == 1
    assert session() == [first]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    people_cast.quinn()
    assert sync.refresh(now=now).people == 2
    assert session() != [first]
