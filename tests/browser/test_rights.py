"""The pages of rights requests for everybody's eyes: axe, phone and desktop, and a request worked off by keyboard alone."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rapport.governance import disclosures
from rapport.governance.models import Erasure, RightsRequest
from rapport.governance.rights import asking
from rapport.kit import clock
from rapport.trust.models import User
from tests import people_cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("RAPPORT_SHOTS", "")


@pytest.fixture
def asked(cole: User, bea: User) -> dict[str, RightsRequest]:
    """One of each kind, some pressing, one late."""
    now = clock.now()
    pat, quinn = people_cast.pat(), people_cast.quinn()
    office = disclosures.To("County health office", "1 Main Street, Lowell, MA")
    what = disclosures.What("Case report of a notifiable disease", "Mandatory notification", "public_health")
    disclosures.record(by=cole, person_id=pat.pk, to=office, what=what, now=now)
    made = {}
    for days, (kind, person) in enumerate(
        [("access", pat), ("erasure", quinn), ("accounting", pat), ("amendment", quinn), ("confidential", pat)]
    ):
        made[kind] = asking.receive(
            by=bea, person_id=person.pk, kind=kind, via="in_person", wish="Please, as we said on the phone.",
            received_at=now - timedelta(days=24 + days * 4), now=now,
        )  # fmt: skip
    asking.decide(by=cole, request=made["amendment"], state="denied", reason="The entry is right", now=now)
    return made


PAGES = {
    "list": "/trust/rights/", "decided": "/trust/rights/?show=decided", "who": "/trust/rights/new/",
    "new": "/trust/rights/new/?person={person}", "one": "/trust/rights/{access}/", "erase": "/trust/rights/{erasure}/erase/",
    "accounting": "/trust/rights/{accounting}/accounting/",
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_rights_are_for_everybodys_eyes(
    page: Page, cole: User, asked, signed_in: Callable[..., Page], axe: Callable[..., list[str]], theme: str, screen: str, name: str
):  # fmt: skip
    ids = {kind: one.pk for kind, one in asked.items()} | {"person": asked["access"].person_id}
    signed_in(page, cole, PAGES[name].format(**ids))
    expect(page.locator("h1")).to_be_visible()
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"rights-{name}-{theme}-{screen}.png", full_page=True)
    assert axe(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


def test_an_erasure_is_worked_off_by_keyboard_alone(page: Page, cole: User, asked, signed_in: Callable[..., Page]):
    row = asked["erasure"]
    signed_in(page, cole, f"/trust/rights/{row.pk}/")
    page.get_by_role("link", name="See what would be erased").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Erase Quinn Okafor?")).to_be_visible()
    page.get_by_label("Type the person's name").focus()
    page.keyboard.type("quinn okafor")
    page.keyboard.press("Tab")
    page.keyboard.type("asked in writing")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The person was erased.")).to_be_visible()
    assert Erasure.objects.get().request_id == row.pk
