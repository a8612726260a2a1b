"""The preference centre, the newsletter page and the capture at the front desk, for everybody's eyes and hands.

axe finds nothing in both languages and both themes; nothing scrolls sideways at 360 px; every step works by Tab, Space, Enter
and arrows alone.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from rapport.consent import choices, preferences
from rapport.consent.preferences import Wish
from rapport.experience.models import OptIn
from rapport.kit import clock
from rapport.messaging import tracking
from rapport.people.models import Person
from rapport.trust.actors import SYSTEM
from tests import people_cast
from tests.messaging import stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("RAPPORT_SHOTS", "")
SMALL = {"width": 360, "height": 740}
MOST_TABS = 120


@pytest.fixture
def patient() -> Person:
    now = clock.now()
    person = people_cast.person(given="Pat", family="Rivera")
    stage.says_yes(person, now - timedelta(days=30))
    stage.says_yes(person, now - timedelta(days=20), "newsletter")
    return person


@pytest.fixture
def centre(live_server: Any, patient: Person) -> str:
    """The address in the foot of a mail."""
    now = clock.now()
    intent = stage.due([patient], stage.wording(now), now)[0]
    return live_server.url + urlsplit(tracking.Links(intent.pk, intent.version_id).preferences()).path


def stands(person: Person) -> set[str]:
    return {one.key for one, stand in choices.standing(person.pk, clock.now()).items() if stand.is_on}


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the focus is there: what can't be reached so can't be used by keyboard."""
    for _ in range(MOST_TABS):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab never reaches it")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_centre_is_for_everybodys_eyes(
    page: Page, centre: str, patient: Person, axe: Callable[..., list[str]], theme: str, screen: str, language: str
) -> None:
    page.goto(f"{centre}?lang={language}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    shot(page, f"centre-{language}-{theme}-{screen}")
    assert axe(page) == []
    page.locator("[value='sms.health_services']").check()
    expect(page.locator("blockquote").first).to_be_visible()
    page.locator("[name=pause][value=date]").check()
    page.locator("[name=do][value=save]").click()
    expect(page.locator(".notice-bad")).to_be_visible()
    shot(page, f"centre-unsigned-{language}-{theme}-{screen}")
    assert axe(page) == []
    page.locator("[value='sms.health_services']").uncheck()
    page.locator("[value='email.newsletter']").uncheck()
    page.locator("[name=pause][value=month]").check()
    page.locator("[name=do][value=save]").click()
    expect(page.locator("[value=undo]")).to_be_visible()
    shot(page, f"centre-saved-{language}-{theme}-{screen}")
    assert axe(page) == []
    page.goto(f"{centre}/permissions.html?lang={language}")
    shot(page, f"permissions-{language}-{theme}-{screen}")
    assert axe(page) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_scrolls_sideways_on_a_small_phone(page: Page, centre: str, language: str, live_server: Any) -> None:
    page.set_viewport_size(SMALL)
    page.goto(f"{centre}?lang={language}")
    page.locator("[value='sms.health_services']").check()
    page.locator("[name=pause][value=date]").check()
    assert fits(page)
    for path in (f"{centre}/permissions.html?lang={language}", f"{live_server.url}/join/?lang={language}"):
        page.goto(path)
        assert fits(page), path


def test_the_centre_works_by_keyboard_alone(page: Page, centre: str, patient: Person) -> None:
    page.goto(centre)
    tab_to(page, page.locator("[value='email.newsletter']"))
    page.keyboard.press("Space")
    tab_to(page, page.locator("[value='sms.health_services']"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Your name as your signature").first)
    page.keyboard.type("Pat Rivera")
    tab_to(page, page.locator("[name=often]:checked"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.locator("[name=hours_from]"))
    page.keyboard.type("8:00 PM")
    tab_to(page, page.locator("[name=hours_until]"))
    page.keyboard.type("9:00 AM")
    tab_to(page, page.locator("[name=do][value=save]"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert "email.newsletter" not in stands(patient)
    assert "sms.health_services" in stands(patient)
    wants = preferences.of(patient.pk)
    assert (wants.at_most, f"{wants.quiet_from:%H:%M}", f"{wants.quiet_until:%H:%M}") == (4, "20:00", "09:00")
    tab_to(page, page.locator("[value=undo]"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("All is as it was")).to_be_visible()
    assert "email.newsletter" in stands(patient)
    assert "sms.health_services" not in stands(patient)
    tab_to(page, page.locator("[value=stop_all]"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert stands(patient) == {"email.care", "email.billing"}


def test_the_focus_is_never_hidden_behind_the_save_bar(page: Page, centre: str) -> None:
    page.set_viewport_size(SMALL)
    page.goto(centre)
    bar = page.locator(".centre-save")
    for _ in range(30):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
                const one = document.activeElement.getBoundingClientRect();
                const bar = document.querySelector(".centre-save").getBoundingClientRect();
                const inBar = document.querySelector(".centre-save").contains(document.activeElement);
                return !inBar && one.top >= bar.top && one.bottom <= bar.bottom && one.height > 0;
            }"""
        )
        assert not hidden, page.evaluate("document.activeElement.outerHTML")
    expect(bar).to_be_visible()


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_newsletter_page_is_for_everybodys_eyes_and_hands(
    page: Page, live_server: Any, axe: Callable[..., list[str]], theme: str, screen: str, language: str
) -> None:
    page.goto(f"{live_server.url}/join/?lang={language}")
    shot(page, f"join-{language}-{theme}-{screen}")
    assert axe(page) == []
    tab_to(page, page.locator("[name=email]"))
    page.keyboard.type("lou@mail")
    page.keyboard.press("Enter")
    expect(page.locator(".error")).to_be_visible()
    assert axe(page) == []
    page.locator("[name=email]").fill("")
    tab_to(page, page.locator("[name=email]"))
    page.keyboard.type("lou@mail.example")
    page.keyboard.press("Enter")
    page.wait_for_url("**/join/?sent=1*")
    assert axe(page) == []
    page.goto(f"{live_server.url}/join/{tracking.token('confirm', OptIn.objects.get().pk)}?lang={language}")
    shot(page, f"join-confirm-{language}-{theme}-{screen}")
    assert axe(page) == []
    tab_to(page, page.locator("[value=confirm]"))
    page.keyboard.press("Enter")
    expect(page.locator("form")).to_have_count(0)
    assert OptIn.objects.get().outcome == "confirmed"


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_capture_is_for_everybodys_eyes(
    page: Page, patient: Person, bea: Any, signed_in: Any, axe: Callable[..., list[str]], theme: str, screen: str,
    language: str,
) -> None:  # fmt: skip
    Person.objects.filter(pk=patient.pk).update(language=language)
    preferences.say(by=SYSTEM, person_id=patient.pk, wish=Wish(language=language), via="test", now=clock.now())
    signed_in(page, bea, f"/people/{patient.pk}/")
    shot(page, f"person-{language}-{theme}-{screen}")
    page.get_by_role("link", name="Yes to texts about visits").click()
    expect(page.locator("#asking blockquote")).to_be_visible()
    expect(page.locator("#asking blockquote")).to_have_attribute("lang", language)
    shot(page, f"capture-{language}-{theme}-{screen}")
    assert axe(page) == []
    page.locator("#asking").get_by_role("button", name="They said yes").click()
    expect(page.get_by_text("Written down: yes to Visits and care: Text")).to_be_visible()
    shot(page, f"captured-{language}-{theme}-{screen}")
    assert axe(page) == []
    for what in ("", "?what=sms.health_services", "?what=email.newsletter"):
        page.goto(page.url.split("/people/")[0] + f"/people/{patient.pk}/consent/{what}")
        for summary in page.locator("summary").all():
            if summary.is_visible() and not summary.evaluate(
                "one => one.parentElement.open || !!one.closest('[data-menu]')"
            ):
                summary.click()
        shot(page, f"capture-page{what.replace('?what=', '-')}-{language}-{theme}-{screen}")
        assert axe(page) == [], what


def test_the_capture_fits_a_small_phone(page: Page, patient: Person, bea: Any, signed_in: Any) -> None:
    page.set_viewport_size(SMALL)
    signed_in(page, bea, f"/people/{patient.pk}/")
    assert fits(page)
    page.get_by_role("link", name="Yes to texts about visits").click()
    expect(page.locator("#asking blockquote")).to_be_visible()
    assert fits(page)
    assert page.locator("#asking").evaluate("one => one.scrollWidth <= one.clientWidth"), "the dialog scrolls sideways"
    for what in ("", "?what=sms.health_services"):
        page.goto(page.url.split("/people/")[0] + f"/people/{patient.pk}/consent/{what}")
        assert fits(page), what


def test_the_capture_works_by_keyboard_alone(page: Page, patient: Person, bea: Any, signed_in: Any) -> None:
    signed_in(page, bea, f"/people/{patient.pk}/")
    tab_to(page, page.get_by_role("link", name="Yes to texts about visits"))
    page.keyboard.press("Enter")
    expect(page.locator("#asking blockquote")).to_be_focused()
    tab_to(page, page.locator("#asking [name=way]:checked"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.locator("#asking").get_by_role("button", name="They said yes"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Written down: yes to Visits and care: Text")).to_be_visible()
    assert "sms.care" in stands(patient)
    tab_to(page, page.get_by_role("button", name="Undo"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Taken back. All is as it was.")).to_be_visible()
    assert "sms.care" not in stands(patient)
    tab_to(page, page.get_by_role("link", name="Record consent"))
    page.keyboard.press("Enter")
    expect(page.locator("#asking .ask-table")).to_be_visible()
    tab_to(page, page.locator("#asking summary", has_text="How they want to be reached"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#asking [name=language]"))
    page.keyboard.type("Spanish")
    tab_to(page, page.locator("#asking").get_by_role("button", name="Write it down"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Written down.", exact=True)).to_be_visible()
    assert preferences.of(patient.pk).language == "es"


def test_two_clicks_are_enough(page: Page, patient: Person, bea: Any, signed_in: Any) -> None:
    signed_in(page, bea, f"/people/{patient.pk}/")
    page.get_by_role("link", name="Yes to texts about visits").click()
    page.locator("#asking").get_by_role("button", name="They said yes").click()
    expect(page.get_by_text("You can take it back for one minute.")).to_be_visible()
    assert "sms.care" in stands(patient)
