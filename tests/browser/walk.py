"""A walk through every page: follow the links that a signed-in user sees, two addresses for each route, or one."""

import re
from collections import deque
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

EACH = 2  # addresses of one route that are looked at by who comes there first; who comes later looks at one
SKIPPED = re.compile(r"/(logout|login|static|c|o|u|p|download|export)/|\.(json|csv|pdf|svg|gif|ics)$")


def every_page(page: Page, house: str, is_first: Callable[[str], bool], start: str = "/") -> Iterator[tuple[str, str]]:
    """Open page after page; yields (route name, path) while the page is open. `is_first`: whether nobody was at this route yet."""
    waiting, seen, left = deque([start]), {start}, dict[str, int]()
    while waiting:
        path = waiting.popleft()
        name = route_of(path)
        if name is None or left.get(name) == 0:
            continue
        left[name] = left.get(name, EACH if is_first(name) else 1) - 1
        answer = page.goto(house + path)
        assert answer is not None
        assert answer.status < 400, f"{path} answered {answer.status}"
        if "html" not in (answer.headers.get("content-type") or ""):
            continue
        yield name, path
        for link in page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))"):
            parts = urlsplit(urljoin(page.url, link))
            known = parts.path + (f"?{parts.query}" if parts.query and "/?" not in link else "")
            if f"{parts.scheme}://{parts.netloc}" == house and known not in seen and not SKIPPED.search(parts.path):
                seen.add(known)
                waiting.append(parts.path)


def route_of(path: str) -> str | None:
    try:
        return resolve(urlsplit(path).path).view_name or None
    except Resolver404:
        return None
