"""The compliance desk in a real browser: every page for everybody's eyes, and a paper entered with its defects in sight."""

import os
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from rapport.consent import ledger, papers, representatives, restrictions, vendors
from rapport.governance.desk import calendar, training
from rapport.governance.models import Disclosure
from rapport.kit import clock
from rapport.messaging.models import Receipt
from rapport.people.models import Person
from rapport.trust.models import User
from tests.consent.test_papers import complete

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("RAPPORT_SHOTS", "")
PAGES = (
    "", "ending/?days=90", "taken-back/", "disclosures/", "refusals/", "papers/", "papers/VOID/", "papers/GOOD/",
    "papers/for/PAT/", "vendors/", "vendors/new/", "training/", "calendar/", "calendar/LATE/", "../rules/", "../",
    "/people/PAT/?part=permission",
)  # fmt: skip


@pytest.fixture
def house(cole: User, ana: User, pat: Person, quinn: Person) -> dict[str, int]:
    """Something on every page."""
    now = clock.now()
    day = timezone.localtime(now).date()
    good = papers.sign(by=cole, person_id=pat.pk, paper=complete(expires_at=now + timedelta(days=50)), now=now)
    void = papers.sign(
        by=cole, person_id=pat.pk, now=now,
        paper=complete(information="All my records", copy_given_at=None, recipient="The University", expires_at=None),
    )  # fmt: skip
    representatives.appoint(
        by=cole, person_id=pat.pk, other_id=quinn.pk, kind="proxy", authority="Health care proxy of 2025-05-02", now=now
    )
    restrictions.only_by(by=cole, person_id=pat.pk, channel="print", via="letter", now=now)
    restrictions.restrict(by=cole, person_id=pat.pk, words="Nothing to the insurer about March", via="letter", now=now)
    ledger.grant(by=cole, person_id=quinn.pk, channel="email", topic="survey", via="form", now=now - timedelta(days=9),
                 expires_at=now + timedelta(days=6))  # fmt: skip
    ledger.withdraw(by=cole, person_id=quinn.pk, channel="email", topic="newsletter", via="phone", now=now)
    _vendors(cole, day, now)
    training.note(by=cole, user=ana, course="HIPAA privacy", completed_on=day - timedelta(days=390), now=now)
    training.note(by=cole, user=cole, course="HIPAA privacy", completed_on=day, now=now)
    late = calendar.plan(
        by=cole, title="Fire drill", subject="safety", due_on=day - timedelta(days=3), every_months=12, now=now
    )
    done = calendar.plan(by=cole, title="Who opened delicate entries", subject="access", due_on=day, now=now)
    calendar.finish(by=cole, review=done, finding="12 looked at, all with a good reason.", now=now)
    calendar.fill(by=cole, now=now)
    Disclosure.objects.create(person_id=pat.pk, at=now, recipient="Mill City Imaging", description="Films of the knee",
                              purpose="Second opinion", basis="authorization", made_by=cole)  # fmt: skip
    for gate in ("consent", "consent", "quiet_hours"):
        Receipt.objects.create(
            intent_id=1, person_id=quinn.pk, at=now, outcome="suppressed", allowed=False, gate=gate,
            reason="Said no to the newsletter.", facts_hash="x", rules_version="x", version_id=1, trace=uuid.uuid4(),
        )  # fmt: skip
    return {"GOOD": good.record_id, "VOID": void.record_id, "PAT": pat.pk, "LATE": late.pk}


def _vendors(cole: User, day: date, now: datetime) -> None:
    for name, channels, signed, until in (
        ("Postbird Mail", ("email",), 100, None),
        ("Textwell", ("sms", "call"), 700, 25),
        ("Merrimack Print & Post", ("print",), 740, -10),
    ):
        terms = vendors.Terms(
            name=name, channels=channels, baa_reference="Contract 2024-118", baa_signed_on=day - timedelta(days=signed),
            baa_until=day + timedelta(days=until) if until is not None else None,
        )  # fmt: skip
        vendors.add(by=cole, terms=terms, now=now)


def address(path: str, house: dict[str, int]) -> str:
    for word, number in house.items():
        path = path.replace(word, str(number))
    return path if path.startswith("/") else f"/trust/desk/{path}"


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_the_desk_are_for_everybodys_eyes(
    page: Page,
    cole: User,
    house: dict[str, int],
    signed_in: Callable[..., Page],
    axe: Callable[..., list[str]],
    theme: str,
    screen: str,
    path: str,
):
    signed_in(page, cole, address(path, house))
    expect(page.locator("h1")).to_be_visible()
    if SHOTS:
        name = path.strip("/").replace("/", "-").replace("?", "-") or "desk"
        page.screenshot(path=Path(SHOTS) / f"desk-{name}.{screen}.{theme}.png", full_page=True)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"
    if screen == "phone":
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways at 360"


def test_a_paper_is_entered_by_keyboard_with_its_defects_in_sight(
    page: Page, cole: User, house: dict[str, int], signed_in: Callable[..., Page]
):
    signed_in(page, cole, address("papers/for/PAT/", house))
    look = page.locator("#look")
    expect(look).to_contain_text("checked while you type")
    page.get_by_label("Which information may be used").fill("Date of my knee surgery")
    page.keyboard.press("Tab")
    expect(look).to_contain_text("It does not say who may give the information.")
    page.get_by_label("Who may give it").fill("Riverbend Health")
    page.keyboard.press("Tab")
    expect(look).not_to_contain_text("It does not say who may give the information.")
    page.get_by_role("button", name="Keep it as void").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Void")
    expect(page.get_by_text("Nobody signed it.")).to_be_visible()


def test_what_stands_beside_a_paper_answers_the_last_thing_typed(
    page: Page, cole: User, house: dict[str, int], signed_in: Callable[..., Page]
):
    """Also when the answer to the thing before has not come yet."""
    signed_in(page, cole, address("papers/for/PAT/", house))
    late: list[Route] = []
    page.route("**/papers/for/*/", lambda route: route.continue_() if late else late.append(route))
    page.get_by_label("Which information may be used").fill("Date of my knee surgery")
    with page.expect_request(lambda asked: asked.method == "POST"):
        page.keyboard.press("Tab")
    page.get_by_label("Who may give it").fill("Riverbend Health")
    page.keyboard.press("Tab")
    late[0].continue_()
    look = page.locator("#look")
    expect(look).to_contain_text("It does not say who may receive the information.")
    expect(look).not_to_contain_text("It does not say who may give the information.")


def test_the_rules_of_another_day_come_in_place(page: Page, cole: User, signed_in: Callable[..., Page]):
    signed_in(page, cole, "/trust/rules/")
    page.get_by_label("Kind").select_option("inducement")
    expect(page.get_by_text("US-CMP-INDUCEMENTS")).to_be_visible()
    expect(page.get_by_text("US-HIPAA-P1")).to_have_count(0)
    page.get_by_label("On the day").fill("2016-01-01")
    expect(page.get_by_text("begins")).to_be_visible()
    assert "on=2016-01-01" in page.url
