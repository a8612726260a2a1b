"""Screenshots of every page, light and dark, at desktop and phone width, into a folder outside git.

    make shots                              of the running installation, or of a throw-away demo when none runs
    make shots ARGS="--only home:person"    some pages, by route name or part of a route
    make shots ARGS="--out /some/folder"

The pages are those of the URL configuration: routes without arguments are opened as they are; for the others the links
of the pages already seen are followed until examples are found. Every page is pictured as the first demo user who may.
Beside the pictures stands `index.html`, and the end says which routes no example was found for.
"""

import argparse
import html
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import BrowserContext, Error, Page, Playwright, sync_playwright

from rapport.kit import home, postgres
from rapport.kit.supervisor import doors
from tools.bootstrap import find_chromium

SIZES = {"1440": (1440, 900), "390": (390, 844)}
THEMES = ("light", "dark")
NEVER = re.compile(r"logout|\.(gif|csv|json|pdf|xml|txt)$|^(__|static|media)")
DEMO_PATIENCE = 300.0
EXAMPLES = 4  # of a route: one campaign is a draft, another is live


@dataclass
class Tour:
    """What is known while walking: a few example addresses a route, what was opened, and which routes only take a form.

    One example of a route is pictured, and each of its parts (`?part=`); the others are opened for the links on them. A user opens
    an example of what another has opened, too: a page offers each what each may do.
    """

    base: str
    examples: dict[str, list[str]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    known_to: set[tuple[str, str]] = field(default_factory=set)  # user and route
    pictured: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)

    def learn(self, links: list[str]) -> None:
        for link in links:
            parts = urlsplit(urljoin(self.base, link))
            if f"{parts.scheme}://{parts.netloc}" != self.base:
                continue
            route = route_of(parts.path)
            if route is not None and not NEVER.search(route):
                known = self.examples.setdefault(route, [])
                address = parts.path + (f"?{parts.query}" if parts.query else "")
                if address not in known and (len(known) < EXAMPLES or part_of(address)):
                    known.append(address)

    def todo(self, user: str) -> list[tuple[str, str]]:
        return [
            (route, address) for route, known in self.examples.items() if route not in self.forms
            for address in known if address not in self.opened or (user, route) not in self.known_to
        ]  # fmt: skip

    def found(self) -> set[str]:
        """Routes of which an example was opened, and those that only take a form."""
        return {
            route for route, known in self.examples.items() if any(one in self.opened for one in known)
        } | self.forms


def part_of(address: str) -> str:
    """The part of a page that an address names."""
    return next((word[5:] for word in urlsplit(address).query.split("&") if word.startswith("part=")), "")


def main() -> int:
    wishes = _wishes()
    chromium = find_chromium()
    if chromium is None:
        print("There is no Chromium on this machine (`apt install chromium`).", file=sys.stderr)
        return 1
    out = Path(wishes.out)
    out.mkdir(parents=True, exist_ok=True)
    with installation() as base, sync_playwright() as playwright:
        routes = set_up_django()
        missing = walk(playwright, chromium, Tour(base), routes, wishes.only, out)
    write_index(out)
    print(f"{len(list(out.glob('*.png')))} pictures in {out}")
    if missing and not wishes.only:
        print("No example was found for: " + ", ".join(sorted(missing)))
    return 0


def walk(playwright: Playwright, chromium: str, tour: Tour, routes: list[str], only: str, out: Path) -> set[str]:
    """Open page after page as each user in turn; the routes nobody could open are returned."""
    browser = playwright.chromium.launch(executable_path=chromium, args=["--disable-dev-shm-usage"])
    tour.learn(["/" + route for route in routes if "<" not in route])
    for user, cookies in [*sessions(tour.base), ("nobody", [])]:
        context = browser.new_context(reduced_motion="reduce")
        context.add_cookies(cookies)
        refused: set[str] = set()
        while addresses := [(route, one) for route, one in tour.todo(user) if one not in refused]:
            for route, address in addresses:
                if (user, route) in tour.known_to and address in tour.opened:
                    continue
                if route not in tour.forms and not visit(context, tour, route, address, user, only, out):
                    refused.add(address)
        context.close()
    browser.close()
    return {route for route in routes if route not in tour.found() and not NEVER.search(route)}


def visit(context: BrowserContext, tour: Tour, route: str, address: str, user: str, only: str, out: Path) -> bool:
    """Open one example of this route; True when this user may see it."""
    page, said = context.new_page(), set[int]()
    page.on("response", lambda one: said.add(one.status) if one.request.is_navigation_request() else None)
    try:
        answer = page.goto(tour.base + address, wait_until="load")
        if answer is None or answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            return False
        if route_of(urlsplit(page.url).path) != route:  # sent elsewhere: to the login page, or on to another step
            tour.learn([page.url])
            return False
        tour.opened.add(address)
        tour.known_to.add((user, route))
        tour.learn(page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)"))
        name = picture_of(route, address)
        if name not in tour.pictured and (only in route or only in name_of(route)):
            tour.pictured.add(name)
            take(page, name, user, out)
        return True
    except Error as error:  # also an answer without a page, or a file
        if not said & {403, 404, 405} and "Download is starting" not in str(error):
            print(f"  {route}: {str(error).splitlines()[0]}", file=sys.stderr)
        return False
    finally:
        if 405 in said:
            tour.forms.add(route)
        page.close()


