"""Of two transactions that wait for each other one starts over, a few times; whatever else goes wrong is told at once."""

import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected, QueryCanceled

from rapport.kit.starting_over import TRIES, starting_over


def failing(*causes):
    """A piece of work that fails so often, each time for such a reason, and then says what it was asked."""
    left = list(causes)

    @starting_over
    def work(said):
        if left:
            raise OperationalError("ended") from left.pop(0)
        return said

    return work, left


def test_it_starts_over_and_answers():
    work, left = failing(*[DeadlockDetected()] * (TRIES - 1))
    assert (work("yes"), left) == ("yes", [])


def test_it_gives_up_in_the_end():
    work, left = failing(*[DeadlockDetected()] * (TRIES + 1))
    with pytest.raises(OperationalError):
        work("yes")
    assert len(left) == 1


def test_another_fault_of_the_database_is_told_at_once():
    work, left = failing(QueryCanceled(), DeadlockDetected())
    with pytest.raises(OperationalError):
        work("yes")
    assert len(left) == 1
