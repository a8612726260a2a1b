"""The product as `make run` starts it: every page that each of four users can reach, in both themes, on desktop and phone."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.product import Product, shared
from tests.browser.walk import every_page

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]
STAFF = ("ana", "bea", "cole", "dee")
NAME_IN_TITLE = re.compile(r"@|\d{3}[-.]\d{4}")
# How a page is built: elements with what the access rules look at (classes, roles, labels, kinds), whether there are words in them,
# and not which; of brothers that are built alike, one. A page that is built like one that was scanned is opened like every other,
# and not scanned again: other numbers and names break no rule.
BUILT = """() => {
  const LOOKED_AT = /^(class|role|type|lang|dir|tabindex|hidden|open|disabled|readonly|required|alt|title|for|id|scope|aria-.*)$/;
  const WORDS = /^(alt|title|aria-label|aria-description|id|for|aria-labelledby|aria-describedby|aria-controls|aria-owns)$/;
  const built = (one) => {
    const marks = [...one.attributes].filter((mark) => LOOKED_AT.test(mark.name))
      .map((mark) => mark.name + (WORDS.test(mark.name) ? (mark.value.trim() ? '+' : '-') : '=' + mark.value)).sort();
    const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const within = [...new Set([...one.children].map(built))];
    return `<${one.localName} ${marks}${says ? ' t' : ''}>${within.join('')}`;
  };
  return built(document.querySelector('main') ?? document.body);
}"""


DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
OVERHANG = """() => new Promise((say) => requestAnimationFrame(() => requestAnimationFrame(() =>
  say(document.documentElement.scrollWidth - document.documentElement.clientWidth))))"""


# For this file alone: a product that is up works on beside all tests that follow.
@pytest.fixture(scope="module")
def product(request: pytest.FixtureRequest) -> Iterator[Product]:
    me = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with shared(Path(os.environ["RAPPORT_HOME"]) / "product", me) as running:
        yield running


@pytest.fixture(scope="module")
def logins(product: Product) -> dict[str, tuple[str, str]]:
    """First name -> (e-mail, password), from the file that the supervisor prints."""
    text = (product.home / "demo-logins.txt").read_text()
    word = re.search(r"password (\S+)", text)
    assert word is not None
    return {mail.split("@")[0]: (mail, word[1]) for mail in re.findall(r"\S+@\S+", text)}


@pytest.fixture(scope="module")
def enter(browser: Browser, product: Product, logins: dict[str, tuple[str, str]]) -> Callable[..., Page]:
    """`enter("ana", viewport=...)`: a page of her own, signed in by the form the first time and by its cookie after that."""
    states: dict[str, Any] = {}

    def go(who: str, **context: Any) -> Page:
        page = browser.new_context(reduced_motion="reduce", storage_state=states.get(who), **context).new_page()
        page.set_default_timeout(15_000)
        if who not in states:
            page.goto(product.url + "/account/login/")
            page.get_by_label(re.compile("e-?mail", re.I)).fill(logins[who][0])
            page.get_by_label(re.compile("^password", re.I)).fill(logins[who][1])
            page.get_by_role("button", name=re.compile("sign in|log in", re.I)).first.click()
            page.wait_for_url(lambda url: "/login" not in url)
            states[who] = page.context.storage_state()
        return page

    return go


@pytest.mark.parametrize("who", STAFF)
def test_every_page_is_accessible_in_both_themes_and_fits_a_small_phone_and_asks_nobody_else(product, enter, axe, who):
    page = enter(who, color_scheme="light", viewport=DESK)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"script error on {page.url}: {error}"))
    page.on(
        "console", lambda said: wrong.append(f"console on {page.url}: {said.text}") if said.type == "error" else None
    )
    page.on(
        "request",
        lambda asked: (
            wrong.append(f"asked {asked.url}")
            if not asked.url.startswith((product.url, "data:", "blob:", "about:"))
            else None
        ),
    )
    visited = scanned = 0
    for _name, path in every_page(page, product.url, is_first=product.is_new):
        visited += 1
        for size in (
            (DESK, PHONE) if visited % 2 else (PHONE, DESK)
        ):  # each page is loaded at the size at which the one before was left
            if page.viewport_size != size:
                page.set_viewport_size(size)
            if size == PHONE and (over := overhang(page)) > 0:
                wrong.append(f"{path} is {over} px too wide for a small phone")
            if size == DESK and product.is_new(page.evaluate(BUILT)):
                scanned += 1
                wrong += [f"{path}: {found}" for found in axe(page)]
        assert not NAME_IN_TITLE.search(page.title()), f"{path} has a person in its title"
    page.context.close()
    assert visited >= 4
    assert scanned >= 1, "everybody has pages of her own"
    assert not wrong, "\n".join(wrong)


def overhang(page: Page) -> int:
    """How far the page at hand scrolls sideways, in px."""
    over: int = page.evaluate(OVERHANG)
    return over
