"""What every test stands on: a throw-away PostgreSQL, no way out to the network, a still clock, and the cast."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from tests import sockets, throwaway

throwaway.prepare()
os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.settings"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's sync API runs an event loop in our thread

# Before django.setup(): application code that reaches out while it is imported is caught too.
sockets.fence()

import django  # noqa: E402
from django.conf import settings  # noqa: E402

settings.DATABASES  # noqa: B018 - read the settings now, with the environment above
django.setup()

from tests import emptying  # noqa: E402 - it knows models

emptying.quicken()

# The people of the tests: Ana, Bea, Cole, Dee, Dr Ito, Pat, Quinn and Zoe.
pytest_plugins = ["tests.cast"]


class StillClock:
    """Time that moves only when a test says so."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> datetime:
        """`clock.forward(hours=3)`; returns the new time."""
        self.at += timedelta(**span)
        return self.at


@pytest.fixture
def clock() -> StillClock:
    """A Wednesday, ten in the morning in New York."""
    return StillClock(datetime(2026, 3, 4, 15, 0, tzinfo=UTC))


@pytest.fixture
def now(clock: StillClock) -> datetime:
    return clock.now()
