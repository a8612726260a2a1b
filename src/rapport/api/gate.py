"""The gate of every operation: a key, a verb, and the rows its owner may see. Default deny, as `trust.access.requires` for pages.

An operation names its verb with `@verb("consent.write")`. `guard` puts the gate before the views of the library and declares
each method, so that the permission table, its page and the tests of the walls see operations as they see pages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from rapport.api import problems
from rapport.kit import clock
from rapport.trust import access, audit, key_door
from rapport.trust.permissions import KEY_VERBS, VERBS

Operation = TypeVar("Operation", bound=Callable[..., Any])
ABSENT = "Send a key: “Authorization: Bearer rapport_…”. Staff make keys under Access, API keys."
UNKNOWN = "The key is not known, has ended or was revoked. Make a new one under Access, API keys."


class Undeclared(RuntimeError):
    """An operation without a verb must not be served."""


def verb(name: str) -> Callable[[Operation], Operation]:
    """What a key needs for this operation."""
    if name not in KEY_VERBS:
        raise LookupError(f"{name} is no verb of programs")

    def mark(operation: Operation) -> Operation:
        operation.verb = name  # type: ignore[attr-defined]
        return operation

    return mark


@dataclass(frozen=True)
class Taken:
    """What one method of an address takes: the verb a key needs, and the names of its questions."""

    verb: str
    questions: frozenset[str]


def guard(patterns: list[URLPattern], taken: dict[str, dict[str, Taken]]) -> None:
    """Put the gate before each view. `taken`: the view's address -> method -> what it takes."""
    for one in patterns:
        one.callback = _guarded(one.callback, taken[str(one.pattern)])


def taken_by(api: NinjaAPI) -> dict[str, dict[str, Taken]]:
    """Address -> method -> what it takes, of every operation. Raises `Undeclared`."""
    found: dict[str, dict[str, Taken]] = {}
    for _prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                name = getattr(operation.view_func, "verb", None)
                if name is None:
                    raise Undeclared(f"{operation.methods} {path} names no verb")
                asked = [model for model in operation.models if model.__ninja_param_source__ == "query"]
                questions = frozenset(field for model in asked for field in model.model_fields)
                for method in operation.methods:
                    found.setdefault(path, {})[method] = Taken(name, questions)
    return found


def _guarded(view: Callable[..., HttpResponse], taken: dict[str, Taken]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def gate(request: key_door.ProgramRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = taken.get(request.method or "")
        if wanted is None:
            allowed = {"Allow": ", ".join(sorted(taken))}
            return problems.answer(request, 405, "method", "This address does not take that method.", headers=allowed)
        if request.api_key is None:
            return _no_key(request)
        sight = key_door.sight(request, wanted.verb)
        if sight is None:
            return _refused(request, wanted.verb)
        unknown = sorted(set(request.GET) - wanted.questions)
        if unknown:
            return _unknown(request, unknown, wanted.questions)
        request.sight = sight
        with access.rows_in(sight):
            return view(request, *args, **kwargs)

    gate.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie opens this door
    gate.declared = tuple(  # type: ignore[attr-defined]
        access.Declared(verb=one.verb, method=method, by_key=True) for method, one in sorted(taken.items())
    )
    return gate


def _no_key(request: key_door.ProgramRequest) -> HttpResponse:
    if request.refused == "too_many":
        wait = {"Retry-After": str(60 - clock.now().second)}
        return problems.answer(
            request,
            429,
            "too-many",
            "This key has asked too often in this minute.",
            do="Wait and ask again.",
            headers=wait,
        )
    kind, what = ("no-key", ABSENT) if request.refused == "absent" else ("bad-key", UNKNOWN)
    challenge = {"WWW-Authenticate": 'Bearer realm="rapport"'}
    return problems.answer(request, 401, kind, "This needs a key.", do=what, headers=challenge)


def _refused(request: key_door.ProgramRequest, name: str) -> HttpResponse:
    """Refused and written down."""
    route = request.resolver_match.view_name if request.resolver_match else ""
    assert connection.in_atomic_block
    audit.record(by=request.user, verb="access.refused", now=clock.now(), thing=route, details={"needs": name})
    return problems.answer(
        request,
        403,
        "forbidden",
        "This key may not do that.",
        what=f"It needs “{VERBS[name]}”.",
        do="Make a key with it, if its owner has it.",
    )


def _unknown(request: HttpRequest, names: list[str], known: frozenset[str]) -> HttpResponse:
    """A misspelt question would be answered as if it had not been asked, so it is refused."""
    where = [{"at": f"query/{name[:60]}", "says": "This address knows no such question."} for name in names[:10]]
    does = f"It takes: {', '.join(sorted(known))}." if known else "It takes no questions."
    return problems.answer(request, 422, "invalid", "What was sent does not fit.", where=where, do=does)


@access.public(why="Says that the address is wrong, to programs in their own form; shows nothing.")
@csrf_exempt
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any other address under the door."""
    return problems.not_found(request)
