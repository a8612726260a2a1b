"""Why and why not, receipts, the forecast by channel, keys and the page of the API: for everybody's eyes, and by keyboard."""

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from rapport.campaigns import actions
from rapport.campaigns.models import Assignment
from rapport.consent import ledger
from rapport.kit import clock
from rapport.messaging import send
from rapport.messaging.models import Receipt
from rapport.segments import language, store, sync
from rapport.trust import accounts, api_keys
from rapport.trust.actors import SYSTEM
from rapport.trust.models import Role
from tests import people_cast
from tests.campaigns import clinic
from tests.messaging import stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("RAPPORT_SHOTS", "")


@pytest.fixture
def boss(dee):
    """Somebody who may open all these pages."""
    now = clock.now()
    boss = accounts.create(by=SYSTEM, email="mo@riverbend.example", name="Mo Castillo", now=now)
    for role in (Role.MARKETER, Role.COMPLIANCE, Role.FRONT_DESK, Role.ADMINISTRATOR):
        accounts.grant(by=SYSTEM, user=boss, role=role, now=now)
    return boss


@pytest.fixture
def places(boss, settings):
    """Something on each page: a campaign that has gone, one that is planned, and keys."""
    now = clock.now()
    store.forget()
    people = clinic.patients(9, now)
    stage.says_no(people[0], now)
    stage.says_no(people[1], now - timedelta(days=3))
    ledger.grant(
        by=SYSTEM, person_id=people[2].pk, channel="sms", topic="health_services", via="desk", now=now, tier="written", text_version="t"
    )  # fmt: skip
    man = people_cast.person(sex="M")
    sync.refresh(now=now)
    women = clinic.segment(now, language.All(of=(language.Sex(one_of=("F",)), language.LivesIn(states=("MA",)))))
    gone = actions.launch(
        by=boss, campaign=clinic.campaign(boss, now, segment=women, holdout_percent=Decimal(50)), now=now
    )
    with stage.mailbox(settings):
        send.send_due(owner="w1", now=now, limit=100)
    planned = clinic.campaign(boss, now, segment=women)
    for days, verbs in ((90, ["people.read", "consent.write"]), (365, ["trust.rules"])):
        made = api_keys.make(
            by=boss, name="Patient portal" if days == 90 else "Rules mirror", verbs=verbs, expires_at=now + timedelta(days=days), now=now
        )  # fmt: skip
    api_keys.revoke(by=boss, key=made.key, now=now)
    not_permitted = Assignment.objects.filter(campaign=gone, arm="not_permitted").first()
    yield {
        "keys": "/access/keys/",
        "api": "/api/",
        "why-nobody": "/trust/why/",
        "why-not-permitted": f"/trust/why/?person={not_permitted.person_id}&campaign={gone.slug}",
        "why-not-meant": f"/trust/why/?person={man.pk}&campaign={gone.slug}",
        "why-kind": f"/trust/why/?person={people[3].pk}&topic=survey&channel=sms",
        "receipt": f"/trust/receipts/{Receipt.objects.order_by('-id').first().pk}/",
        "check": f"/campaigns/{planned.slug}/?step=check",
    }
    store.forget()


def test_pages_are_for_everybodys_eyes(page, boss, places, signed_in, axe, theme, screen):
    wrong = {}
    for name, path in places.items():
        signed_in(page, boss, path)
        expect(page.locator("h1").first).to_be_visible()
        expect(page.locator("tr[hx-trigger=load]")).to_have_count(0)
        if name == "check":
            expect(page.locator(".number-label", has_text="Would get it")).to_be_visible()
            expect(page.locator("td", has_text="Telephone")).to_be_visible()
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{theme}-{screen}.png", full_page=True)
        wrong[name] = axe(page)
        if screen == "phone":
            page.set_viewport_size({"width": 360, "height": 800})
            if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
                wrong[name].append("scrolls sideways at 360 px")
            page.set_viewport_size({"width": 390, "height": 844})
    page.goto("about:blank")  # nothing may still be asked when the database is emptied
    assert {name: found for name, found in wrong.items() if found} == {}


def test_a_key_is_made_by_keyboard_alone_and_shown_once(page, boss, signed_in, axe):
    signed_in(page, boss, "/access/keys/")
    page.get_by_role("button", name="New key").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Which program is it for?").focus()
    page.keyboard.type("Patient portal")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_label("It ends after").focus()
    page.get_by_role("button", name="Make the key").focus()
    page.keyboard.press("Enter")
    secret = page.locator("#new-secret")
    expect(secret).to_contain_text("rapport_")
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / "key-made.png", full_page=True)
    assert axe(page) == []
    page.goto(page.url)
    expect(secret).to_have_count(0)


def test_why_is_answered_in_place_by_keyboard(page, boss, places, signed_in):
    signed_in(page, boss, places["why-kind"].partition("&")[0])
    expect(page.get_by_text("Choose a campaign, or a kind of message")).to_be_visible()
    page.get_by_label("or a message about").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .notice")).to_contain_text("If it were due now")
    assert "topic=" in page.url
