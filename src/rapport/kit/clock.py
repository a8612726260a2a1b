"""The only place that asks what time it is. Doors ask once and hand `now` down; verbs never look at a clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_travelled: ContextVar[datetime | None] = ContextVar("travelled", default=None)


def now() -> datetime:
    """The present instant in UTC, or the instant that `travel` set."""
    return _travelled.get() or datetime.now(UTC)


@contextmanager
def travel(to: datetime) -> Iterator[None]:
    """Within this block it is `to`. For the demo's simulated year and for tests."""
    if to.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    token = _travelled.set(to.astimezone(UTC))
    try:
        yield
    finally:
        _travelled.reset(token)
