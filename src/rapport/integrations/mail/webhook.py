"""Where providers of e-mail report. Only with a secret that the site has set, only with the proof the provider gives.

Whoever is refused often within a minute is not listened to for the rest of it; a provider that proves itself is never slowed.
"""

from datetime import datetime, timedelta

import structlog
from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from rapport.integrations.mail import answers, hearing, providers
from rapport.integrations.mail.envelope import KEPT_HEADERS, Envelope
from rapport.integrations.mail.reading import UNREADABLE
from rapport.integrations.mail.refusals import NotGenuine, Stale
from rapport.kit import clock
from rapport.kit.limits import Window
from rapport.trust.access import as_system, public
from rapport.trust.actors import System
from rapport.trust.lockout import address

PROVIDER = System("mail-webhook")
WRONG = Window(per_minute=30)
AHEAD = timedelta(minutes=5)
log = structlog.get_logger(__name__)


@public(why="Providers of e-mail report what became of messages; their proof is the key.")
@csrf_exempt
@transaction.non_atomic_requests
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest, provider: str, kind: str = "events") -> HttpResponse:
    """Take one report in. The answer says nothing but whether it was taken."""
    door, secret = providers.DOORS[kind].get(provider), providers.secret_of(provider, kind)
    if door is None or not secret:
        raise Http404
    if request.method != "POST":
        return _said("This is where reports are taken.", 200)  # some providers look whether anybody is here
    now, whose = clock.now(), address(request)
    if not WRONG.allows(whose, now, count=0):
        return _said("Too many refused. Try again in a minute.", 429)
    try:
        _prove(request, door, secret, now)
        with transaction.atomic(), as_system():
            _take(request, provider, kind, door, now)
    except RequestDataTooBig:
        return _said("This is too large.", 413)
    except (AnymailWebhookValidationFailure, NotGenuine) as wrong:
        WRONG.allows(whose, now)
        log.warning("mail_report_refused", provider=provider, kind=kind, why=type(wrong).__name__)
        return _said("This does not prove to be from our provider.", 403)
    except UNREADABLE as wrong:
        WRONG.allows(whose, now)
        log.warning("mail_report_unreadable", provider=provider, kind=kind, why=type(wrong).__name__)
        return _said("This can't be read.", 400)
    return _said("Taken.", 200)


def _prove(request: HttpRequest, door: providers.Door, secret: str, now: datetime) -> None:
    """Raises unless the request is the provider's, whole and of now."""
    _ = request.body  # read first: a form that is read before it leaves no raw bytes behind
    if door.check is not None:
        door.check(request, secret)
    try:
        door.opened(secret, f"{settings.PUBLIC_URL}{request.get_full_path()}").run_validators(request)
    except AnymailError as wrong:
        raise NotGenuine(type(wrong).__name__) from None
    except UNREADABLE as wrong:
        raise NotGenuine(type(wrong).__name__) from None
    at = door.stamp(request).at
    if at is not None and not now - timedelta(minutes=door.minutes) <= at <= now + AHEAD:
        raise Stale("signed too long ago")


def _take(request: HttpRequest, provider: str, kind: str, door: providers.Door, now: datetime) -> None:
    envelope = Envelope(
        provider,
        kind,
        request.headers.get("Content-Type", ""),
        {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers},
    )
    once = door.stamp(request).once
    if kind == "inbound":
        answers.hear_report(by=PROVIDER, envelope=envelope, body=request.body, now=now, once=once)
    else:
        hearing.hear(by=PROVIDER, envelope=envelope, body=request.body, now=now, once=once)


def _said(words: str, status: int) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
