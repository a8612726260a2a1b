"""One line in the log for each request that a view or the gate before it answered: which route, how it ended, how long it took.

Lines that are written meanwhile carry the same `request_id`, and so does the answer (`X-Request-ID`): who reports a fault can name it.
"""

import secrets
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from rapport.kit import logs

HEADER = "X-Request-ID"
log = logs.get(__name__)


class RequestLog:
    """Stands behind static files, which nobody needs to read about, and before everything else."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began, name = time.perf_counter(), name_of(request)
        with structlog.contextvars.bound_contextvars(request_id=name):
            response = self.answer(request)
            match = request.resolver_match
            log.info(
                "request", method=request.method, route=match.route if match else "(none)", status=response.status_code,
                ms=round((time.perf_counter() - began) * 1000, 1), bytes=None if response.streaming else len(response.content),
                user_id=_who(request),
            )  # fmt: skip
        response.headers[HEADER] = name
        return response


def name_of(request: HttpRequest) -> str:
    """The same for all who ask."""
    if not hasattr(request, "_name"):
        request._name = secrets.token_hex(8)  # type: ignore[attr-defined]
    return str(request._name)  # type: ignore[attr-defined]


def _who(request: HttpRequest) -> int | None:
    """Whom the gate has found already. Nobody is looked up for the log: a database that is away would take this line away too."""
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return user.pk if user is not None else None
