"""The preference centre, behind the link that stands in every mail. The token is the key; only the given name is shown.

- GET shows, and changes nothing: scanners follow every link. It also gives the file of one's permissions.
- POST saves, stops everything or undoes, in one transaction, and leads back to the page, which says what was saved.
"""

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from rapport.consent import preferences
from rapport.consent.preferences import NotAWish
from rapport.experience import centre, centre_page, permissions_file
from rapport.experience.centre import NotSigned, Saved, Turned, Visit
from rapport.experience.centre_page import Broken
from rapport.integrations.web import hits, public_words, visitors
from rapport.integrations.web.tracking import lost
from rapport.kit import clock
from rapport.messaging import tracking
from rapport.messaging.models import Intent
from rapport.people import identity
from rapport.people import queries as people
from rapport.people.models import Person
from rapport.trust import audit
from rapport.trust.access import as_system, public
from rapport.trust.actors import System
from rapport.ui.fragments import page as show

PATIENT = System("patient")
KIND = "preferences"
SALT = "preference-centre"
MAY_UNDO_FOR = timedelta(days=1)
TYPES = {"html": "text/html", "csv": "text/csv; charset=utf-8", "json": "application/json"}


@public(
    why="A patient chooses what to get without signing in; the token in the link is the key, and shows a given name."
)
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show, save, stop everything, or undo."""
    with transaction.atomic(), as_system():
        intent = _intent(token)
        if intent is None:
            return lost(request)
        now = clock.now()
        visit = _visit(request, intent)
        with translation.override(visit.language):
            response = _act(request, intent, visit, now) if request.method == "POST" else _show(request, visit, now)
    return _private(response)


@public(
    why="A patient takes her own permissions along; the token in the link is the key, and no sealed value is in it."
)
@require_safe
def download(request: HttpRequest, token: str, form: str) -> HttpResponse:
    """Every statement about messages, to read, as a table or as data."""
    with transaction.atomic(), as_system():
        intent = _intent(token)
        if intent is None or form not in TYPES:
            return lost(request)
        now = clock.now()
        visit = _visit(request, intent)
        audit.record(
            by=PATIENT, verb="permissions.download", now=now, person=visit.person_id, thing=f"intent:{intent.pk}",
            details={"form": form},
        )  # fmt: skip
        with translation.override(visit.language):
            response = _file(request, visit, form, now)
    return _private(response)


def _act(request: HttpRequest, intent: Intent, visit: Visit, now: datetime) -> HttpResponse:
    wish = request.POST.get("do", "save")
    if wish == "undo":
        return _undo(request, visit, now)
    try:
        if wish == "stop_all":
            saved = centre.stop_all(by=PATIENT, visit=visit, now=now)
        else:
            asked = centre_page.read(request.POST, now)
            saved = centre.save(by=PATIENT, visit=visit, asked=asked, now=now)
    except NotSigned as wrong:
        return _show(request, visit, now, Broken(request.POST, wrong.keys, "problem_sign"))
    except (NotAWish, ValueError):
        return _show(request, visit, now, Broken(request.POST, [], "problem_wish"))
    _tell(intent, saved, now)
    return _back(request, {"saved": _signed(intent, saved)})


def _undo(request: HttpRequest, visit: Visit, now: datetime) -> HttpResponse:
    """What a save of a day ago or less changed, taken back. The signature says that the page itself made the list."""
    saved = _read(request.POST.get("what", ""), visit)
    if saved is None:
        return _back(request, {"undone": "late"})
    done = centre.undo(by=PATIENT, visit=visit, saved=saved, now=now)
    return _back(request, {"undone": "late" if done.nothing else "yes"})


def _tell(intent: Intent, saved: Saved, now: datetime) -> None:
    """A yes or no to what this mail was about is heard back, like the press of its unsubscribe link."""
    about = next((one for one in saved.turned if one.key == f"{intent.channel}.{intent.topic}"), None)
    if about is not None:
        hits.land(kind="resubscribed" if about.is_on else "unsubscribed", intent=intent, now=now)


def _show(request: HttpRequest, visit: Visit, now: datetime, broken: Broken | None = None) -> HttpResponse:
    name = people.names(person_ids=[visit.person_id]).get(visit.person_id)
    given = name.called if name else ""
    audit.record(by=PATIENT, verb="person.greet", now=now, person=visit.person_id, thing="preferences")
    context: dict[str, Any] = centre_page.context(visit=visit, given=given, now=now, broken=broken)
    context |= {
        "saved": centre_page.summary(_read(request.GET.get("saved", ""), visit), visit.language),
        "what": request.GET.get("saved", ""),
        "undone": request.GET.get("undone", ""),
        "here": request.path,
        "inbox": reverse("web:inbox", args=[_token(request)]),
        "files": [(form, reverse("web:permissions", args=[_token(request), form])) for form in TYPES],
    }
    return show(request, "experience/preferences.html", context, status=422 if broken else 200)


def _file(request: HttpRequest, visit: Visit, form: str, now: datetime) -> HttpResponse:
    zone = Person.objects.values_list("timezone", flat=True).get(pk=visit.person_id)
    found = permissions_file.lines(visit.person_id, language=visit.language, timezone=zone)
    if form == "html":
        context = centre_page.file_context(visit, found, now)
        return show(request, "experience/permissions.html", context)
    body = (
        permissions_file.as_csv(found, visit.language)
        if form == "csv"
        else permissions_file.as_json(visit.person_id, now)
    )
    response = HttpResponse(body, content_type=TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="permissions.{form}"'
    return response


def _intent(token: str) -> Intent | None:
    said = tracking.read(token)
    if said is None or said.kind != KIND:
        return None
    return Intent.objects.select_related("version__piece").filter(pk=said.intent_id).first()


def _visit(request: HttpRequest, intent: Intent) -> Visit:
    """The person who is kept, and the language: chosen here, else wished for, else that of the mail."""
    person_id = identity.living(person_ids=[intent.person_id])[intent.person_id]
    wished = preferences.of(person_id).language
    language = public_words.language_of(request, wished or intent.version.piece.language)
    return Visit(person_id=person_id, language=language, proof={**visitors.proof(request), "intent": intent.pk})


def _signed(intent: Intent, saved: Saved) -> str:
    """What was saved, for the page that shows it: statement numbers and switches, nothing of the person."""
    turned = [[one.key, int(one.is_on), one.before] for one in saved.turned]
    return signing.dumps([intent.pk, turned, saved.preference, saved.preference_before], salt=SALT, compress=True)


def _read(text: str, visit: Visit) -> Saved | None:
    """What the page signed for this very mail, within a day; None for anything else."""
    if not text:
        return None
    try:
        number, turned, preference, before = signing.loads(text, salt=SALT, max_age=MAY_UNDO_FOR)
    except signing.BadSignature:
        return None
    if number != visit.proof["intent"]:
        return None
    return Saved(tuple(Turned(key, bool(is_on), stood) for key, is_on, stood in turned), preference, before)


def _back(request: HttpRequest, said: dict[str, str]) -> HttpResponse:
    query = "&".join(f"{name}={value}" for name, value in said.items())
    chosen = request.GET.get("lang", "")
    spoken = f"&lang={chosen}" if chosen in public_words.WORDS else ""
    return HttpResponseRedirect(f"{request.path}?{query}{spoken}#said")


def _token(request: HttpRequest) -> str:
    assert request.resolver_match is not None
    return str(request.resolver_match.kwargs["token"])


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
