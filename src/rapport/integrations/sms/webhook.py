"""Where the carrier brings text messages. Only POST, only with its signature; what it asks for is done before it gets its answer."""

import structlog
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden, QueryDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from rapport.integrations.sms import hearing, reading, signature, statuses
from rapport.kit import clock
from rapport.messaging import tracking
from rapport.trust.access import as_system, public
from rapport.trust.actors import System

CARRIER = System("sms-webhook")
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
log = structlog.get_logger(__name__)


@public(why="The carrier of text messages brings what patients write; its signature is the key.")
@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Take one message in. The answer says nothing: what we have to say goes through the one door out."""
    raw = request.body
    if not is_genuine(request, raw):
        log.warning("sms_refused", status=403)
        return HttpResponseForbidden("This is not signed by our carrier.\n", content_type="text/plain; charset=utf-8")
    message = reading.inbound(raw)
    if message is None:
        return HttpResponseBadRequest("A message needs an id and a sender.\n", content_type="text/plain; charset=utf-8")
    with transaction.atomic(), as_system():
        hearing.hear(by=CARRIER, message=message, raw=raw, now=clock.now())
    return HttpResponse(EMPTY, content_type="text/xml; charset=utf-8")


@public(
    why="The carrier of text messages tells what became of one; its signature and the token of the address are the keys."
)
@csrf_exempt
@require_POST
def status(request: HttpRequest, token: str) -> HttpResponse:
    """Take in what became of one message of ours."""
    raw = request.body
    if not is_genuine(request, raw):
        log.warning("sms_status_refused", status=403)
        return HttpResponseForbidden("This is not signed by our carrier.\n", content_type="text/plain; charset=utf-8")
    said, told = tracking.read(token), statuses.status_of(raw)
    if said is None or said.kind != "status" or told is None:
        return HttpResponseBadRequest("This names no message of ours.\n", content_type="text/plain; charset=utf-8")
    with transaction.atomic(), as_system():
        statuses.hear(by=CARRIER, intent_id=said.intent_id, told=told, now=clock.now())
    return HttpResponse(status=204)


def is_genuine(request: HttpRequest, raw: bytes) -> bool:
    """Whether the carrier signed this very request."""
    told = QueryDict(raw, encoding="utf-8")
    return signature.is_genuine(
        token=settings.SMS_TOKEN,
        url=f"{settings.PUBLIC_URL}{request.get_full_path()}",
        parameters=dict(told.lists()),
        signature=request.headers.get("X-Twilio-Signature", ""),
    )
