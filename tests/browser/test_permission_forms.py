"""The forms about permission, walked by keyboard: every one for everybody's eyes, in both themes, on desktop and phone."""

import os
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from rapport.consent import papers, representatives, restrictions, rewards, undeliverable
from rapport.consent.inducements import Gift
from rapport.consent.models import Representative, Reward
from rapport.governance.models import Disclosure
from rapport.kit import clock
from rapport.people.models import ContactPoint, Person
from rapport.trust.models import User
from tests.consent.test_papers import complete
from tests.people_cast import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("RAPPORT_SHOTS", "")
PAGES = (
    "?part=permission", "speakers/new/", "speakers/new/?other=PAT", "speakers/REP/end/", "alone/", "stops/new/do_not_contact/",
    "stops/new/confidential/", "stops/new/restriction/", "stops/STOP/end/", "hold/", "rewards/new/", "addresses/POINT/works/", "",
    "/trust/desk/disclosures/", "/trust/desk/disclosures/for/PAT/",
)  # fmt: skip


@pytest.fixture
def kim(pat: Person) -> Person:
    """Fifteen, with everything that can stand on the part about permission."""
    return person(given="Kim", family="Rivera", birth_date=date(clock.now().year - 15, 1, 1))


@pytest.fixture
def numbers(cole: User, kim: Person, pat: Person) -> dict[str, int]:
    now = clock.now()
    rep = representatives.appoint(
        by=cole,
        person_id=kim.pk,
        other_id=pat.pk,
        kind="parent",
        authority="Birth certificate seen",
        topics=["care"],
        now=now,
    )
    words = "Nothing about the visit of March 2, paid in cash"
    stop = restrictions.restrict(by=cole, person_id=kim.pk, words=words, recipient="Blue Plan", via="letter", now=now)
    representatives.consent_alone(by=cole, person_id=kim.pk, data_class="reproductive", via="letter", now=now)
    rewards.give(by=cole, person_id=kim.pk, gift=Gift(kind="item", what="Water bottle", retail_cents=1250), now=now)
    point = ContactPoint.objects.get(person=kim, kind="email")
    failed = {bytes(point.digest): now - timedelta(days=2)}
    undeliverable.give_up(by=cole, failed=failed, evidence={}, now=now)
    return {"POINT": point.pk, "REP": rep.pk, "STOP": stop.pk, "PAT": pat.pk}


@pytest.mark.parametrize("path", PAGES)
def test_every_form_is_for_everybodys_eyes(
    page: Page,
    cole: User,
    kim: Person,
    numbers: dict[str, int],
    signed_in: Callable[..., Page],
    axe: Callable[..., list[str]],
    theme: str,
    screen: str,
    path: str,
):
    for word, number in numbers.items():
        path = path.replace(word, str(number))
    signed_in(page, cole, path if path.startswith("/") else f"/people/{kim.pk}/{path}")
    expect(page.locator("h1")).to_be_visible()
    keep(page, f"{path.strip('/')}.{screen}.{theme}")
    assert axe(page) == []
    no_sideways(page)
    if screen == "phone":
        page.set_viewport_size({"width": 360, "height": 740})
        no_sideways(page)


