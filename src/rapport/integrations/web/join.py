"""The newsletter sign-up, and the page behind the link of the letter that follows it (double opt-in).

- The form answers the same to everybody, whether the address is known or not. A field that people don't see catches machines.
- The link shows a page; scanners that open it change nothing. Only the press of its button confirms or declines.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from rapport.consent import texts
from rapport.experience import join_words, optin
from rapport.experience.models import OptIn
from rapport.experience.optin import Ended, NotAnAddress, Wanted
from rapport.integrations.web import public_words, signups, visitors
from rapport.integrations.web.tracking import lost
from rapport.kit import clock
from rapport.messaging import tracking
from rapport.trust.access import as_system, public
from rapport.trust.actors import System
from rapport.ui.fragments import page as show
from rapport.ui.jinja import house_clinic

VISITOR = System("visitor")
TRAP = "website"
KIND = "confirm"


@public(
    why="Anybody may ask for the newsletter; nothing of a person is shown, and nothing counts before it is confirmed."
)
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """The form, and the one answer to it."""
    language = public_words.language_of(request)
    with translation.override(language):
        if request.method == "POST":
            return _private(_ask(request, language))
        if "sent" in request.GET:
            return _private(_say(request, "sent", language))
        return _private(_form(request, language))


@public(
    why="Whoever has the letter confirms or declines; the token in the link is the key, and shows nothing of a person."
)
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, confirm or decline."""
    said = tracking.read(token)
    if said is None or said.kind != KIND:
        return lost(request)
    now = clock.now()
    with transaction.atomic(), as_system():
        row = optin.find(said.intent_id)
        if row is None:
            return lost(request)
        language = public_words.language_of(request, row.locale)
        with translation.override(language):
            if request.method != "POST":
                return _private(_say(request, _state(row, now), language))
            if request.POST.get("do") == "confirm":
                return _private(_say(request, _confirm(request, row, now), language))
            declined = optin.decline(
                by=VISITOR, number=row.pk, now=now
            )  # also the one-click header of the letter (RFC 8058)
            return _private(_say(request, _state(declined, now), language))


def _ask(request: HttpRequest, language: str) -> HttpResponse:
    typed = request.POST
    if not typed.get(TRAP):
        wanted = Wanted(
            address=typed.get("email", ""),
            given=typed.get("given", "").strip(),
            family=typed.get("family", "").strip(),
            language=language,
        )
        try:
            with transaction.atomic(), as_system():
                optin.ask(by=VISITOR, wanted=wanted, proof=visitors.proof(request), now=clock.now())
        except NotAnAddress:
            return _form(request, language, problem=join_words.of(language)["wrong_email"], status=422)
    return HttpResponseRedirect(f"{request.path}?sent=1&lang={language}")


def _confirm(request: HttpRequest, row: OptIn, now: datetime) -> str:
    try:
        _, told = optin.confirm(by=VISITOR, number=row.pk, proof=visitors.proof(request), now=now)
    except Ended:
        return "ended"
    if told is not None:
        signups.land(told, now)
    return "done"


def _state(row: OptIn, now: datetime) -> str:
    if row.outcome == OptIn.Outcome.CONFIRMED:
        return "done"
    if row.outcome == OptIn.Outcome.DECLINED:
        return "no"
    return "ask" if row.outcome == OptIn.Outcome.OPEN and row.expires_at > now else "ended"


def _form(request: HttpRequest, language: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    text = texts.find(optin.FORM, optin.CHANNEL, optin.TOPIC, language)
    context: dict[str, Any] = {
        "clinic": house_clinic(),
        "words": join_words.of(language),
        "problem": problem,
        "typed": request.POST,
        "agreed": text.said(clinic=settings.CLINIC_NAME),
        "trap": TRAP,
    }
    return show(request, "experience/join.html", context, status=status)


def _say(request: HttpRequest, state: str, language: str) -> HttpResponse:
    context = {"clinic": house_clinic(), "words": join_words.of(language), "state": state}
    return show(request, "experience/joined.html", context, status=404 if state == "ended" else 200)


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "same-origin"  # with none at all a browser hides the origin of the form
    response.headers["X-Robots-Tag"] = "noindex"
    return response
