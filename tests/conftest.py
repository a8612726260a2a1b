"""What every test stands on: a throw-away PostgreSQL, no way out to the network, a still clock, and the cast."""

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import sockets, throwaway

throwaway.prepare()
os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.settings"
os.environ["RAPPORT_PROCESS"] = "system"  # said, so that no import of the web's entry says otherwise to child processes
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's sync API runs an event loop in our thread

# Before django.setup(): application code that reaches out while it is imported is caught too.
sockets.fence()

import django  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

settings.DATABASES  # noqa: B018 - read the settings now, with the environment above
django.setup()

from tests import emptying, quick_hasher, template  # noqa: E402 - they know models

emptying.quicken()
quick_hasher.quicken()

# The people of the tests: Ana, Bea, Cole, Dee, Dr Ito, Pat, Quinn and Zoe.
pytest_plugins = ["tests.cast"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, file by file: at the end of a run only quick ones are left for two workers to share out.

    Before them the files whose stage costs more than their tests: what is begun first is never taken over by another worker,
    who would have to set the stage again.
    """
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[int, str]:
    if item.get_closest_marker("one_stage"):
        return 0, str(item.path)
    return (1, str(item.path)) if item.get_closest_marker("slow") else (2, "")


def pytest_collection_finish() -> None:
    """What was loaded and collected stays; the collector need not go over it again with every test, nor over every few things."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    template.begin()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """pytest looks for forgotten things five times over at its end: once is enough."""
    template.end()
    gc.collect()
    gc.freeze()


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


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    template.use()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """At the end of the run nobody else may be in the database, or it can't be dropped.

    The live server answers each browser socket in a thread of its own, and a socket that Chromium keeps alive keeps its thread,
    and the thread its session. The tests are over by then: such sessions are ended by the server.
    """
    yield
    emptying.leave()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
