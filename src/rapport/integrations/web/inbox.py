"""The patient's inbox. The token of the link says whose it is, the birth date opens it, a cookie of this page keeps it open a while.

- Nothing of a message, not even how many there are, shows before the birth date was right.
- That a message was read, and what was written back, land like every touch of a link.
"""

from datetime import date, datetime
from pathlib import Path

from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from rapport import experience
from rapport.consent import preferences
from rapport.experience import inbox, inbox_words
from rapport.integrations.web import hits, inbox_reply, public_words
from rapport.integrations.web.tracking import lost
from rapport.kit import clock
from rapport.messaging import inbox as kept
from rapport.messaging import pushing, tracking, vapid
from rapport.messaging.inbox import Item
from rapport.messaging.models import Intent
from rapport.people import identity
from rapport.trust.access import as_system, public
from rapport.trust.actors import System
from rapport.ui.fragments import page as show
from rapport.ui.jinja import house_clinic

PATIENT = System("patient")
KIND = "preferences"  # the link to one's own page, which stands in every mail
COOKIE, SALT = "inbox", "inbox"
LONGEST = 2_000
_WORKER = Path(experience.__file__).parent / "static" / "experience" / "inbox_worker.js"


class _Guest:
    """Who stands before the page."""

    def __init__(self, request: HttpRequest, token: str, intent: Intent, now: datetime) -> None:
        self.request, self.token, self.now = request, token, now
        self.person_id = identity.living(person_ids=[intent.person_id])[intent.person_id]
        wished = preferences.of(self.person_id).language
        self.language = public_words.language_of(request, wished or intent.version.piece.language)

    @property
    def has_key(self) -> bool:
        """Whether this browser was let in a short while ago, by this link."""
        try:
            said = signing.loads(self.request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=inbox.OPEN_FOR)
        except signing.BadSignature:
            return False
        return said == [self.person_id, self.token[-12:]]

    def key(self) -> str:
        return signing.dumps([self.person_id, self.token[-12:]], salt=SALT)

    def shown(self, what: str, *, status: int = 200, **more: object) -> HttpResponse:
        clinic = house_clinic()
        words = inbox_words.of(self.language, clinic=clinic["name"], phone=clinic["phone"])
        context = {"words": words, "clinic": clinic, "token": self.token, "what": what, "now": self.now, **more}
        return show(self.request, "experience/inbox.html", context, status=status)


@public(why="A patient reads messages without an account: the token in the link says whose, the birth date opens them.")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str, message_id: int = 0) -> HttpResponse:
    """The list or one message, once the birth date was right."""
    with transaction.atomic(), as_system():
        intent = _intent(token)
        if intent is None:
            return lost(request)
        guest = _Guest(request, token, intent, clock.now())
        with translation.override(guest.language):
            response = _post(guest, message_id) if request.method == "POST" else _get(guest, message_id)
    return _private(response)


def _get(guest: _Guest, message_id: int) -> HttpResponse:
    if inbox.is_shut(guest.person_id, guest.now):
        return guest.shown("shut", status=429)
    if not guest.has_key:
        return guest.shown("who")
    if not message_id:
        items = inbox.listed(by=PATIENT, person_id=guest.person_id, now=guest.now)
        return _list(guest, items)
    return _one(guest, message_id)


def _list(guest: _Guest, items: list[Item], *, told: str = "", status: int = 200) -> HttpResponse:
    told = told or (guest.request.GET.get("said", "") if guest.request.GET.get("said") in {"told", "untold"} else "")
    tells = bool(pushing.told_people([guest.person_id]))
    return guest.shown("list", items=items, told=told, tells=tells, push_key=vapid.public_key(), status=status)


def _push(guest: _Guest, wish: str) -> HttpResponse:
    """Whether the patient's browsers are told of new messages; a yes names this one."""
    if wish == "untell":
        pushing.unsubscribe(by=PATIENT, person_id=guest.person_id, language=guest.language, now=guest.now)
        return HttpResponseRedirect(reverse("web:inbox", args=[guest.token]) + "?said=untold")
    said = {name: guest.request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    words = inbox_words.WORDS.get(guest.language[:2], inbox_words.WORDS["en"])["told_text"]
    try:
        pushing.subscribe(
            by=PATIENT, person_id=guest.person_id, said=said, language=guest.language, words=words, now=guest.now
        )
    except pushing.NotASubscription:
        items = inbox.listed(by=PATIENT, person_id=guest.person_id, now=guest.now)
        return _list(guest, items, told="not_told", status=422)
    return HttpResponseRedirect(reverse("web:inbox", args=[guest.token]) + "?said=told")


@public(why="The browser fetches it to show “you have a new message”; it is a program and holds nothing of anybody.")
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the inbox."""
    response = HttpResponse(_WORKER.read_text(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _one(guest: _Guest, message_id: int, *, status: int = 200, **more: object) -> HttpResponse:
    item, is_first = inbox.opened(by=PATIENT, person_id=guest.person_id, message_id=message_id, now=guest.now)
    if item is None:
        return lost(guest.request)
    if is_first:
        hits.land(kind="message_opened", intent=Intent.objects.get(pk=item.intent_id), now=guest.now)
    sent = guest.request.GET.get("sent") == "yes"
    parts = inbox.paragraphs(item.body)
    return guest.shown("one", status=status, item=item, parts=parts, sent=sent, longest=LONGEST, **more)


def _post(guest: _Guest, message_id: int) -> HttpResponse:
    wish = guest.request.POST.get("do", "")
    if wish == "leave":
        response = guest.shown("who", left=True)
        response.delete_cookie(COOKIE, path=reverse("web:inbox", args=[guest.token]))
        return response
    if not guest.has_key or wish == "open":
        return _unlock(guest, message_id)
    if wish in {"tell", "untell"}:
        return _push(guest, wish)
    words = guest.request.POST.get("words", "").strip()
    if not words or len(words) > LONGEST:
        return _one(guest, message_id, status=422, problem="long" if words else "empty", typed=words)
    item, _is_first = inbox.opened(by=PATIENT, person_id=guest.person_id, message_id=message_id, now=guest.now)
    if item is None:
        return lost(guest.request)
    inbox_reply.hear(
        by=PATIENT,
        person_id=guest.person_id,
        intent_id=item.intent_id,
        words=words,
        language=guest.language,
        now=guest.now,
    )
    kept.mark(item.id, answered=True, now=guest.now)
    return HttpResponseRedirect(reverse("web:inbox-message", args=[guest.token, message_id]) + "?sent=yes")


def _unlock(guest: _Guest, message_id: int) -> HttpResponse:
    try:
        right = inbox.unlock(
            by=PATIENT, person_id=guest.person_id, born=_date(guest.request.POST.get("born", "")), now=guest.now
        )
    except inbox.Shut:
        return guest.shown("shut", status=429)
    if not right:
        return guest.shown("who", status=422, problem="wrong")
    here = reverse("web:inbox", args=[guest.token])
    there = reverse("web:inbox-message", args=[guest.token, message_id]) if message_id else here
    response = HttpResponseRedirect(there)
    response.set_cookie(
        COOKIE, guest.key(), max_age=inbox.OPEN_FOR, path=here, httponly=True, samesite="Strict",
        secure=guest.request.is_secure(),
    )  # fmt: skip
    return response


def _intent(token: str) -> Intent | None:
    said = tracking.read(token)
    if said is None or said.kind != KIND:
        return None
    return Intent.objects.select_related("version__piece").filter(pk=said.intent_id).first()


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
