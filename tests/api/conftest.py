"""Programs for the tests of the API: a client with a key of somebody, made as people make keys."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from rapport.kit import clock as house
from rapport.trust import api_keys
from rapport.trust.models import User


@pytest.fixture
def program(db: None) -> Callable[..., Client]:
    """`program(bea)`, `program(bea, ["people.read"])`: everything its owner could give, or less."""

    def make(owner: User, verbs: list[str] | None = None) -> Client:
        now = house.now()
        made = api_keys.make(
            by=owner,
            name="portal",
            verbs=verbs or api_keys.offered(owner),
            expires_at=now + timedelta(days=30),
            now=now,
        )
        browser = Client(headers={"Authorization": f"Bearer {made.secret}"})
        browser.secret = made.secret  # type: ignore[attr-defined]
        return browser

    return make


@pytest.fixture
def still(now):
    """The house's clock stands at the hour of the tests."""
    with house.travel(now):
        yield now
