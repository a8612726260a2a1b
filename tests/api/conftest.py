"""Programs for the tests of the API: a client with a key of somebody, made as people make keys."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from rapport.campaigns import actions
from rapport.kit import clock as house
from rapport.messaging import send
from rapport.segments import store, sync
from rapport.trust import api_keys
from rapport.trust.models import User
from tests.campaigns import clinic
from tests.messaging import stage


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


@pytest.fixture
def sent(transactional_db, ana, now, settings, still):
    """A campaign that has gone: half contacted, half held out, one not permitted."""
    store.forget()
    people = clinic.patients(5, now)
    stage.says_no(people[0], now)
    sync.refresh(now=now)
    campaign = actions.launch(by=ana, campaign=clinic.campaign(ana, now, holdout_percent=Decimal(50)), now=now)
    with stage.mailbox(settings):
        send.send_due(owner="w1", now=now, limit=100)
    yield campaign
    store.forget()
