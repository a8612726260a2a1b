"""One-click unsubscribe (RFC 8058) and its page.

- GET shows, and changes nothing: scanners follow every link.
- POST acts at once: the consent is withdrawn, the address is put on the suppression list and the touch is landed, in one
  transaction. No sign-in, no cookie, no redirect; the token in the address is the key.
- "I pressed this by mistake" brings back what stood before, for a day.
"""

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from rapport.consent import ledger, suppressions
from rapport.consent import queries as consents
from rapport.integrations.web import floods, hits, public_words
from rapport.integrations.web.tracking import lost
from rapport.kit import clock
from rapport.messaging import tracking
from rapport.messaging.models import Intent
from rapport.trust.access import as_system, public
from rapport.trust.actors import System
from rapport.ui.fragments import page as show

PATIENT = System("patient")
ALL_BUT_CARE = ("health_services", "newsletter", "survey", "fundraising")
ALLOWED_WITHOUT_A_YES = {"care", "billing", "survey"}
MAY_UNDO_FOR = timedelta(days=1)
TEXT_VERSION = "unsubscribe-1"
VIA = "unsubscribe"


@public(why="Stopping our messages must work without signing in; the token is the key.")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@floods.turned_away(floods.STOPS)
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, act or undo."""
    said = tracking.read(token)
    if said is not None and said.kind == "preferences" and request.method != "POST":
        return HttpResponseRedirect(reverse("web:preferences", args=[token]))  # where mails of old led
    if said is None or said.kind != "unsubscribe":
        return lost(request)
    with transaction.atomic(), as_system():
        intent = Intent.objects.select_related("version__piece").filter(pk=said.intent_id).first()
        if intent is None:
            return lost(request)
        if request.method != "POST":
            return _answer(request, intent, "ask")
        if request.POST.get("List-Unsubscribe") == "One-Click":
            _stop(intent, (intent.topic,), one_click=True)
            return HttpResponse("You are unsubscribed.\n", content_type="text/plain; charset=utf-8")
        return _answer(request, intent, _act(intent, request.POST.get("do", "")))


def _act(intent: Intent, wish: str) -> str:
    """What was pressed; anything else is the plain wish to stop."""
    if wish == "undo":
        return _undo(intent)
    if wish == "stop_all":
        _stop(intent, tuple(dict.fromkeys((intent.topic, *ALL_BUT_CARE))))
        return "done_all"
    _stop(intent, (intent.topic,))
    return "done"


def _stop(intent: Intent, topics: tuple[str, ...], *, one_click: bool = False) -> None:
    now = clock.now()
    if intent.person.erased_at is not None:
        return  # nothing is ever sent to her addresses again, and there is nobody left to write it down for
    evidence = {"intent": intent.pk, "one_click": one_click}
    for topic in topics:
        ledger.withdraw(
            by=PATIENT, person_id=intent.person_id, channel=intent.channel, topic=topic, via=VIA, now=now,
            text_version=TEXT_VERSION, evidence=evidence, locale=intent.version.piece.language,
        )  # fmt: skip
        suppressions.suppress_person(
            by=PATIENT, person_id=intent.person_id, kind="email", topic=topic, reason="unsubscribed", now=now
        )
    hits.land(kind="unsubscribed", intent=intent, now=now)


def _undo(intent: Intent) -> str:
    """Bring back each yes that was withdrawn here a short while ago. A yes that never stood is not invented."""
    now = clock.now()
    told = [one for one in consents.history(intent.person_id) if one.channel == intent.channel]
    mine = [
        one
        for one in told
        if one.status == "withdrawn"
        and one.via == VIA
        and one.evidence.get("intent") == intent.pk
        and now - one.at <= MAY_UNDO_FOR
    ]
    brought_back = 0
    for topic in {one.topic for one in mine}:
        same = [one for one in told if one.topic == topic]
        before = next((one for one in same if one.via != VIA), None)
        if same[0].status != "withdrawn":
            continue
        if (before is None or before.status != "granted") and topic not in ALLOWED_WITHOUT_A_YES:
            continue
        ledger.grant(
            by=PATIENT, person_id=intent.person_id, channel=intent.channel, topic=topic, via="undo", now=now,
            text_version=before.text_version if before else TEXT_VERSION,
            evidence={"intent": intent.pk, "brings_back": before.pk if before else None},
            locale=intent.version.piece.language,
        )  # fmt: skip
        suppressions.lift_person(by=PATIENT, person_id=intent.person_id, kind="email", topic=topic, now=now)
        brought_back += 1
    if brought_back:
        hits.land(kind="resubscribed", intent=intent, now=now)
    return "undone" if brought_back else "undo_nothing"


def _answer(request: HttpRequest, intent: Intent, state: str) -> HttpResponse:
    language = public_words.language_of(request, intent.version.piece.language)
    words = public_words.of(language)
    topic = public_words.topic(language, intent.topic)
    told = {key: text.format(topic=topic) for key, text in words.items()}
    with translation.override(words["lang"]):
        response = show(request, "integrations/unsubscribe.html", {"words": told, "state": state})
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
