"""What is settled: an open transaction of this database holds the horizon, one of another database does not."""

import os

import psycopg
import pytest
from django.db import connection
from psycopg import conninfo

from rapport.kit import horizon

pytestmark = pytest.mark.django_db(transaction=True)


def beside(name: str) -> psycopg.Connection:
    parts = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    said = {key: connection.settings_dict[value] for key, value in parts.items() if connection.settings_dict[value]}
    return psycopg.connect(conninfo.make_conninfo(**said, dbname=name))


def begin(link: psycopg.Connection) -> int:
    """A transaction with a number of its own, left open."""
    return int(link.execute("SELECT pg_current_xact_id()::text").fetchone()[0])


def here() -> str:
    return str(connection.settings_dict["NAME"])


def test_an_open_transaction_of_this_database_holds_the_horizon():
    with beside(here()) as link:
        number = begin(link)
        assert horizon.settled_until() <= number
        link.rollback()
        assert horizon.settled_until() > number


def test_an_open_transaction_of_another_database_does_not():
    elsewhere = conninfo.conninfo_to_dict(os.environ["DATABASE_URL"]).get("dbname", "postgres")
    assert elsewhere != here()
    with beside(elsewhere) as link, beside(here()) as ours:
        number = begin(link)
        later = begin(ours)
        ours.commit()
        assert horizon.settled_until() > later > number
        link.rollback()
