"""Chromium for the tests: found on the system (Playwright's own download is not used), signed in as one of the cast."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.pairings import ONLY_MARKED, RULES, Pairings
from tests.windows import LAUNCHED, OPENER, Window
from tools.bootstrap import find_chromium

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
BUSY = ".htmx-request, .htmx-swapping, .htmx-settling"
STILL = "() => Promise.allSettled(document.getAnimations().map(one => one.finished))"
AXE_RUN = (
    "asked => axe.run(asked).then(found => found.violations)"  # what is right is thousands of nodes, and not sent back
)
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser these tests are skipped, and the run says so aloud."""
    here = [item for item in items if "tests/browser/" in item.nodeid]
    for item in here:
        item.add_marker(pytest.mark.browser)
    if here and find_chromium() is None:
        for item in here:
            item.add_marker(
                pytest.mark.skip(reason="NO CHROMIUM: install it (`apt install chromium`) or set RAPPORT_CHROMIUM")
            )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": LAUNCHED}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": SIZES["desktop"],
        "locale": "en-US",
        "timezone_id": "America/New_York",
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def window(browser: Browser, browser_context_args: dict[str, Any], live_server: Any) -> Iterator[Window]:
    context = browser.new_context(**browser_context_args)
    yield Window(context, live_server.url, OPENER)
    context.close()


@pytest.fixture
def page(window: Window, live_server: Any) -> Iterator[Page]:
    """A page that fails its test when a script fails, the policy is broken, or anything outside the house is asked for."""
    page = window.page
    complaints: list[str] = []
    listeners: dict[Any, Callable[[Any], None]] = {
        "pageerror": lambda error: complaints.append(f"script error: {error}"),
        "console": lambda said: complaints.append(f"console: {said.text}") if _is_wrong(said) else None,
        "request": lambda asked: (
            complaints.append(f"third party: {asked.url}") if _is_foreign(asked.url, live_server.url) else None
        ),
    }
    for event, listen in listeners.items():
        page.on(event, listen)
    page.set_default_timeout(10_000)
    page.set_viewport_size(SIZES["desktop"])  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light", reduced_motion="reduce", media="screen")
    yield page
    for event, listen in listeners.items():
        page.remove_listener(event, listen)
    window.give_back()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def signed_in(live_server: Any) -> Callable[..., Page]:
    """`signed_in(page, ana, "/segments/")`: the page as this user, without walking through the login form."""

    def enter(page: Page, user: Any, path: str = "/") -> Page:
        client = Client()
        client.force_login(user, backend=_backend())
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": live_server.url}]
        )
        page.goto(live_server.url + path)
        return page

    return enter


@pytest.fixture(scope="session")
def pairings() -> Pairings:
    return Pairings(Path(os.environ["RAPPORT_HOME"]) / "pairings")


@pytest.fixture
def axe(pairings: Pairings) -> Callable[[Page], list[str]]:
    """`axe(page)`: what is wrong with the page's accessibility, in words; empty when nothing is.

    All rules as the page stands; then the rules about colour in the other theme, which has other colours and nothing else. Colours
    that were looked at and found good on another page are not looked at again.
    """

    def scan(page: Page) -> list[str]:
        expect(page.locator(BUSY)).to_have_count(0)  # what waits for an answer is faded meanwhile
        if page.evaluate("() => !window.axe"):  # half a megabyte, once a page
            page.evaluate(AXE_SCRIPT)
            page.evaluate(ONLY_MARKED)
        now = "dark" if page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches") else "light"
        other = "light" if now == "dark" else "dark"
        page.evaluate(STILL)  # a colour on its way from one theme to the other is no finding
        here = pairings.mark(page)
        wrong = _broken(page, {"type": "tag", "values": WCAG})
        page.emulate_media(color_scheme=other)
        page.evaluate(STILL)
        there = pairings.mark(page)
        others = _broken(page, {"type": "rule", "values": list(RULES)}) if there else []
        page.emulate_media(color_scheme=now)
        if not wrong + others:
            pairings.are_good(here + there)
        return wrong + [f"in the {other} theme: {one}" for one in others]

    return scan


@pytest.fixture
def look(axe: Callable[[Page], list[str]]) -> Callable[[Page, str], None]:
    """No violation of the access rules, in light and in dark."""

    def scan(page: Page, name: str) -> None:
        for scheme in ("dark", "light") if os.environ.get("SHOTS") else ():
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{os.environ['SHOTS']}/{name.replace(' ', '_')}_{scheme}.png", full_page=True)
        assert axe(page) == [], name

    return scan


@pytest.fixture(params=[("light", "desktop"), ("dark", "phone")], ids=["light-desktop", "dark-phone"])
def view(request: pytest.FixtureRequest, page: Page) -> tuple[str, str]:
    """Each test that takes this runs in daylight at a desk and in the dark on a phone; `axe` looks at the colours of both themes
    in either."""
    scheme, size = request.param
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    return scheme, size


@pytest.fixture
def theme(view: tuple[str, str]) -> str:
    return view[0]


@pytest.fixture
def screen(view: tuple[str, str]) -> str:
    return view[1]


def _broken(page: Page, which: dict[str, Any]) -> list[str]:
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} — {node['failureSummary'][:300]}"
        for one in page.evaluate(AXE_RUN, {"runOnly": which, "resultTypes": ["violations"]})
        for node in one["nodes"]
    ]


def _backend() -> str:
    """The one that looks users up; the first in the list may only count failed logins."""
    return str(settings.AUTHENTICATION_BACKENDS[-1])


def _is_wrong(said: ConsoleMessage) -> bool:
    """An error, except that the browser remarks on every form that comes back with what is wrong in it (422)."""
    return said.type == "error" and "status of 422" not in said.text


def _is_foreign(url: str, house: str) -> bool:
    return not url.startswith((house, "data:", "blob:", "about:", "chrome:"))
