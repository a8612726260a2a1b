"""Ana designs a letter in the browser: blocks, words, conditions, faces, publishing; by mouse and by keyboard, at a desk and on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rapport.content import snippets, starters
from rapport.content.models import Version
from rapport.kit import clock
from rapport.trust.actors import SYSTEM
from tests.browser.conftest import SIZES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def letters(transactional_db: None) -> dict[str, Version]:
    return starters.load(by=SYSTEM, now=clock.now())


def test_ana_designs_a_letter_and_publishes_it(
    page: Page, signed_in: Callable[..., Page], ana: Any, letters: Any, look: Callable[..., Any]
) -> None:
    signed_in(page, ana, "/content/starters/")
    expect(page.get_by_role("heading", name="Starters")).to_be_visible()
    look(page, "starters")
    page.locator("li", has_text="Annual check-up reminder").get_by_role("button", name="Use it").click()

    frame = page.frame_locator("#stage iframe:not([data-coming])")
    expect(frame.get_by_text("Half an hour that is all about you")).to_be_visible()
    look(page, "designer")
    page.reload()  # what looked at the page has left marks on it
    page.get_by_label("Subject").fill("Your yearly visit with us")
    page.locator("#open-b2").click()
    words = page.locator(".rich-words").first
    words.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" We look forward to it.")
    expect(frame.get_by_text("We look forward to it.")).to_be_visible()
    look(page, "designer block")
    page.goto(f"{page.url}?block=b2")

    page.get_by_text("Insert a field").click()
    page.get_by_role("button", name="The person's own location").click()
    expect(frame.get_by_text("Riverbend Lowell").first).to_be_visible()

    page.get_by_text("Who sees it").click()
    page.get_by_label("Language").select_option("es")
    page.locator(".seen-by summary").click()
    page.get_by_label("Pat, 54").check()
    expect(frame.get_by_text("We look forward to it.")).to_have_count(0)
    page.locator(".seen-by summary").click()
    page.get_by_label("Everybody: all blocks").check()
    expect(frame.get_by_text("We look forward to it.")).to_be_visible()

    page.locator(".segmented label", has_text="Dark").click()
    expect(page.locator("#stage")).to_have_class("preview preview-dark stage")
    page.locator(".segmented label", has_text="Plain text").click()
    expect(frame.get_by_text("Choose a day and time")).to_be_visible()
    page.locator(".segmented label", has_text="Desktop").click()

    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("Version 1 waits for its reviews.")).to_be_visible()
    made = Version.objects.get(piece__slug="annual-check-up-2")
    assert [one["kind"] for one in made.conditions] == ["language"]
    assert "{% if show.c0 %}" in made.html


def test_blocks_are_added_moved_and_taken_back_by_keyboard_alone(
    page: Page, signed_in: Callable[..., Page], ana: Any, letters: Any
) -> None:
    signed_in(page, ana, "/content/piece/newsletter/design/")
    names = page.locator(".block-title")
    before = names.all_inner_texts()
    page.locator("#open-b1").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(names.nth(1)).to_have_text("Banner")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(names.nth(0)).to_have_text("Banner")
    assert names.all_inner_texts() == before
    page.locator(".add-block summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Quote", exact=False).first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".block-open .block-title")).to_have_text("Quote")


@pytest.mark.parametrize(
    "path", ["piece/newsletter/design/?block=b3", "brand/", "pictures/", "snippets/hours/", "snippets/", "starters/"]
)
def test_every_page_of_the_designer_can_be_used_on_a_phone(
    page: Page, signed_in: Callable[..., Page], ana: Any, letters: Any, look: Callable[..., Any], path: str
) -> None:
    snippets.start(by=SYSTEM, name="Hours", language="en", now=clock.now())
    signed_in(page, ana, f"/content/{path}")
    page.wait_for_load_state("networkidle")
    look(page, f"desk {path.partition('?')[0].replace('/', '-')}")
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    look(page, f"phone {path.partition('?')[0].replace('/', '-')}")
