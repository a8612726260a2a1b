"""What the lock-out library asks us: whose account was tried, from where, and what to say when it is closed."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from rapport.kit import clock
from rapport.trust import audit, sealing
from rapport.trust.actors import System
from rapport.ui.fragments import page


def username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """A keyed digest of the address tried: the table of attempts names nobody, and holds nothing typed in by mistake."""
    given = credentials or {}
    typed = str(given.get("email") or given.get("username") or request.POST.get("login", "")).strip().lower()
    return sealing.digest("login", typed).hex()


def address(request: HttpRequest) -> str:
    """The nearest address that is not a proxy of ours; nothing when there is none (a socket file)."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


@transaction.atomic
def locked_out(request: HttpRequest, response: Any = None, credentials: dict[str, Any] | None = None) -> HttpResponse:
    """The account is closed for a while. The same words whether or not it exists."""
    audit.record(
        by=System("sign-in"),
        verb="account.locked",
        now=clock.now(),
        thing=f"login:{username(request, credentials)[:12]}",
    )
    text = _("Too many attempts. Wait fifteen minutes, or ask an administrator.")
    return page(request, "trust/locked.html", {"text": text}, status=429)
