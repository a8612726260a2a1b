"""The places: only those that exist and that this person may open."""

import pytest
from django.test import RequestFactory

from rapport.ui.navigation import NavItem, navigation

pytestmark = pytest.mark.urls("tests.ui.addresses")

HERE = NavItem("Gallery", "ui:gallery", "image", "gallery.see")
NOWHERE = NavItem("Nowhere", "nowhere:index", "image", "gallery.see")


def request_at(path: str, *, may=None):
    request = RequestFactory().get(path)
    if may is not None:
        request.may = may
    return request


def test_a_place_without_a_route_is_skipped() -> None:
    shown = navigation(request_at("/", may=lambda verb: True), (HERE, NOWHERE))
    assert [place.label for place in shown] == ["Gallery"]


def test_a_place_that_is_not_allowed_is_not_shown() -> None:
    asked = []
    shown = navigation(request_at("/", may=lambda verb: bool(asked.append(verb))), (HERE,))
    assert shown == []
    assert asked == ["gallery.see"]


def test_without_a_word_from_trust_nothing_is_shown() -> None:
    assert navigation(request_at("/"), (HERE,)) == []


@pytest.mark.parametrize(("path", "current"), [("/ui/", True), ("/ui/public/", True), ("/uix/", False), ("/", False)])
def test_the_place_on_the_screen_is_marked(path: str, current: bool) -> None:
    [place] = navigation(request_at(path, may=lambda verb: True), (HERE,))
    assert place.current is current


def test_today_is_current_only_at_the_root() -> None:
    today = NavItem("Today", "home:today", "sun", "today.see")
    assert navigation(request_at("/", may=lambda verb: True), (today,))[0].current
    assert not navigation(request_at("/ui/", may=lambda verb: True), (today,))[0].current
