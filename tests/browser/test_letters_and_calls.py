"""Letters, calls and the patient's inbox, in a real browser."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rapport.content import actions as content
from rapport.content import telling
from rapport.demo.told import TOLD
from rapport.governance import social
from rapport.governance.models import AudienceExport
from rapport.kit import clock
from rapport.messaging import call_lists, print_batches, tracking
from rapport.messaging.models import Letter
from rapport.segments import actions
from rapport.segments.language import Sex
from rapport.trust.actors import SYSTEM
from rapport.trust.models import User
from tests import people_cast
from tests.messaging import paper_stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FRIDAY = 4
SHOTS = os.environ.get("RAPPORT_SHOTS", "")
NAMES = (("Rosa", "Delgado"), ("Amir", "Haddad"), ("June", "Okafor"), ("Tess", "Lindqvist"), ("Omar", "Reyes"))


@pytest.fixture
def desk(bea: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """Bea with a printed batch, a tray, and a call before her, at an hour at which people may be rung."""
    now = _office_hours()
    monkeypatch.setattr(clock, "now", lambda: now)
    many = [people_cast.person(given=given, family=family) for given, family in NAMES]
    letters = paper_stage.wording(now)
    script = content.start(by=SYSTEM, name="How have you been?", topic="care", language="en", now=now, channel="call")
    calls = telling.hand_in(by=SYSTEM, piece=script, said=TOLD["call"], now=now)
    paper_stage.placed(many[:3], letters, now)
    batch = print_batches.print_waiting(by=bea, now=now)
    print_batches.spoil(by=bea, letter_id=Letter.objects.filter(batch=batch)[0].pk, reason="Paper jam", now=now)
    paper_stage.placed(many[3:], letters, now, cause_id=2)
    for one in many:
        paper_stage.says_yes(one, "call", now)
    paper_stage.placed(many, calls, now, cause_id=3)
    return bea


@pytest.mark.parametrize(
    "path", ["/outbox/letters/", "/outbox/letters/batch/", "/outbox/calls/", "/outbox/calls/mine/"]
)
def test_pages_are_for_everybodys_eyes(
    page: Page,
    desk: User,
    signed_in: Callable[..., Page],
    axe: Callable[..., list[str]],
    theme: str,
    screen: str,
    path: str,
):
    now = clock.now()
    real = path.replace("batch", str(Letter.objects.exclude(batch=None)[0].batch_id))
    if "calls" in path:
        first = call_lists.take_next(by=desk, now=now)
        call_lists.settle(by=desk, call_id=first.pk, outcome="voicemail", now=now)
        second = call_lists.take_next(by=desk, now=now)
        back = now + timedelta(minutes=5)
        call_lists.settle(by=desk, call_id=second.pk, outcome="later", now=now, call_back_at=back)
        real = real.replace("mine", str(call_lists.take_next(by=desk, now=now).pk))
    signed_in(page, desk, real)
    expect(page.locator("h1")).to_be_visible()
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"hand{path.replace('/', '-')}{theme}-{screen}.png", full_page=True)
    assert axe(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


@pytest.mark.parametrize("what", ["who", "list", "one"])
def test_the_inbox_is_for_everybodys_eyes(
    page: Page, db: None, live_server: Any, axe: Callable[..., list[str]], theme: str, screen: str, what: str
):
    now = clock.now()
    rosa = people_cast.person(given="Rosa", birth_date=date(1970, 5, 17))
    version = paper_stage.wording(now, channel="portal", slug="visit-portal")
    (intent,) = paper_stage.placed([rosa], version, now)
    page.goto(f"{live_server.url}/inbox/{tracking.token('preferences', intent.pk)}")
    if what != "who":
        page.get_by_label("Birth date").fill("1970-05-17")
        page.get_by_role("button", name="Show my messages").press("Enter")
    if what == "one":
        page.get_by_role("link", name="Your visit").press("Enter")
        page.get_by_label("Write back").fill("Thank you, I will come.")
        page.get_by_role("button", name="Send").press("Enter")
        expect(page.get_by_text("We have your message")).to_be_visible()
    title = {"who": "Is it you?", "list": "Your messages", "one": "Your visit"}[what]
    expect(page.locator("h1")).to_have_text(title)
    if what == "list":
        expect(page.get_by_role("button", name="Tell me on this device")).to_be_visible()
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"inbox-{what}-{theme}-{screen}.png", full_page=True)
    assert axe(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


@pytest.mark.parametrize("path", ["/trust/desk/audiences/", "/content/piece/visit-print/"])
def test_pages_about_audiences_and_families_are_for_everybodys_eyes(
    page: Page,
    cole: User,
    ana: User,
    settings: Any,
    signed_in: Callable[..., Page],
    axe: Callable[..., list[str]],
    theme: str,
    screen: str,
    path: str,
):
    settings.SOCIAL_AUDIENCES = True
    now = clock.now()
    paper_stage.wording(now, family="visit")
    paper_stage.wording(now, channel="call", slug="visit-call", family="visit")
    actions.save(by=ana, now=now, name="Women", node=Sex(("F",)))
    until = now.date() + timedelta(days=90)
    switch = social.turn_on(
        by=cole,
        platform="meta",
        purpose="Tell neighbours about the seminar",
        agreement="Contract 9",
        until=until,
        now=now,
    )
    AudienceExport.objects.create(
        switch=switch, segment_id=1, segment_version=1, made_at=now, made_by=cole, asked=40, people=12, checksum="0" * 64,
        left_out={"no_authorization": 26, "not_of_age": 2},
    )  # fmt: skip
    signed_in(page, cole if "trust" in path else ana, path)
    expect(page.locator("h1")).to_be_visible()
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"hand{path.replace('/', '-')}{theme}-{screen}.png", full_page=True)
    assert axe(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


def _office_hours() -> datetime:
    """Eleven or noon in New York on a working day that is not ahead of us."""
    day = datetime.now(UTC) - timedelta(days=1)
    while day.weekday() > FRIDAY:
        day -= timedelta(days=1)
    return day.replace(hour=16, minute=0, second=0, microsecond=0)
