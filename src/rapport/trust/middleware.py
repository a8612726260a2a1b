"""What every request passes: the clocks of its session, the second factor, and the refusal of views that declare nothing."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect

from rapport.kit import clock, logs
from rapport.trust import access, factors, sessions
from rapport.trust.sight import decide

Answer = Callable[[HttpRequest], HttpResponse]
log = logs.get(__name__)


class SessionLimits:
    """Ends sessions that are over, and counts only what a human does as being there."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = clock.now()
            why = sessions.reason_to_end(request.session, now=now)
            if why:
                log.info("session_ended", state=why, user_id=request.user.pk)
                sessions.end(request, why=why, now=now)
                request.user = AnonymousUser()
            elif not sessions.has_begun(request.session):
                sessions.begin(request, now=now)
            elif not in_background(request):
                sessions.touch(request, now=now)
        return self.answer(request)


class Permissions:
    """Gives templates and views `request.may(verb)`, and refuses a view that is not in the permission table."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.may = lambda verb: decide(access.grants(request), verb) is not None  # type: ignore[attr-defined]
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if access.declared_by(view) is None:
            log.error("undeclared_route", route=request.resolver_match.view_name if request.resolver_match else "")
            return HttpResponseForbidden("This page is not in the permission table.")
        return None


class SecondFactor:
    """Who needs a second factor and has none sets one up before anything else."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        said = access.declared_by(view)
        # Behind a key stands somebody who passed the second factor when the key was made.
        if not isinstance(said, access.Declared) or said.verb is None or not request.user.is_authenticated:
            return None
        if factors.missing(
            request.user, roles={grant.role for grant in access.grants(request)}, demanded=settings.MFA_DEMANDED_OF
        ):
            if in_background(request) or request.headers.get("HX-Request") == "true":
                return HttpResponse(status=401)
            return redirect("mfa_index")
        return None


def in_background(request: HttpRequest) -> bool:
    return request.headers.get("X-Background") == "1"
