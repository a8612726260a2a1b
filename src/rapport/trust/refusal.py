"""The page that says no: what was missing and whom to ask, and nothing about what lies behind."""

from django.http import HttpRequest, HttpResponse

from rapport.trust.permissions import VERBS
from rapport.ui.fragments import page


def refuse(request: HttpRequest, verb: str) -> HttpResponse:
    return page(request, "trust/refused.html", {"needs": VERBS[verb]}, status=403)
