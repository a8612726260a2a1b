"""A second session on the test database, to hold a transaction open."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection


@contextmanager
def other_session() -> Iterator[psycopg.Connection]:
    known = connection.settings_dict
    with psycopg.connect(
        dbname=known["NAME"], user=known["USER"], password=known["PASSWORD"], host=known["HOST"], port=known["PORT"],
        options="-c rapport.scope=all",
    ) as session:  # fmt: skip
        yield session