def picture_of(route: str, address: str) -> str:
    """What the pictures of an address are called."""
    part = part_of(address)
    name = re.sub(r"[^a-z0-9]+", "-", route.lower()).strip("-") or "start"
    return f"{name}-part-{re.sub(r'[^a-z0-9]+', '-', part.lower())}" if part else name


def take(page: Page, name: str, user: str, out: Path) -> None:
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.wait_for_timeout(150)
            page.screenshot(path=out / f"{name}.{size}.{theme}.png", full_page=True)
    print(f"  {name}  ({user})", file=sys.stderr, flush=True)


@contextmanager
def installation() -> Iterator[str]:
    """The address of the running installation; a throw-away demo is started when there is none."""
    running = address_of(home.find())
    if running:
        yield running
        return
    place = home.find(tempfile.mkdtemp(prefix="rapport-shots-"))
    os.environ["RAPPORT_HOME"] = str(place.root)
    port = doors.free_port("127.0.0.1", wanted=8700, strict=False)
    tree = subprocess.Popen([sys.executable, "-m", "rapport.cli", "run", "--port", str(port)], stdout=sys.stderr)
    try:
        _until_ready(tree, place)
        yield f"http://localhost:{port}"
    finally:
        tree.terminate()
        tree.wait()
        postgres.destroy(place)


def address_of(place: home.Home) -> str | None:
    """Where the supervisor of this home serves; None when it isn't running."""
    try:
        _, _, address = (place.root / "supervisor.lock").read_text().strip().partition(" ")
    except FileNotFoundError:
        return None
    parts = urlsplit(address)
    alive = parts.port is not None and doors.answers("127.0.0.1", parts.port, patience=1, given_up=lambda: False)
    return address if alive else None


def _until_ready(tree: subprocess.Popen[bytes], place: home.Home) -> None:
    deadline = time.monotonic() + DEMO_PATIENCE
    while time.monotonic() < deadline and tree.poll() is None:
        if (place.root / "ready").exists():
            return
        time.sleep(0.5)
    raise SystemExit("The throw-away demo did not come up.")


def set_up_django() -> list[str]:
    """Every route of the house that answers to a GET, as patterns."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    import django

    django.setup()
    from django.urls import get_resolver

    return sorted(set(_routes(get_resolver().url_patterns, "")))


def _routes(patterns: Any, prefix: str) -> Iterator[str]:
    for one in patterns:
        here = prefix + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _routes(one.url_patterns, here)
        else:
            yield here


def route_of(path: str) -> str | None:
    from django.urls import Resolver404, resolve

    try:
        return resolve(path).route
    except Resolver404:
        return None


def name_of(route: str) -> str:
    from django.urls import get_resolver

    def find(patterns: Any, prefix: str, space: str) -> str:
        for one in patterns:
            here = prefix + str(one.pattern)
            if hasattr(one, "url_patterns"):
                inner = find(one.url_patterns, here, f"{space}{one.namespace}:" if one.namespace else space)
                if inner:
                    return inner
            elif here == route:
                return f"{space}{one.name}"
        return ""

    return find(get_resolver().url_patterns, "", "")


def sessions(base: str) -> Iterator[tuple[str, list[Any]]]:
    """Each user of the demo with the cookies of a fresh session; administrators first, they see most."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    for user in get_user_model().objects.filter(is_active=True).order_by("id"):
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        yield str(user.get_username()), [{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": base}]


def write_index(out: Path) -> None:
    """All pictures on one page, the four of a route side by side."""
    names = sorted({one.name.split(".")[0] for one in out.glob("*.png")})
    rows = []
    for name in names:
        cells = "".join(
            f'<a href="{name}.{size}.{theme}.png"><img loading="lazy" alt="{name} {size} {theme}" src="{name}.{size}.{theme}.png"></a>'
            for size in SIZES
            for theme in THEMES
        )
        rows.append(f"<h2>{html.escape(name)}</h2><div>{cells}</div>")
    style = "body{font:16px system-ui;margin:2rem}div{display:flex;gap:1rem;align-items:start}img{max-height:30rem;border:1px solid #999}"
    (out / "index.html").write_text(f"<!doctype html><title>Pages</title><style>{style}</style>" + "\n".join(rows))


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make shots", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", default="", help="a route name or a part of a route")
    parser.add_argument(
        "--out", default=str(Path(tempfile.gettempdir()) / "rapport-shots"), help="where the pictures go"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
