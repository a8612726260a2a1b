"""The browser of the tests can see an accessible and an inaccessible page apart, and notices a third party."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

ICON = '<link rel="icon" href="data:,">'  # else the browser asks the house for one
GOOD = '<!doctype html><html lang="en"><head><title>Good</title></head><body><main><h1>Good</h1></main></body></html>'
BAD = '<!doctype html><html><head><title></title></head><body><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></body></html>'

DIM = """<!doctype html><html lang="en"><head><title>Dim</title><style>
body { color: #000; background: #fff }
@media (prefers-color-scheme: dark) { body { color: #555; background: #444 } }
</style></head><body><main><h1>Hardly to be read at night</h1></main></body></html>"""


@pytest.mark.django_db(transaction=True)
def test_axe_tells_a_good_page_from_a_bad_one(page: Page, axe: Callable[..., list[str]]):
    page.set_content(GOOD.replace("<title>", ICON + "<title>"))
    assert axe(page) == []
    page.set_content(BAD.replace("<title>", ICON + "<title>"))
    assert {problem.split(" ")[0] for problem in axe(page)} >= {"image-alt", "html-has-lang", "document-title"}


@pytest.mark.django_db(transaction=True)
def test_axe_looks_at_the_colours_of_the_other_theme_too(page: Page, axe: Callable[..., list[str]]):
    page.set_content(DIM.replace("<title>", ICON + "<title>"))
    assert [problem.split(" (")[0] for problem in axe(page)] == ["in the dark theme: color-contrast"]
    page.emulate_media(color_scheme="dark")
    assert [problem.split(" (")[0] for problem in axe(page)] == ["color-contrast"]


@pytest.mark.django_db(transaction=True)
def test_colours_that_were_found_good_are_not_looked_at_again_and_bad_ones_are(page: Page, axe, pairings):
    def standing(words: str, behind: str) -> list[str]:
        inside = f'<main><h1>Hi</h1><div style="background: {behind}"><p class="t" style="color: #595959">{words}</p></div></main>'
        page.set_content(GOOD.replace("<title>", ICON + "<title>").replace("<main><h1>Good</h1></main>", inside))
        return [problem.split(" (")[0] for problem in axe(page)]

    twice = ["color-contrast", "in the dark theme: color-contrast"]
    assert standing("on white", "#fff") == []
    assert pairings.mark(page) == []
    assert page.locator("[data-unseen]").count() == 0
    assert standing("other words on white", "#fff") == []
    assert standing("on grey", "#777") == twice
    assert len(pairings.mark(page)) == page.locator("[data-unseen]").count() == 1
    assert standing("on grey again", "#777") == twice
    assert standing("on a glass before grey", "rgba(119, 119, 119, 0.99)") == twice


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_the_window_is_given_back_as_it_was_found(page: Page, live_server: Any, turn: int):
    page.goto(live_server.url + "/account/login/")
    assert page.evaluate("() => [localStorage.getItem('left'), sessionStorage.getItem('left')]") == [None, None]
    assert not [one for one in page.context.cookies() if one["name"] == "left"]
    assert page.evaluate("() => [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [1440, False]
    assert len(page.context.pages) == 1
    page.evaluate("() => { localStorage.setItem('left', '1'); sessionStorage.setItem('left', '1') }")
    page.context.add_cookies([{"name": "left", "value": "1", "url": live_server.url}])
    page.context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    if turn == 1:
        page.close()


@pytest.mark.django_db(transaction=True)
def test_a_page_of_another_house_counts_as_foreign(live_server: Any):
    from tests.browser.conftest import _is_foreign

    assert _is_foreign("https://cdn.example/x.js", live_server.url)
    assert not _is_foreign(f"{live_server.url}/static/x.js", live_server.url)
