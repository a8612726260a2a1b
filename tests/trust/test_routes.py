"""Every role on every address: refused where the table says no, let in where it says yes, and nothing undeclared."""

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from rapport.trust import access
from rapport.trust.models import AuditEntry, Role, User
from rapport.trust.permissions import PERMISSIONS, VERBS

pytestmark = pytest.mark.django_db
SAMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": str(uuid.UUID(int=1)), "path": "x"}
GUARDED = "<[^>]*>|\\(\\?P"


def routes() -> list[access.Route]:
    return access.routes()


def guarded() -> list[tuple[access.Route, str]]:
    """Routes with a verb, each with an address that its pattern takes."""
    taking = [route for route in routes() if route.declared and route.declared.verb]
    return [(route, "/" + re.sub(r"<(?:(\w+):)?\w+>", _sample, route.pattern)) for route in taking]


def _sample(hit: re.Match[str]) -> str:
    return SAMPLES[hit.group(1) or "str"]


def ask(browser: Client, address: str) -> int:
    """By GET, and where only POST is taken by POST."""
    answer = browser.get(address)
    if answer.status_code == 405:
        answer = browser.post(address)
    return int(answer.status_code)


def test_no_route_is_left_out_of_the_permission_table():
    assert [route.pattern for route in routes() if route.declared is None] == []


def test_every_public_route_says_why():
    silent = [
        route.pattern
        for route in routes()
        if route.declared and route.declared.verb is None and len(route.declared.why_public) < 10
    ]
    assert silent == []


def test_routes_name_known_verbs_and_every_address_can_be_asked():
    assert len(guarded()) > 10
    assert {route.declared.verb for route, _address in guarded()} <= set(VERBS)
    assert [address for _route, address in guarded() if re.search(GUARDED, address)] == []


def test_a_stranger_is_sent_to_the_login_page_everywhere():
    browser = Client()
    open_doors = [address for _route, address in guarded() if not _is_login(browser, address)]
    assert open_doors == []


def _is_login(browser: Client, address: str) -> bool:
    answer = browser.get(address)
    if answer.status_code == 405:
        answer = browser.post(address)
    return answer.status_code == 302 and answer.headers["Location"].startswith("/account/login/")


def test_zoe_sees_nothing_anywhere(signed_in: Callable[[User], Client], zoe: User):
    browser = signed_in(zoe)
    assert {address: ask(browser, address) for _route, address in guarded()} == {
        address: 403 for _route, address in guarded()
    }
    assert AuditEntry.objects.filter(verb="access.refused", actor=zoe).count() == len(guarded())


@pytest.mark.parametrize("role", Role.values)
def test_every_role_opens_what_the_table_says_and_nothing_else(
    role: str, hire: Callable[..., User], signed_in: Callable[[User], Client]
):
    browser = signed_in(hire("Kim Doe", role))
    browser.raise_request_exception = False
    wrong = []
    for route, address in guarded():
        allowed = route.declared.verb in PERMISSIONS[role]
        status = ask(browser, address)
        if (status == 403) is allowed or status == 401:
            wrong.append((address, route.declared.verb, status))
    assert wrong == []
