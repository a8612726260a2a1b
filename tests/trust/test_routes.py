"""Every role on every address: refused where the table says no, let in where it says yes, and nothing undeclared."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from rapport.kit import clock
from rapport.trust import access, api_keys
from rapport.trust.models import ApiKey, AuditEntry, Role, User
from rapport.trust.permissions import KEY_VERBS, PERMISSIONS, VERBS

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


NOT_ASKED_ABOUT = 4711  # addresses ask about number 1: on the way a key of that number would be revoked by its owner


def program(owner: User) -> Client:
    """A program with a key of this account that names every verb of programs: what it may not do, its owner may not do."""
    now = clock.now()
    ApiKey.objects.create(
        pk=NOT_ASKED_ABOUT, owner=owner, name="test", prefix="0123456789",
        digest=api_keys._digest("0123456789", "secret"), verbs=list(KEY_VERBS), made_at=now, expires_at=now + timedelta(days=1),
    )  # fmt: skip
    return Client(headers={"Authorization": "Bearer rapport_0123456789_secret"})


def ask(browser: Client, address: str, method: str = "") -> int:
    """By the method the route names; else by GET, and where only POST is taken by POST."""
    if method:
        return int(browser.generic(method, address).status_code)
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


def pages() -> list[tuple[access.Route, str]]:
    return [one for one in guarded() if not one[0].declared.by_key]


def operations() -> list[tuple[access.Route, str]]:
    return [one for one in guarded() if one[0].declared.by_key]


def test_a_stranger_is_sent_to_the_login_page_everywhere():
    browser = Client()
    open_doors = [address for _route, address in pages() if not _is_login(browser, address)]
    assert open_doors == []


def test_a_program_without_a_key_is_told_that_it_needs_one():
    assert len(operations()) >= 8
    answers = {
        (route.declared.method, address): ask(Client(), address, route.declared.method)
        for route, address in operations()
    }
    assert set(answers.values()) == {401}


def test_who_is_signed_in_opens_no_door_of_programs(signed_in: Callable[[User], Client], cole: User):
    """Or any other site could make a browser ask in its user's name."""
    browser = signed_in(cole)
    assert {ask(browser, address, route.declared.method) for route, address in operations()} == {401}


def test_a_key_opens_no_page(cole: User):
    browser = program(cole)
    assert [address for _route, address in pages() if not _is_login(browser, address)] == []


def test_programs_have_only_verbs_that_are_meant_for_them():
    assert {route.declared.verb for route, _address in operations()} <= set(KEY_VERBS) <= set(VERBS)


def _is_login(browser: Client, address: str) -> bool:
    answer = browser.get(address)
    if answer.status_code == 405:
        answer = browser.post(address)
    return answer.status_code == 302 and answer.headers["Location"].startswith("/account/login/")


def test_zoe_sees_nothing_anywhere(signed_in: Callable[[User], Client], zoe: User):
    browser, robot = signed_in(zoe), program(zoe)
    told = [
        (address, ask(robot if route.declared.by_key else browser, address, route.declared.method))
        for route, address in guarded()
    ]
    assert [one for one in told if one[1] != 403] == []
    assert AuditEntry.objects.filter(verb="access.refused", actor=zoe).count() == len(guarded())


@pytest.mark.parametrize("role", Role.values)
def test_every_role_opens_what_the_table_says_and_nothing_else(
    role: str, hire: Callable[..., User], signed_in: Callable[[User], Client]
):
    kim = hire("Kim Doe", role)
    browser, robot = signed_in(kim), program(kim)
    browser.raise_request_exception = robot.raise_request_exception = False
    wrong = []
    for route, address in guarded():
        allowed = route.declared.verb in PERMISSIONS[role]
        status = ask(robot if route.declared.by_key else browser, address, route.declared.method)
        if (status == 403) is allowed or status == 401:
            wrong.append((address, route.declared.verb, status))
    assert wrong == []
