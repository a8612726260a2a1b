"""Ids that are known before the row is written, so that a batch can be sealed and copied in one go."""

import secrets
import uuid

from django.db import connection


def allocate(*, table: str, count: int) -> list[int]:
    """Take `count` ids from the identity sequence of `table`.`id`. Gaps are fine, doubles are impossible."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


def pseudonym() -> int:
    """A random positive 62-bit number: the name of a person in the warehouse, unlinkable without the database."""
    return secrets.randbits(62) or 1


def trace() -> uuid.UUID:
    """A new trace id: rides from Landing to credit."""
    return uuid.uuid4()
