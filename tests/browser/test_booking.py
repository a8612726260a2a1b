"""A visit is booked in a real browser, which sends no origin from a page that tells nobody where it was."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rapport.directory.models import Location, Organization
from rapport.experience.models import Booking
from rapport.kit import clock
from rapport.messaging import tracking
from tests import people_cast
from tests.messaging import stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_patient_books_a_visit(page: Page, live_server: Any) -> None:
    ours = Organization.objects.create(name="Riverbend Health", is_ours=True)
    Location.objects.create(
        organization=ours, name="Riverbend Lowell", slug="lowell", is_ours=True, timezone="America/New_York"
    )
    now = clock.now()
    intent = stage.due([people_cast.person()], stage.wording(now), now)[0]
    page.goto(f"{live_server.url}/book/{tracking.token('book', intent.pk)}")
    page.locator("[name=starts_at]").first.check()
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_text("Your visit is booked")).to_be_visible()
    assert Booking.objects.count() == 1
