"""The gate of every page: default deny, the permission table, and the rows a request may see.

A view says what it takes with `@requires("verb")`, or why nobody needs to sign in with `@public(why=...)`. A view that says
neither is refused by `trust.middleware`. Inside a request the database shows people only through row security
(row_security.sql): `requires` opens it as far as the grants reach, for this transaction alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, get_resolver
from psycopg.pq import TransactionStatus

from rapport.kit import clock
from rapport.trust import audit, breakglass
from rapport.trust.models import User
from rapport.trust.permissions import VERBS
from rapport.trust.refusal import refuse
from rapport.trust.sight import Sight, decide

SETTINGS = ("rapport.scope", "rapport.locations", "rapport.person")


class NoScope(RuntimeError):
    """A request reached its rows outside a transaction, where a row scope can't hold."""


@dataclass(frozen=True)
class Declared:
    """What a view says about itself; of one method, where a view takes several with different verbs."""

    verb: str | None = None
    why_public: str = ""
    method: str = ""
    by_key: bool = False


@dataclass(frozen=True)
class Route:
    """One address of the house with what its view declares; `declared` is None for a view that says nothing."""

    pattern: str
    name: str
    view: Callable[..., HttpResponse]
    declared: Declared | None

    @property
    def verb(self) -> str | None:
        return self.declared.verb if self.declared else None

    @property
    def public_because(self) -> str:
        """Why it needs no sign-in; empty when it does, or says nothing."""
        return self.declared.why_public if self.declared else ""


class StaffRequest(HttpRequest):
    """A request behind `requires`: somebody asks, and what they may do and see is known."""

    user: User
    may: Callable[[str], bool]
    sight: Sight


View = Callable[..., HttpResponse]


def requires(verb: str) -> Callable[[View], View]:
    """Only for those who are signed in and have `verb`; sets `request.sight` and opens the row scope of this transaction."""
    if verb not in VERBS:
        raise LookupError(f"{verb} is not in the permission table")

    def gate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            sight = decide(grants(request), verb)
            if sight is None:
                return _refused(request, verb)
            request.sight = sight  # type: ignore[attr-defined]
            with _scope(sight, opened_people(staff(request))):
                return view(request, *args, **kwargs)

        guarded.declared = Declared(verb=verb)  # type: ignore[attr-defined]
        return guarded

    return gate


def public(*, why: str) -> Callable[[View], View]:
    """For everybody. The view sees no row of a person until it opens `as_system()` for one it holds a token of."""

    def gate(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs)

        opened.declared = Declared(why_public=why)  # type: ignore[attr-defined]
        return opened

    return gate


@contextmanager
def as_system() -> Iterator[None]:
    """All rows inside this block and this transaction: for public pages that were given a token, and for jobs."""
    with _settings({"rapport.scope": "all"}, put_back=True):
        yield


@contextmanager
def as_seen_by(user: User, verb: str) -> Iterator[Sight | None]:
    """The rows `user` would see under `verb`: for commands and tests. Nothing at all without the verb."""
    sight = decide(user.grants.all(), verb)
    with _settings(_wanted(sight or Sight(), opened_people(user)), put_back=True):
        yield sight


@contextmanager
def rows_in(sight: Sight) -> Iterator[None]:
    """The rows of one sight for the rest of this request: for the door of programs, where nobody breaks a glass."""
    with _scope(sight, []):
        yield


def may(user: Any, verb: str) -> bool:
    """Whether this user has this verb anywhere."""
    return bool(user.is_authenticated and user.is_active and decide(user.grants.all(), verb) is not None)


def staff(request: HttpRequest) -> User:
    """Who asks; behind `requires` there always is somebody."""
    assert isinstance(request.user, User)
    return request.user


def grants(request: HttpRequest) -> list[Any]:
    """The grants of the signed-in user, read once a request."""
    if not hasattr(request, "_grants"):
        request._grants = list(request.user.grants.all()) if request.user.is_authenticated else []  # type: ignore[attr-defined]
    return request._grants  # type: ignore[attr-defined]


def opened_people(user: User) -> list[int]:
    """People this user has broken the glass for, this hour."""
    return breakglass.opened(by=user, now=clock.now())


def routes() -> list[Route]:
    """Every address of the house. The tests hold this list against the permission table."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def declared_by(view: Any) -> Declared | tuple[Declared, ...] | None:
    """What a view declares about itself, or about each of its methods; None when it forgot."""
    return getattr(view, "declared", None)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The way to the login page; a fragment or a poll gets 401, and the page it belongs to goes there."""
    if request.headers.get("HX-Request") == "true" or request.headers.get("X-Background") == "1":
        return HttpResponse(status=401)
    back = quote(request.get_full_path() if request.method == "GET" else "/")
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?next={back}")


def _refused(request: HttpRequest, verb: str) -> HttpResponse:
    """Refused and written down. Not by an exception: that would roll the audit line back."""
    route = request.resolver_match.view_name if request.resolver_match else ""
    audit.record(by=staff(request), verb="access.refused", now=clock.now(), thing=route, details={"needs": verb})
    return refuse(request, verb)


@contextmanager
def _scope(sight: Sight, opened: list[int]) -> Iterator[None]:
    if not connection.in_atomic_block:
        raise NoScope("row scopes last as long as a transaction, and there is none")
    # The transaction of a request ends with it. Inside a test's own transaction the scope would outlive the request.
    with _settings(_wanted(sight, opened), put_back=bool(connection.savepoint_ids)):
        yield


def _wanted(sight: Sight, opened: list[int]) -> dict[str, str]:
    return {
        "rapport.scope": "all" if sight.everyone else "some",
        "rapport.locations": ",".join(str(one) for one in sorted(sight.locations)),
        "rapport.person": ",".join(str(one) for one in sorted(opened)),
    }


@contextmanager
def _settings(wanted: dict[str, str], *, put_back: bool) -> Iterator[None]:
    if not connection.in_atomic_block:
        raise NoScope("row scopes last as long as a transaction, and there is none")
    before = _current(list(wanted)) if put_back else {}
    _set(wanted)
    try:
        yield
    finally:
        # In a transaction that has failed or will be rolled back nothing can be set, and its rollback puts the settings back.
        if (
            put_back
            and not connection.needs_rollback
            and connection.connection.info.transaction_status == TransactionStatus.INTRANS
        ):
            _set(before)


def _current(names: list[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(["coalesce(current_setting(%s, true), '')"] * len(names)), names)
        return dict(zip(names, cursor.fetchone(), strict=True))


def _set(wanted: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        flat = [word for pair in wanted.items() for word in pair]
        cursor.execute("SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(wanted)), flat)


def _walk(patterns: list[Any], prefix: str, space: str) -> Iterator[Route]:
    for one in patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _walk(one.url_patterns, prefix + str(one.pattern), inner)
        elif isinstance(one, URLPattern):
            name = f"{space}{one.name}" if one.name else ""
            said = declared_by(one.callback)
            for declared in said if isinstance(said, tuple) else (said,):
                yield Route(prefix + str(one.pattern), name, one.callback, declared)
