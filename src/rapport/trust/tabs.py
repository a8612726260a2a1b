"""The tabs over the pages of access: those that this person may open, and how many emergencies wait for a review."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.trust import breakglass


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    pages = [
        ("permissions", "trust.rules", _("Who may do what")),
        ("accounts", "access.manage", _("Accounts")),
        ("keys", "keys.own", _("API keys")),
        ("audit", "trust.audit", _("Audit trail")),
        ("glass_list", "breakglass.review", _("Emergency access")),
    ]
    shown: list[dict[str, Any]] = [
        {"key": name, "label": label, "href": reverse(f"trust:{name}")}
        for name, verb, label in pages
        if request.may(verb)  # type: ignore[attr-defined]
    ]
    for one in shown:
        if one["key"] == "glass_list" and (waiting := breakglass.waiting()):
            one["count"] = waiting
    return shown
