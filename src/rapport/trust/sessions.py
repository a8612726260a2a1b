"""How long a signed-in session lasts: 15 minutes without a human, 12 hours in all. Every end is written down.

A poll is not a human: requests that say `X-Background: 1` never keep a session alive. The screen locks by itself at the same
minute (ui/static/ui/js/idle.js); here it is enforced.
"""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

from rapport.trust import audit
from rapport.trust.actors import System
from rapport.trust.models import User

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
GRAIN = timedelta(seconds=15)  # not every click writes a row
BEGAN, SEEN = "began_at", "seen_at"


def over(*, began_at: datetime, seen_at: datetime, now: datetime) -> str:
    """Why a session has to end: "absolute", "idle", or nothing."""
    if now - began_at >= LONGEST:
        return "absolute"
    return "idle" if now - seen_at >= IDLE else ""


def begin(request: HttpRequest, *, now: datetime) -> None:
    """Start both clocks; called at sign-in, when the session has got a new key."""
    request.session[BEGAN] = request.session[SEEN] = now.timestamp()


def touch(request: HttpRequest, *, now: datetime) -> None:
    """A human did something."""
    if now - _instant(request.session, SEEN, now) >= GRAIN:
        request.session[SEEN] = now.timestamp()


def has_begun(session: Any) -> bool:
    return BEGAN in session and SEEN in session


def reason_to_end(session: Any, *, now: datetime) -> str:
    """Why this session is over; nothing while it lasts, or while its clocks have not begun."""
    if not has_begun(session):
        return ""
    return over(began_at=_instant(session, BEGAN, now), seen_at=_instant(session, SEEN, now), now=now)


@transaction.atomic
def end(request: HttpRequest, *, why: str, now: datetime) -> None:
    """End the session of this request and write it down, or do neither."""
    assert isinstance(request.user, User)
    audit.record(by=request.user, verb="session.end", now=now, details={"why": why})
    request.session.flush()


def end_left(*, now: datetime) -> int:
    """End the sessions that nobody came back to. Returns how many."""
    engine = import_module(settings.SESSION_ENGINE)
    ended = 0
    for row in Session.objects.order_by("pk").iterator():
        held = row.get_decoded()
        why = reason_to_end(held, now=now) if SESSION_KEY in held else ""
        if not why:
            continue
        with transaction.atomic():
            user = User.objects.filter(pk=held[SESSION_KEY]).first()
            engine.SessionStore(row.session_key).delete()
            audit.record(by=user or System("sessions"), verb="session.end", now=now, details={"why": why, "left": True})
        ended += 1
    Session.objects.filter(expire_date__lt=now).delete()  # of nobody: signed-in ones are over long before
    return ended


def _instant(session: Any, name: str, fallback: datetime) -> datetime:
    at = session.get(name)
    return datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else fallback
