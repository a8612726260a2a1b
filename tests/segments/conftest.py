"""A clinic in the record, from which the tests of this room fill the warehouse."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from rapport.consent.models import ConsentRecord
from rapport.people import timeline
from rapport.people.models import Person
from rapport.people.records import NewEvent
from rapport.segments import actions, store
from rapport.segments.membership.live import Follower
from rapport.segments.models import Segment
from tests.segments.staying import BY


@pytest.fixture
def warehouse(transactional_db: None) -> Iterator[None]:
    """An empty warehouse of a database that commits (the sync reads it over a connection of its own)."""
    store.forget()
    yield
    store.forget()


def happen(person: Person, kind: str, at: datetime, **fields) -> None:
    """Something happens to a person."""
    timeline.append(
        events=[NewEvent(person_id=person.pk, kind=kind, at=at, source="test", source_key=uuid.uuid4(), **fields)],
        now=at,
    )


def speak(person: Person, status: str = "granted", at: datetime | None = None, **fields) -> ConsentRecord:
    """A person says yes or no."""
    said = {
        "channel": "email",
        "topic": "health_services",
        "tier": "express",
        "text_version": "1",
        "via": "test",
    } | fields
    at = at or datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
    return ConsentRecord.objects.create(
        person=person, status=status, at=at, recorded_at=at, source_key=uuid.uuid4(), **said
    )


@pytest.fixture
def column() -> Callable[..., list]:
    """`column("SELECT ...")`: the rows of a question to the newest published version."""

    def ask(question: str, *values) -> list:
        return store.snapshot().handle.cursor().execute(question, list(values)).fetchall()

    return ask


@pytest.fixture
def saved(now) -> Callable[..., Segment]:
    """`saved(node)`: a segment of this definition."""
    return lambda node, name="Openers": actions.save(by=BY, now=now, name=name, node=node)


@pytest.fixture
def follower(db, now) -> Follower:
    """The live refresh, which has just begun to look."""
    made = Follower()
    made.turn(now=now)
    return made