def test_the_forms_of_a_person_are_walked_by_keyboard_in_their_dialogs(
    page: Page, cole: User, kim: Person, pat: Person, signed_in: Callable[..., Page], axe: Callable[..., list[str]],
    theme: str, screen: str,
):  # fmt: skip
    signed_in(page, cole, f"/people/{kim.pk}/?part=permission")

    speaking = opened(page, "Somebody speaks for them", "Who speaks for them")
    page.keyboard.type("Rivera")  # the field has the focus
    pat_found = speaking.get_by_role("link", name="Pat Rivera")
    expect(pat_found).to_be_visible()
    keep(page, f"dialog-find.{screen}.{theme}")
    pat_found.focus()
    page.keyboard.press("Enter")
    expect(speaking.get_by_label("As what?")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Birth certificate seen")
    keep(page, f"dialog-speaker.{screen}.{theme}")
    assert axe(page) == []
    no_sideways(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Parent: Birth certificate seen")).to_be_visible()
    assert Representative.objects.get().other_id == pat.pk

    steering = opened(page, "A restriction", "What stops or steers messages")
    expect(steering.get_by_label("What was agreed?")).to_be_focused()
    page.keyboard.type("Nothing about March 2")
    page.keyboard.press("Tab")
    page.keyboard.type("Blue Plan")
    keep(page, f"dialog-restriction.{screen}.{theme}")
    assert axe(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_text("towards Blue Plan")).to_be_visible()

    opened(page, "End: Agreed restriction", "What stops or steers messages")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing beyond the answers beside.")).to_be_visible()

    giving = opened(page, "Give something", "Give something")
    page.keyboard.type("Umbrella")
    page.keyboard.press("Tab")
    page.keyboard.type("20")
    expect(giving.get_by_text("It may not be given")).to_be_visible()
    expect(giving.get_by_text(re.compile(r"one thing may be worth \$15\.00.*42 CFR 1003\.110"))).to_be_visible()
    keep(page, f"dialog-reward.{screen}.{theme}")
    assert axe(page) == []
    no_sideways(page)
    page.keyboard.press("Control+a")
    page.keyboard.type("12")
    expect(giving.get_by_text("It may be given")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("$63.00 of $75.00 left for the year")).to_be_visible()
    assert Reward.objects.get().what == "Umbrella"


def test_a_disclosure_is_recorded_by_keyboard_and_a_sale_is_stopped(
    page: Page,
    cole: User,
    pat: Person,
    signed_in: Callable[..., Page],
    axe: Callable[..., list[str]],
    theme: str,
    screen: str,
):
    now = clock.now()
    whole = complete(kind="part2", recipient="Sober House", says_refusal=True, expires_at=None, expires_event="end of care",
                     signed_on=timezone.localtime(now).date(), copy_given_at=now)  # fmt: skip
    paper = papers.sign(by=cole, person_id=pat.pk, paper=whole, now=now)
    signed_in(page, cole, "/trust/desk/disclosures/")
    page.get_by_role("button", name="Record a disclosure").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Find a person").press_sequentially("Rivera")
    page.get_by_role("dialog").get_by_role("link", name="Pat Rivera").focus()
    page.keyboard.press("Enter")
    page.get_by_label("To whom").press_sequentially("Sober House")
    page.get_by_label("What leaves").press_sequentially("Record of the programme")
    page.get_by_label("Why").press_sequentially("Her treatment there")
    look = page.locator("#look")
    page.get_by_label("On what ground").select_option("sale")
    expect(look).to_contain_text("Patient data is not sold")
    expect(look.get_by_role("button")).to_have_count(0)
    keep(page, f"disclosure-sale.{screen}.{theme}")
    assert axe(page) == []
    page.get_by_label("On what ground").select_option("part2_consent")
    expect(look).to_contain_text("42 CFR part 2 prohibits unauthorized use or disclosure of these records.")
    page.get_by_label("The signed paper it rests on").select_option(str(paper.record_id))
    page.get_by_label("The notice is in the envelope").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Copy of the consent")
    page.keyboard.press("Tab")
    expect(look).to_contain_text("It may leave")
    keep(page, f"disclosure-part2.{screen}.{theme}")
    assert axe(page) == []
    no_sideways(page)
    look.get_by_role("button", name="Write it down").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name="Sober House")).to_be_visible()
    assert Disclosure.objects.get().consent_record_id == paper.record_id


def opened(page: Page, link: str, title: str) -> Locator:
    """The dialog that this link opens, by Enter alone; its form has come. Before its script has come, the link opens a page."""
    page.wait_for_load_state("load")
    page.get_by_role("link", name=link, exact=True).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=title, exact=True)
    expect(dialog.locator("[autofocus]").first).to_be_focused()
    return dialog


def no_sideways(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


def keep(page: Page, name: str) -> None:
    if SHOTS:
        whole = page.locator("dialog[open]").count() == 0
        page.screenshot(path=Path(SHOTS) / f"{re.sub(r'[^a-z0-9.]+', '-', name.lower())}.png", full_page=whole)
