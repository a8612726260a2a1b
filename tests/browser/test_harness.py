"""The browser of the tests can see an accessible and an inaccessible page apart, and notices a third party."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

GOOD = '<!doctype html><html lang="en"><head><title>Good</title></head><body><main><h1>Good</h1></main></body></html>'
BAD = '<!doctype html><html><head><title></title></head><body><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></body></html>'


@pytest.mark.django_db(transaction=True)
def test_axe_tells_a_good_page_from_a_bad_one(page: Page, axe: Callable[..., list[str]]):
    page.set_content(GOOD)
    assert axe(page) == []
    page.set_content(BAD)
    assert {problem.split(" ")[0] for problem in axe(page)} >= {"image-alt", "html-has-lang", "document-title"}


@pytest.mark.django_db(transaction=True)
def test_a_page_of_another_house_counts_as_foreign(live_server: Any):
    from tests.browser.conftest import _is_foreign

    assert _is_foreign("https://cdn.example/x.js", live_server.url)
    assert not _is_foreign(f"{live_server.url}/static/x.js", live_server.url)
