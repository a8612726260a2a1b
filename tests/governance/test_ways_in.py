"""The way to Trust: everybody with a page there finds the place in the navigation, lands on a page they may open, and no link is broken."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from rapport.trust.models import Role
from rapport.trust.permissions import PERMISSIONS
from tests.governance.desk.test_leaving import signed
from tests.governance.desk.test_pages import text, today  # noqa: F401 - the clock of these pages

pytestmark = pytest.mark.django_db
DOORS = {
    "trust.trace": "/trust/",
    "compliance.see": "/trust/desk/",
    "rights.see": "/trust/rights/",
    "trust.rules": "/trust/rules/",
}
PLACE = re.compile(r'<a class="place" href="(/trust/[^"]*)"( aria-current="page")?>')


def enter(hire, role):
    browser = Client()
    browser.force_login(hire("Kim Doe", role))
    return browser


@pytest.mark.parametrize("role", Role.values)
def test_each_role_lands_on_the_first_page_of_trust_it_may_open(hire, role):
    browser = enter(hire, role)
    first = next(href for verb, href in DOORS.items() if verb in PERMISSIONS[role])
    href, _current = PLACE.search(text(browser.get("/"))).groups()
    assert href == first
    assert browser.get(href).status_code == 200


def test_the_administrator_finds_the_compliance_desk(hire):
    browser = enter(hire, Role.ADMINISTRATOR)
    assert PLACE.search(text(browser.get("/trust/desk/"))).groups() == ("/trust/desk/", ' aria-current="page"')
    assert PLACE.search(text(browser.get("/trust/rules/")))[2], "the place is marked on each of its pages"


@pytest.mark.parametrize("role", Role.values)
def test_no_page_of_trust_leads_where_this_role_may_not_go(hire, cole, pat, role):
    signed(cole, pat)
    browser = enter(hire, role)
    waiting, seen, wrong = [PLACE.search(text(browser.get("/")))[1]], set(), []
    while waiting:
        here = waiting.pop()
        page = browser.get(here)
        for href in re.findall(r'<a [^>]*href="([^"#]+)"', text(page)):
            path = urlsplit(href if href.startswith("/") else here + href).path
            if path in seen or not path.startswith("/trust/") or "export" in path:
                continue
            seen.add(path)
            status = browser.get(path).status_code
            wrong += [(here, path, status)] if status not in {200, 302, 405} else []
            waiting += [path] if status == 200 else []
    assert wrong == []
    assert len(seen) >= 1
