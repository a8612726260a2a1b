"""Chromium over pages made here and now: no server, no database, no network, under the strict policy of the house."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import RequestFactory
from playwright.sync_api import Browser, BrowserContext, Page, Route

from rapport.ui import views
from tests.windows import LAUNCHED, Window
from tools.bootstrap import find_chromium

HOUSE = "http://rapport.test"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'"
ANA = SimpleNamespace(is_authenticated=True, get_full_name=lambda: "Ana Duarte", get_username=lambda: "ana")
USUAL = {"width": 1280, "height": 720}
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("NO CHROMIUM: install it (`apt install chromium`) or set RAPPORT_CHROMIUM")
    return {**browser_type_launch_args, "executable_path": chromium, "args": LAUNCHED}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Motion is off, as for those who ask: a colour on its way is no finding."""
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture
def asked() -> list[Any]:
    """Every request the page made that is not a file of ours."""
    return []


@pytest.fixture(scope="session")
def window(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Window]:
    context = browser.new_context(**browser_context_args)
    yield Window(context, HOUSE, {})
    context.close()


@pytest.fixture
def page(window: Window) -> Iterator[Page]:
    window.page.set_viewport_size(USUAL)  # type: ignore[arg-type]
    window.page.emulate_media(color_scheme="light", reduced_motion="reduce", media="screen")
    yield window.page
    window.give_back()


@pytest.fixture
def lone_page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page in a context of its own, for a test that leaves something behind that can't be taken back."""
    return new_context().new_page()


@pytest.fixture
def gallery(page: Page, asked: list[Any]) -> Iterator[Callable[..., Page]]:
    """Opens the gallery as Ana: `gallery(path="/ui/", theme="dark")`; complaints of the browser fail the test."""
    with _gallery(page, asked) as go:
        yield go


@pytest.fixture
def lone_gallery(lone_page: Page, asked: list[Any]) -> Iterator[Callable[..., Page]]:
    with _gallery(lone_page, asked) as go:
        yield go


@contextmanager
def _gallery(page: Page, asked: list[Any]) -> Iterator[Callable[..., Page]]:
    complaints: list[str] = []
    listeners: dict[Any, Callable[[Any], None]] = {
        "pageerror": lambda error: complaints.append(str(error)),
        "console": lambda said: complaints.append(said.text) if said.type == "error" else None,
    }
    for event, listen in listeners.items():
        page.on(event, listen)
    page.context.route("**/*", lambda route: _serve(route, asked))

    def go(path: str = "/ui/", theme: str = "light") -> Page:
        page.context.add_cookies([{"name": "theme", "value": theme, "url": HOUSE}])
        page.goto(HOUSE + path)  # until `load`: the scripts have run
        return page

    yield go
    for event, listen in listeners.items():
        page.remove_listener(event, listen)
    assert complaints == []


def _serve(route: Route, asked: list[Any]) -> None:
    path = urlsplit(route.request.url).path
    if not route.request.url.startswith(HOUSE):
        route.abort()
    elif path.startswith("/static/"):
        found = Path(finders.find(path.removeprefix("/static/")))
        route.fulfill(body=found.read_bytes(), content_type=KINDS[found.suffix])
    else:
        asked.append(route.request)
        if path in ("/ui/", "/ui/public/"):
            view = views.gallery if path == "/ui/" else views.public_gallery
            html = view(_request(route.request)).content
        else:
            html = b"<!doctype html><title>Elsewhere</title>"
        route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": POLICY})


def _request(sent: Any) -> Any:
    request = RequestFactory().get(sent.url.removeprefix(HOUSE))
    request.user, request.may = ANA, lambda verb: True
    if "theme=" in (cookie := sent.all_headers().get("cookie", "")):
        request.COOKIES["theme"] = cookie.split("theme=")[1].split(";")[0]
    return request
