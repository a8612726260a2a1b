"""The tabs over the pages of trust: those that exist and that this person may open."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.ui.navigation import url_or_none


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    pages = [
        ("why", "governance:index", "trust.trace", _("Why")),
        ("desk", "governance:desk", "compliance.see", _("Desk")),
        ("rules", "governance:rules", "trust.rules", _("Rules")),
        ("rights", "governance:rights", "rights.see", _("Rights")),
        ("handbook", "governance:handbook", "trust.rules", _("Handbook")),
    ]
    return [
        {"key": key, "label": label, "href": href}
        for key, name, verb, label in pages
        if (href := url_or_none(name)) and request.may(verb)  # type: ignore[attr-defined]
    ]
