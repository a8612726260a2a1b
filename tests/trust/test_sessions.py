"""Fifteen minutes idle, twelve hours in all; a poll is no human; every end is written down."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from rapport.kit.clock import travel
from rapport.trust import sessions
from rapport.trust.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("began", "seen", "why"),
    [
        (timedelta(), timedelta(), ""),
        (timedelta(hours=1), timedelta(minutes=14, seconds=59), ""),
        (timedelta(hours=1), timedelta(minutes=15), "idle"),
        (timedelta(hours=11, minutes=59), timedelta(), ""),
        (timedelta(hours=12), timedelta(), "absolute"),
        (timedelta(hours=13), timedelta(hours=13), "absolute"),
    ],
)
def test_when_a_session_is_over(now, began, seen, why):
    assert sessions.over(began_at=now - began, seen_at=now - seen, now=now) == why


@pytest.fixture
def browser(signed_in, ana, clock):
    with travel(clock.now()):
        browser = signed_in(ana)
        assert browser.get("/access/").status_code == 200
    return browser


def visit(browser, clock, minutes, **headers):
    clock.forward(minutes=minutes)
    with travel(clock.now()):
        return browser.get("/access/", headers=headers).status_code


def test_a_click_every_fourteen_minutes_keeps_the_session(browser, clock):
    assert [visit(browser, clock, 14) for _ in range(5)] == [200] * 5


def test_fifteen_quiet_minutes_end_it_and_it_is_written_down(browser, clock, ana):
    key = browser.session.session_key
    assert visit(browser, clock, 15) == 302
    line = AuditEntry.objects.get(verb="session.end")
    assert (line.actor, line.details, line.at) == (ana, {"why": "idle"}, clock.now())
    assert not Session.objects.filter(session_key=key).exists()
    assert visit(browser, clock, 0) == 302


@pytest.mark.parametrize("headers", [{"X-Background": "1"}, {"X-Background": "1", "HX-Request": "true"}])
def test_polling_does_not_keep_it(browser, clock, headers):
    answers = [visit(browser, clock, 4, **headers) for _ in range(5)]
    assert answers == [200, 200, 200, 401, 401]
    assert AuditEntry.objects.filter(verb="session.end").count() == 1


def test_twelve_hours_end_it_however_busy(browser, clock):
    answers = [visit(browser, clock, 10) for _ in range(73)]
    assert answers[:71] == [200] * 71
    assert answers[71:] == [302, 302]
    assert AuditEntry.objects.get(verb="session.end").details == {"why": "absolute"}


def test_sessions_nobody_came_back_to_are_ended_by_the_worker(browser, clock, ana):
    assert sessions.end_left(now=clock.forward(minutes=14)) == 0
    assert sessions.end_left(now=clock.forward(minutes=1)) == 1
    assert AuditEntry.objects.get(verb="session.end").details == {"why": "idle", "left": True}
    assert visit(browser, clock, 0) == 302


def test_an_end_that_can_not_be_written_down_does_not_let_anybody_in(browser, clock, monkeypatch):
    from rapport.trust import audit

    def refuse(**words):
        raise RuntimeError("disk full")

    monkeypatch.setattr(audit, "record", refuse)
    clock.forward(minutes=20)
    with travel(clock.now()), pytest.raises(RuntimeError):
        browser.get("/access/")


def test_a_session_without_clocks_starts_them(signed_in, ana, clock):
    with travel(clock.now()):
        browser = signed_in(ana)
        session = browser.session
        assert sessions.BEGAN not in session
        browser.get("/access/")
        assert sessions.has_begun(browser.session)
