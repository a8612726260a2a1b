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


def test_who_may_not_take_the_first_door_of_a_place_takes_the_next() -> None:
    place = NavItem(
        "Gallery", "ui:gallery", "image", "gallery.see", doors=(("nowhere:x", "x.see"), ("ui:public", "y.see"))
    )
    for verb, href in (("gallery.see", "/ui/"), ("y.see", "/ui/public/")):
        [shown] = navigation(request_at("/ui/", may=verb.__eq__), (place,))
        assert (shown.href, shown.current) == (href, True), "current is the whole place, not only the door"
    assert navigation(request_at("/ui/", may="x.see".__eq__), (place,)) == [], "a door that does not exist"


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
