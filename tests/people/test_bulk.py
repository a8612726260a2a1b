"""Few rows and many come to the same, also twice in one transaction, where a staging table holds what was there before."""

import pytest
from django.db import connection, transaction

from rapport.people import bulk

MANY = bulk.FEW + 1
LONG = 400  # rows of a hundred letters: more than a small table


@pytest.fixture
def shelf(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE shelf (number int, words text)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE shelf; DROP TABLE IF EXISTS pg_temp.copied_shelf, pg_temp.on_the_way")


def standing(table: str) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number, words FROM {table} ORDER BY number")
        return cursor.fetchall()


@pytest.mark.parametrize("counts", [[0], [1], [bulk.FEW], [MANY], [MANY, 1, MANY], [LONG, LONG, 2]])
def test_every_row_is_written_once(shelf, counts):
    rows = [(number, f"it's %s; {number}".ljust(100)) for number in range(sum(counts))]
    waiting = iter(rows)
    with transaction.atomic():
        for many in counts:
            bulk.copy("shelf", ("number", "words"), (next(waiting) for _ in range(many)))
    assert standing("shelf") == rows


@pytest.mark.parametrize("counts", [[3, 2], [LONG, 2], [2, LONG, 0]])
def test_what_was_staged_before_is_gone(shelf, counts):
    with transaction.atomic():
        for turn, many in enumerate(counts):
            rows = [(number, f"turn {turn}".ljust(100)) for number in range(many)]
            bulk.stage("on_the_way", "number int, words text", ("number", "words"), rows)
            assert standing("pg_temp.on_the_way") == rows
    assert standing("pg_temp.on_the_way") == []
