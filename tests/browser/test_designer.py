"""Ana designs a letter in the browser: blocks, words, conditions, faces, publishing; by mouse and by keyboard, at a desk and on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rapport.content import actions, snippets, starters, texting
from rapport.content.models import Version
from rapport.kit import clock
from rapport.trust.actors import SYSTEM
from tests import people_cast
from tests.browser.conftest import BUSY, SIZES

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
    page.get_by_role("button", name="Use it : Annual check-up reminder", exact=True).click()

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
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_label("Language").select_option("es")
    expect(page.locator(BUSY)).to_have_count(0)  # the menu is made anew with the picture
    page.locator(".seen-by summary").click()
    page.get_by_label("Pat, 54").check()
    expect(page.locator(".seen-by summary")).to_contain_text("Pat")
    expect(frame.get_by_text("We look forward to it.")).to_have_count(0)
    page.locator(".seen-by summary").click()
    page.get_by_label("Everybody: all blocks").check()
    expect(frame.get_by_text("We look forward to it.")).to_be_visible()

    people_cast.person(given="Rosalind")
    page.locator(".seen-by summary").click()
    page.get_by_label("A real person, masked").fill("Rosalind")
    page.locator('.seen-list input[value^="person:"]').check()
    expect(page.locator(".seen-by summary")).to_contain_text("R., ")
    page.locator(".seen-by summary").click()
    page.get_by_label("Everybody: all blocks").check()
    expect(page.locator(".seen-by summary")).to_contain_text("Everybody")

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


def _drag(page: Page, name: str, onto: str, below: bool = True, let_go: bool = True) -> None:
    grip, target = (
        page.locator(f"#block-{name} .block-grip").bounding_box(),
        page.locator(f"#block-{onto}").bounding_box(),
    )
    assert grip
    assert target
    page.mouse.move(grip["x"] + 10, grip["y"] + 10)
    page.mouse.down()
    page.mouse.move(grip["x"] + 12, grip["y"] + 30, steps=3)
    page.mouse.move(grip["x"] + 12, target["y"] + target["height"] * (0.9 if below else 0.1), steps=5)
    if let_go:
        page.mouse.up()


def test_a_block_is_dragged_by_its_handle_and_the_page_says_where_it_went(
    page: Page, signed_in: Callable[..., Page], ana: Any, letters: Any
) -> None:
    signed_in(page, ana, "/content/piece/newsletter/design/")
    names = page.locator(".block-title")
    before = names.all_inner_texts()
    _drag(page, "b1", "b3")
    expect(names.nth(2)).to_have_text("Banner")
    expect(page.locator("#news")).to_have_text(f"Banner: number 3 of {len(before)}.")
    page.reload()
    expect(names.nth(2)).to_have_text("Banner")

    _drag(page, "b1", "b2", below=False, let_go=False)
    expect(page.locator(".block-here")).to_have_count(1)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".block-held")).to_have_count(0)
    expect(names.nth(2)).to_have_text("Banner")

    page.get_by_role("button", name="Undo").click()
    expect(names.nth(0)).to_have_text("Banner")
    expect(page.locator("#news")).to_have_text("The last step was taken back.")
    page.get_by_role("button", name="Remove Banner").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#news")).to_have_text("Banner was removed. Undo brings it back.")
    page.get_by_role("button", name="Undo").click()
    expect(names).to_have_text(before)


def test_a_finger_drags_a_block_too(page: Page, signed_in: Callable[..., Page], ana: Any, letters: Any) -> None:
    page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    signed_in(page, ana, "/content/piece/newsletter/design/")
    names = page.locator(".block-title")
    page.locator("#block-b1").scroll_into_view_if_needed()
    grip, target = page.locator("#block-b1 .block-grip").bounding_box(), page.locator("#block-b2").bounding_box()
    assert grip
    assert target
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = grip["x"] + 10, grip["y"] + 12
    finger("touchStart", x, y)
    for part in range(1, 6):
        finger("touchMove", x, y + (target["y"] + target["height"] * 0.9 - y) * part / 5)
    finger("touchEnd")
    expect(names.nth(1)).to_have_text("Banner")
    touch.detach()


SCRIPTS = ("call", "portal", "push")


@pytest.mark.parametrize("channel", SCRIPTS)
def test_ana_writes_for_a_channel_that_is_no_letter(
    page: Page, signed_in: Callable[..., Page], ana: Any, transactional_db: None, look: Callable[..., Any], channel: str
) -> None:
    made = actions.start(
        by=ana, name="Visit", topic="care", language="en", now=clock.now(), channel=channel, slug="visit"
    )
    signed_in(page, ana, f"/content/piece/{made.slug}/edit/")
    if channel == "call":
        page.get_by_label("Points to make").fill("It is time for a visit.")
        expect(page.locator(".told-sheet")).to_contain_text("It is time for a visit.")
        page.get_by_label("To a machine, only this").fill("About your diabetes.")
        expect(page.locator("#look")).to_contain_text("tells others about somebody's health")
        page.get_by_label("To a machine, only this").fill("{{ clinic.name }}, {{ clinic.phone }}")
        page.get_by_label("Question 1").fill("Shall we find a day?")
        page.get_by_role("button", name="Another question").click()
        expect(page.get_by_label("Question 3")).to_be_visible()
    elif channel == "portal":
        page.get_by_label("Subject").fill("A message from us")
        page.get_by_label("Text", exact=True).fill("Hello {{ person.given }}, come and see us.")
        page.get_by_role("textbox", name="Words").fill("Choose a day")
        expect(page.locator(".told-mail")).to_contain_text("Choose a day: the booking page")
        people_cast.person(given="Rosalind")
        page.locator(".seen-by > summary").press("Enter")
        page.get_by_label("A real person, masked").fill("Rosalind")
        page.get_by_role("radio", name="R., 55").or_(page.get_by_role("radio", name="R., 56")).wait_for()
        look(page, "edit portal as whom")
        page.locator('.seen-list input[value^="person:"]').press("Space")
        expect(page.locator(".told-mail")).to_contain_text("Hello R., come and see us.")
        page.get_by_label("Subject").fill("A word from us")
        expect(page.locator(".told-mail")).to_contain_text("A word from us")
        expect(page.locator(".told-mail")).to_contain_text("Hello R.,")
    else:
        page.get_by_role("textbox", name="Title").fill("A message from us")
        page.get_by_role("textbox", name="Line").fill("Please have a look.")
        expect(page.locator(".told-locked")).to_contain_text("You have a new message.")
        expect(page.locator(".told-lengths")).to_contain_text("17 / 50")
    expect(page.locator("#look")).to_contain_text("Nothing to mend.")
    look(page, f"edit {channel}")
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    look(page, f"edit {channel} phone")
    page.reload()
    page.get_by_role("button", name="Hand in for review").click()
    expect(page.get_by_text("Version 1 waits for its reviews.")).to_be_visible()
    look(page, f"review {channel}")


@pytest.mark.parametrize(
    "path",
    [
        "piece/newsletter/design/?block=b3", "brand/", "pictures/", "snippets/hours/", "snippets/", "starters/", "", "new/",
        "piece/newsletter/", "piece/newsletter/about/", "piece/sms-help/edit/", "reviews/",
    ],
)  # fmt: skip
def test_every_page_of_the_designer_can_be_used_on_a_phone(
    page: Page, signed_in: Callable[..., Page], ana: Any, letters: Any, look: Callable[..., Any], path: str
) -> None:
    snippets.start(by=SYSTEM, name="Hours", language="en", now=clock.now())
    texting.starter(by=SYSTEM, slug="sms-help", now=clock.now())
    signed_in(page, ana, f"/content/{path}")
    page.wait_for_load_state("networkidle")
    look(page, f"desk {path.partition('?')[0].replace('/', '-')}")
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    look(page, f"phone {path.partition('?')[0].replace('/', '-')}")
