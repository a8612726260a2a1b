"""A home of its own for tests that start servers and kill them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport.kit import home, postgres


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[home.Home]:
    """An empty home, not the one of the test run, removed afterwards with its database."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("RAPPORT_SUPERVISED", raising=False)
    found = home.find(tempfile.mkdtemp(prefix="rapport-test-"))
    monkeypatch.setenv("RAPPORT_HOME", str(found.root))
    yield found
    postgres.destroy(found)


@pytest.fixture(params=["wheel", "system"])
def any_postgres(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every kind of PostgreSQL this machine has."""
    kind: str = request.param
    if kind == "system" and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("there is no PostgreSQL package on this machine")
    monkeypatch.setenv("RAPPORT_POSTGRES", kind)
    return kind


@pytest.fixture
def wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_POSTGRES", "wheel")
