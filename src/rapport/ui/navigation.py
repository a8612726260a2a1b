"""The places of the program, in the order in which people see them.

A place whose page does not exist, or which the signed-in person may not open, is not shown. Whether a person may is not
decided here: the trust room puts `request.may(verb)` on the request, and without it nothing is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class NavItem:
    """A place. `doors`: further ways in, (route, verb), for who may not take the first; tried in this order."""

    label: str | Promise
    url_name: str
    icon: str
    verb: str
    doors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Place:
    """A NavItem this person may open, with its address and whether it is the one on the screen."""

    label: str
    href: str
    icon: str
    current: bool


PLACES = (
    NavItem(_("Today"), "home:today", "sun", "today.see"),
    NavItem(_("People"), "home:people", "users", "people.search"),
    NavItem(_("Segments"), "segments:index", "shapes", "segments.read"),
    NavItem(_("Content"), "content:index", "notebook-pen", "content.read"),
    NavItem(_("Campaigns"), "campaigns:index", "send", "campaigns.read"),
    NavItem(_("Outbox"), "messaging:outbox", "mailbox", "outbox.read"),
    NavItem(_("Results"), "attribution:index", "chart-no-axes-combined", "results.read"),
    NavItem(_("Sources"), "integrations:index", "plug", "sources.read"),
    NavItem(
        _("Trust"),
        "governance:index",
        "shield-check",
        "trust.trace",
        doors=(
            ("governance:desk", "compliance.see"),
            ("governance:rights", "rights.see"),
            ("governance:rules", "trust.rules"),
        ),
    ),
    NavItem(_("Access"), "trust:accounts", "key-round", "access.manage"),
)


def url_or_none(name: str, *args: object, **kwargs: object) -> str | None:
    """The address of a route, or None when the installation does not have it."""
    try:
        return reverse(name, args=args or None, kwargs=kwargs or None)
    except NoReverseMatch:
        return None


def navigation(request: HttpRequest, places: tuple[NavItem, ...] = PLACES) -> list[Place]:
    """The places this person may open."""
    may: Callable[[str], bool] = getattr(request, "may", lambda verb: False)
    shown = []
    for item in places:
        ways_in = ((item.url_name, item.verb), *item.doors)
        href = next((at for name, verb in ways_in if (at := url_or_none(name)) is not None and may(verb)), None)
        if href is not None:
            root = url_or_none(item.url_name) or href
            shown.append(Place(str(item.label), href, item.icon, _stands_on(request.path, root)))
    return shown


def _stands_on(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(href.rstrip("/") + "/"))
