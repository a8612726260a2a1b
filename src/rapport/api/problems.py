"""Errors of the API as RFC 9457 problem details: what is wrong, where, what to do, and a reference. Never a trace."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from rapport.kit import logs, request_log

log = logs.get(__name__)
MEDIA = "application/problem+json"
TYPES = "/api/#problem-"


class Problem(Exception):
    """Raised by an operation; becomes the answer, and nothing of what the operation wrote stays."""

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        *,
        what: str = "",
        do: str = "",
        where: str = "",
        places: Sequence[tuple[str, str]] = (),
    ) -> None:
        """`places`: several places, each with what stands against it; `where`: the one place."""
        super().__init__(title)
        self.status, self.kind, self.title = status, kind, title
        self.what, self.do = what, do
        self.places = [(where, what or title)] if where else list(places)


def answer(
    request: HttpRequest,
    status: int,
    kind: str,
    title: str,
    *,
    what: str = "",
    do: str = "",
    where: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """One problem. `request_id` is also in the log."""
    told: dict[str, Any] = {
        "type": f"{TYPES}{kind}",
        "title": title,
        "status": status,
        "detail": what or title,
        "request_id": request_id(request),
    }
    if do:
        told["do"] = do
    if where:
        told["where"] = where
    return HttpResponse(json.dumps(told), status=status, content_type=MEDIA, headers=headers or {})


def request_id(request: HttpRequest) -> str:
    """What the log calls this request."""
    return request_log.name_of(request)


def of_problem(request: HttpRequest, error: Any) -> HttpResponse:
    _undo()
    where = [{"at": at, "says": says} for at, says in error.places] or None
    return answer(request, error.status, error.kind, error.title, what=error.what, do=error.do, where=where)


def of_validation(request: HttpRequest, error: Any) -> HttpResponse:
    """What was sent does not fit the description: each place with what stands against it, and never the value."""
    _undo()
    where = [{"at": "/".join(str(part) for part in one["loc"]), "says": str(one["msg"])} for one in error.errors]
    return answer(
        request, 422, "invalid", "What was sent does not fit.", where=where, do="See the description of this operation."
    )


def of_missing(request: HttpRequest, error: Any) -> HttpResponse:
    _undo()
    return not_found(request)


def of_http(request: HttpRequest, error: Any) -> HttpResponse:
    """What the library found wrong before the operation: a body that is no JSON."""
    _undo()
    return answer(request, error.status_code, "unreadable", "What was sent can't be read.", do="Send JSON.")


def of_anything(request: HttpRequest, error: Any) -> HttpResponse:
    """Our own mistake. The log has the place, the caller a reference."""
    _undo()
    reference = request_id(request)
    log.error("api_failed", exc_info=error, request_id=reference)
    return answer(
        request, 500, "ours", "Something went wrong on our side.", do="Try again; if it stays, tell us the request_id."
    )


def not_found(request: HttpRequest) -> HttpResponse:
    return answer(
        request,
        404,
        "not-found",
        "There is no such thing, or not within the sight of this key.",
        do="Look at the address.",
    )


def _undo() -> None:
    """The library turns the exception into an answer before Django's transaction sees it."""
    if transaction.get_connection().in_atomic_block:
        transaction.set_rollback(True)
