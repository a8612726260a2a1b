"""What the small scripts do, in a real browser under the strict policy of the house."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.conftest import AXE_RUN

pytestmark = [pytest.mark.urls("tests.ui.addresses"), pytest.mark.browser]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


def violations(page: Page) -> list[dict[str, Any]]:
    if page.evaluate("() => !window.axe"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(AXE_RUN, {**RULES, "resultTypes": ["violations"]})


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("path", "size"),
    [("/ui/", "desktop"), ("/ui/", "phone"), ("/ui/public/", "phone"), ("/ui/public/?colour=clay", "phone")],
)
def test_axe_finds_nothing(gallery, path: str, size: str, theme: str) -> None:
    page = gallery(path, theme)
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))
    found = violations(page)
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("path", ["/ui/", "/ui/public/"])
def test_nothing_scrolls_sideways_on_a_small_phone(gallery, path: str) -> None:
    page = gallery(path)
    page.set_viewport_size({"width": 360, "height": 640})
    assert overflow(page) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_layers_are_accessible_too(gallery, theme: str) -> None:
    page = gallery(theme=theme)
    for name in ("example-dialog", "example-drawer", "palette"):
        page.evaluate(f"document.getElementById('{name}').showModal()")
        found = violations(page)
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        page.keyboard.press("Escape")


def test_a_chosen_theme_is_shown_at_once_and_kept(gallery) -> None:
    page = gallery()
    page.get_by_role("button", name="Dark", exact=True).click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert {"theme": "dark"}.items() <= {one["name"]: one["value"] for one in page.context.cookies()}.items()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_system_theme_follows_the_system(gallery) -> None:
    page = gallery(theme="system")
    colours = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    page = gallery(theme="dark")
    page.emulate_media(color_scheme="light")
    assert colours[0] != colours[1] == page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_palette_finds_an_action_of_the_page_and_does_it(gallery) -> None:
    page = gallery()
    page.evaluate(
        "document.querySelector('[data-palette-action]').addEventListener('click', () => { document.title = 'done' })"
    )
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Type a command or a place")).to_be_focused()
    page.keyboard.type("approve")
    expect(page.locator("#palette-list [role=option]:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).not_to_be_visible()
    assert page.title() == "done"


def test_the_palette_goes_to_a_place(gallery) -> None:
    page = gallery()
    page.keyboard.press("Control+k")
    page.keyboard.type("today")
    page.keyboard.press("Enter")
    page.wait_for_url("http://rapport.test/")


def test_slash_searches_and_letters_typed_there_stay_letters(gallery) -> None:
    page = gallery()
    page.keyboard.press("/")
    field = page.get_by_role("searchbox", name="Search campaigns")
    expect(field).to_be_focused()
    page.keyboard.type("jk/")
    expect(field).to_have_value("jk/")
    expect(page.locator(".chosen")).to_have_count(0)


def test_j_and_k_move_and_the_focus_goes_along(gallery) -> None:
    page = gallery()
    for key in "jjk":
        page.keyboard.press(key)
    expect(page.locator(".chosen")).to_have_count(1)
    expect(page.get_by_role("link", name="Knee pain, first visit")).to_be_focused()


def test_escape_closes_a_dialog_and_gives_the_focus_back(gallery) -> None:
    page = gallery()
    opener = page.get_by_role("button", name="New campaign")
    opener.click()
    expect(page.get_by_role("dialog", name="Send to 1,284 people?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#example-dialog")).not_to_be_visible()
    expect(opener).to_be_focused()


def test_a_menu_stays_on_a_small_screen(gallery) -> None:
    page = gallery()
    page.set_viewport_size({"width": 360, "height": 640})
    page.locator("main details[data-menu] summary").first.click()
    box = page.locator(".menu-list").first.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_the_places_slide_in_on_a_phone_and_escape_puts_them_away(gallery) -> None:
    page = gallery()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("navigation", name="Places")).not_to_be_visible()
    page.get_by_role("button", name="Places").click()
    expect(page.get_by_role("navigation", name="Places")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="Places")).not_to_be_visible()


def test_an_untouched_page_is_emptied_after_fifteen_minutes(lone_page: Page, lone_gallery) -> None:
    page = lone_page
    page.clock.install()
    lone_gallery()
    page.clock.fast_forward("14:00")
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    page.keyboard.press("Shift")
    page.clock.fast_forward("14:00")
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    page.clock.fast_forward("01:30")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in again")).to_be_visible()
    assert "Pat Rivera" not in page.content()


POLL = """(trigger) => {
  const one = document.createElement('div');
  one.setAttribute('hx-get', '/elsewhere/');
  one.setAttribute('hx-trigger', trigger);
  one.setAttribute('hx-swap', 'none');
  document.querySelector('main').append(one);
  htmx.process(one);
  if (trigger === 'click') one.click();
}"""


@pytest.mark.parametrize(("trigger", "marked"), [("every 100ms", "1"), ("click", None)])
def test_a_poll_says_that_nobody_is_there_and_a_click_does_not(
    gallery, asked, trigger: str, marked: str | None
) -> None:
    page = gallery()
    with page.expect_response("**/elsewhere/"):
        page.evaluate(POLL, trigger)
    [first, *_] = [one for one in asked if one.url.endswith("/elsewhere/")]
    assert first.headers.get("x-background") == marked
    assert "x-csrftoken" in first.headers


def test_a_toast_leaves_but_not_while_it_is_read(lone_page: Page, lone_gallery) -> None:
    page = lone_page
    page.clock.install()
    lone_gallery()
    page.evaluate("""import('/static/ui/js/toast.js').then(({ say }) => { say('Saved'); say('Kept'); })""")
    expect(page.locator(".toasts [data-toast]")).to_have_count(2)
    page.get_by_text("Kept", exact=True).hover()
    page.clock.fast_forward("00:10")
    expect(page.locator(".toasts [data-toast]")).to_have_count(1)
    expect(page.get_by_text("Kept", exact=True)).to_be_visible()


def test_the_scripts_of_a_page_stay_small(gallery) -> None:
    page = gallery()
    script = """performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.js'))
        .reduce((sum, one) => sum + one.decodedBodySize, 0)"""
    assert 20_000 < page.evaluate(script) < 150_000
