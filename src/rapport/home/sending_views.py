"""Sending one person a message from the desk: choose, look, send, and take it back while it has not gone."""

from typing import Any

from django.contrib import messages as say
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.content import texting
from rapport.content.render import Rendered
from rapport.content.sandbox import framed
from rapport.content.words import BrokenTemplate
from rapport.home import sending, sends, views
from rapport.home.ask import Ask
from rapport.kit import clock
from rapport.messaging import compose
from rapport.people.models import Person
from rapport.trust import audit
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

BACK = ("person", "today")
COMPARE = 422  # the form comes back as it was, with what is missing
CHANGED = 409  # the form comes back with what holds now


@requires("desk.send")
@require_http_methods(["GET", "POST"])
def send(request: StaffRequest, person_id: int) -> HttpResponse:
    """What may be said to this person; the one that was chosen as she will get it; and the sending."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    asked = request.POST if request.method == "POST" else request.GET
    key = asked.get("what", "")
    if not key:
        listed = sending.choices(person_id, ask.card.language, ask.now)
        return page(request, "home/sending.html", _context(ask, asked, choices=listed), fragment="send")
    choice = sending.find(person_id, ask.card.language, key, ask.now)
    if choice is None:
        raise Http404
    way = next((one for one in choice.ways if one.channel == asked.get("by")), None) or choice.best or choice.ways[0]
    if request.method == "POST":
        return _send(request, ask, choice, way)
    return _look(request, ask, choice, way)


@requires("desk.send")
@require_GET
def letter(request: StaffRequest, person_id: int, key: str) -> HttpResponse:
    """The e-mail as this person would read it, for the frame."""
    ask = views.ask_about(request, person_id)
    choice = sending.find(person_id, ask.card.language, key, ask.now) if ask is not None else None
    way = next((one for one in choice.ways if one.channel == "email"), None) if choice is not None else None
    shown = _as_read(ask, way) if ask is not None and way is not None else None
    if shown is None:
        raise Http404
    return framed(shown.html)


@requires("desk.send")
@require_GET
def line(request: StaffRequest, person_id: int, intent_id: int) -> HttpResponse:
    """One line of what was sent, again and again until it has gone. It says no name."""
    found = sends.one(person_id, intent_id, clock.now())
    if found is None:
        raise Http404
    return page(request, "home/parts/sent_line.html", {"one": found, "back": _back(request.GET)})


@requires("desk.send")
@require_POST
def undo(request: StaffRequest, person_id: int, intent_id: int) -> HttpResponse:
    """Taken back before it went out."""
    if not Person.objects.filter(pk=person_id, erased_at__isnull=True).exists():
        return views.out_of_sight(request, person_id)
    try:
        sending.undo(by=request.user, person_id=person_id, intent_id=intent_id, now=clock.now())
    except sending.TooLate:
        say.error(request, _("It was too late: it has gone, or somebody took it back already."))
    else:
        say.success(request, _("Taken back. Nothing was sent."))
    return _to(person_id, _back(request.POST))


def _look(
    request: StaffRequest, ask: Ask, choice: sending.Choice, way: sending.Way, problem: str = "", status: int = 200
) -> HttpResponse:
    shown = _as_read(ask, way)
    name = request.POST.get("once", "") if status == COMPARE else ""
    more: dict[str, Any] = {
        "choice": choice,
        "way": way,
        "shown": shown,
        "size": texting.measure(shown.text) if shown is not None and way.channel == texting.SMS else None,
        "guard": sending.guard(ask.card, ask.now),
        "comes_at": sending.expected_today(ask.now).get(ask.person_id),
        "earlier": [
            one for one in sending.earlier(ask.person_id, way.version, ask.now) if one.state not in {"stopped", "failed"}
        ],
        "once": name or sending.once(ask.person_id, way.version, ask.now),
        "problem": problem if shown is not None else _("The words can't be filled in for this person. Tell whoever wrote them."),
    }  # fmt: skip
    if more["guard"] is not None and more["guard"].others:
        people = [one.id for one, _at in more["guard"].others]
        audit.record(by=ask.by, verb="people.read", now=ask.now, people=people, details={"why": "name guard"})
    asked = request.POST if request.method == "POST" else request.GET
    return page(request, "home/sending.html", _context(ask, asked, **more), fragment="send", status=status)


def _send(request: StaffRequest, ask: Ask, choice: sending.Choice, way: sending.Way) -> HttpResponse:
    try:
        sending.send(
            by=request.user, card=ask.card, way=way, name=request.POST.get("once", ""),
            compared=request.POST.get("compared") == "on", now=ask.now,
        )  # fmt: skip
    except sending.NotCompared:
        return _look(request, ask, choice, way, _("Please compare first, and tick that you did."), COMPARE)
    except sending.NotNow as no:
        fresh = sending.find(ask.person_id, ask.card.language, choice.key, ask.now) or choice
        return _look(request, ask, fresh, way, str(no), CHANGED)
    return _to(ask.person_id, _back(request.POST))


def _as_read(ask: Ask, way: sending.Way) -> Rendered | None:
    """As she will read it; None when the wording can't be filled in for her. `ask_about` has written who was looked at."""
    try:
        return compose.as_read(person_id=ask.person_id, version=way.version, now=ask.now)
    except BrokenTemplate:
        return None


def _context(ask: Ask, asked: Any, **more: Any) -> dict[str, Any]:
    return {"card": ask.card, "now": ask.now, "back": _back(asked), **more}


def _back(asked: Any) -> str:
    return asked.get("back") if asked.get("back") in BACK else BACK[0]


def _to(person_id: int, back: str) -> HttpResponse:
    if back == "today":
        return HttpResponseRedirect(reverse("home:today") + "?face=desk")
    return HttpResponseRedirect(reverse("home:person", args=[person_id]))
