"""A warehouse to ask: the sync reads over a connection of its own, so these tests commit."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from rapport.people.models import Person
from rapport.segments import store, sync
from tests.campaigns import clinic


@pytest.fixture
def world(transactional_db: None, now: datetime) -> Iterator[Callable[..., list[Person]]]:
    """`world(20)`: so many consenting people in the record and in the warehouse; `world(0)` publishes an empty one."""
    store.forget()

    def fill(count: int, *, consenting: bool = True) -> list[Person]:
        people = clinic.patients(count, now, consenting=consenting)
        sync.refresh(now=now)
        return people

    yield fill
    store.forget()
