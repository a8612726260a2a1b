"""The Jinja2 environment of every page: escaping on, our filters, and the few globals a template may use."""

from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext
from django_htmx.jinja import htmx_script
from jinja2 import Environment

from rapport.ui import charts
from rapport.ui.components import Components
from rapport.ui.formats import FILTERS
from rapport.ui.icons import icon
from rapport.ui.navigation import navigation, url_or_none

EXTENSIONS = ["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"]
THEMES = ("light", "dark", "system")


def url(name: str, *args: object, **kwargs: object) -> str:
    """The address of a route: `url("people:person", person.pk)`."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def theme(request: HttpRequest | None) -> str:
    """The theme this browser chose; read from the cookie on the server, so that no page flashes white."""
    chosen = request.COOKIES.get("theme", "system") if request else "system"
    return chosen if chosen in THEMES else "system"


def nonce(request: HttpRequest | None) -> str:
    """The nonce of this response for the rare script that stands in the page."""
    return str(getattr(request, "csp_nonce", "") or "")


def toasts(request: HttpRequest | None) -> list[Any]:
    """What the last action has to say, told once."""
    return list(get_messages(request)) if request is not None and hasattr(request, "_messages") else []


def house_clinic() -> dict[str, str]:
    """The clinic's own name, colour and address, unless a page knows a nearer one (a location's)."""
    return {part: getattr(settings, f"CLINIC_{part.upper()}", "") for part in ("name", "colour", "phone", "address")}


def environment(**options: Any) -> Environment:
    """What Django's Jinja2 backend calls once, with its own options."""
    options.pop("autoescape", None)
    options["trim_blocks"] = options["lstrip_blocks"] = True
    environment = Environment(**options | {"extensions": EXTENSIONS}, autoescape=True)
    environment.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    environment.filters |= FILTERS
    environment.globals |= FILTERS | {
        "charts": charts,
        "csp_nonce": nonce,
        "house_clinic": house_clinic,
        "htmx_script": htmx_script,
        "icon": icon,
        "language": translation.get_language,
        "navigation": navigation,
        "static": static,
        "theme": theme,
        "toasts": toasts,
        "ui": Components(environment),
        "url": url,
        "url_or_none": url_or_none,
    }
    return environment
