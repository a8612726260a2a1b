"""Accounts in a real browser: the pages under /access/ for everybody's eyes, and a passkey from setting up to signing in."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from playwright.sync_api import Page, expect

from rapport.kit import clock
from rapport.trust import accounts, audit, breakglass
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, Role, User
from tests.cast import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("RAPPORT_SHOTS", "")


@pytest.fixture
def boss(dee: User, ana: User, bea: User, cole: User) -> User:
    """Somebody who may open all these pages, and something on each of them."""
    now = clock.now()
    boss = accounts.create(by=SYSTEM, email="mo@riverbend.example", name="Mo Castillo", password=PASSWORD, now=now)
    for role in (Role.ADMINISTRATOR, Role.COMPLIANCE, Role.CLINICIAN):
        accounts.grant(by=SYSTEM, user=boss, role=role, now=now)
    breakglass.open(by=bea, person_id=7, reason="Collapsed in the waiting room", now=now)
    with transaction.atomic():
        audit.record(by=ana, verb="people.search", now=now, people=[3, 4], details={"rows": 2})
        audit.record(by=ana, verb="people.read", now=now, person=3, reason="Call back about the knee")
    return boss


@pytest.mark.parametrize("path", ["", "people/", "people/2/", "audit/", "break-glass/", "break-glass/9/"])
def test_pages_of_access_are_for_everybodys_eyes(
    page: Page,
    boss: User,
    signed_in: Callable[..., Page],
    axe: Callable[..., list[str]],
    theme: str,
    screen: str,
    path: str,
):
    path = path.replace("2", str(User.objects.get(name="Ana Marsh").pk))
    signed_in(page, boss, f"/access/{path}")
    expect(page.locator("h1")).to_be_visible()
    if SHOTS:
        page.screenshot(
            path=Path(SHOTS) / f"access-{path.strip('/').replace('/', '-')}-{theme}-{screen}.png", full_page=True
        )
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


def test_the_audit_trail_answers_in_place(page: Page, boss: User, signed_in: Callable[..., Page]):
    signed_in(page, boss, "/access/audit/")
    page.get_by_label("To person number").fill("3")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Call back about the knee")).to_be_visible()
    expect(page.locator("#results tbody tr")).to_have_count(2)
    assert page.url.endswith("/access/audit/"), "who was asked about stands in no address"


def test_a_passkey_is_set_up_and_signs_in_without_a_password(page: Page, live_server: Any, hire: Any):
    user = accounts.create(by=SYSTEM, email="kim@riverbend.example", name="Kim Doe", password=PASSWORD, now=clock.now())
    accounts.grant(by=SYSTEM, user=user, role=Role.ANALYST, now=clock.now())
    accounts_page = live_server.url.replace("127.0.0.1", "localhost")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    page.goto(accounts_page + "/account/login/?next=/access/")
    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who may do what")

    page.goto(accounts_page + "/account/2fa/webauthn/add/")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.locator("input[name=name]").fill("Laptop")
    if page.locator("input[name=passwordless]").count():
        page.locator("input[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    expect(page.locator("body")).to_contain_text("Recovery", ignore_case=True)
    assert Authenticator.objects.filter(user=user, type="webauthn").count() == 1
    assert "webauthn" in AuditEntry.objects.get(verb="account.factors").details["added"]

    page.context.clear_cookies()
    page.goto(accounts_page + "/account/login/?next=/access/")
    page.locator("#passkey_login").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who may do what")
    assert AuditEntry.objects.filter(verb="account.login").order_by("id").last().details["how"] == ["webauthn"]
    devtools.detach()  # and the authenticator is gone
