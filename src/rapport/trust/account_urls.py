"""Sign-in, second factors and passkeys, as the accounts library gives them. Staff are invited: there is no public sign-up.

Each of its pages says to the gate that the library guards it, and each is watched: if an authenticator of the signed-in
person comes or goes, that is recorded in the same transaction.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.stagekit import unstash_login
from allauth.mfa.models import Authenticator
from allauth.urls import urlpatterns as library
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path
from django.urls.resolvers import RoutePattern
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from rapport.kit import clock
from rapport.trust import access, audit, lockout
from rapport.trust.adapters import SIGN_IN
from rapport.trust.models import User

WHY = "sign-in and second factors: the accounts library guards its own pages"
LEFT_OUT = {"account_email"}  # an address is the name of an account; an administrator changes it


def watched(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Record authenticators that came or went while `view` worked."""

    @wraps(view)
    @transaction.atomic
    def watching(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user if isinstance(request.user, User) else None
        before = _factors(user)
        response = view(request, *args, **kwargs)
        after = _factors(user)
        if user is not None and before != after:
            _record(user, came=after - before, went=before - after)
        if request.method == "POST" and _has_failed(request, response):
            _record_failure(request)
        return response

    watching.declared = access.Declared(why_public=WHY)  # type: ignore[attr-defined]
    return watching


@access.public(why="says only that an administrator changes addresses")
def email(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("An administrator changes the e-mail address of an account."))
    return redirect("mfa_index")


@access.public(why="in which language a browser is answered: it writes a cookie, and reads nothing")
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """English or Spanish from now on, and back to where one was."""
    return set_language(request)


def _factors(user: User | None) -> set[tuple[int, str]]:
    return set(Authenticator.objects.filter(user=user).values_list("pk", "type")) if user else set()


def _record(user: User, *, came: set[tuple[int, str]], went: set[tuple[int, str]]) -> None:
    details = {"added": sorted(kind for _pk, kind in came), "removed": sorted(kind for _pk, kind in went)}
    audit.record(by=user, verb="account.factors", now=clock.now(), thing=f"user:{user.pk}", details=details)


def _has_failed(request: HttpRequest, response: HttpResponse) -> bool:
    """A wrong code or passkey. (A wrong password is told to the adapter.)"""
    name = request.resolver_match.url_name if request.resolver_match else ""
    if name in {"mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}:
        return response.status_code == 200
    return (
        name == "mfa_login_webauthn"
        and response.status_code == 302
        and response.headers["Location"] == settings.LOGIN_URL
    )


def _record_failure(request: HttpRequest) -> None:
    """Whose account, when a password was right before or somebody is signed in; a passkey that fails says nothing."""
    pending = unstash_login(request, peek=True)
    whose = request.user if isinstance(request.user, User) else getattr(pending, "user", None)
    details = {"how": "second factor", "from": lockout.address(request)}
    thing = f"user:{whose.pk}" if whose is not None else ""
    audit.record(by=SIGN_IN, verb="account.login_failed", now=clock.now(), thing=thing, details=details)


def _watch(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    kept: list[URLPattern | URLResolver] = []
    for one in patterns:
        if isinstance(one, URLResolver):
            kept.append(
                URLResolver(one.pattern, _watch(one.url_patterns), one.default_kwargs, one.app_name, one.namespace)
            )
        elif one.name not in LEFT_OUT:
            kept.append(URLPattern(one.pattern, watched(one.callback), one.default_args, one.name))
    return kept


urlpatterns = [
    path("email/", email, name="account_email"),
    path("language/", language, name="account_language"),
    URLResolver(RoutePattern(""), _watch(library)),
]
