"""The Outbox: who got what and when, who did not and why."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rapport.consent import plain_words
from rapport.content import texting
from rapport.content.sandbox import framed
from rapport.kit import clock
from rapport.messaging import outcomes, queries, state_words
from rapport.messaging.models import Intent
from rapport.people import queries as people
from rapport.trust.access import requires
from rapport.trust.models import User
from rapport.ui.fragments import page

FACES = ("desktop", "phone", "text", "headers")


@requires("outbox.read")
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """The list, by state and by what held messages back."""
    state = request.GET.get("state", "")
    gate = request.GET.get("gate", "")
    number = _whole(request.GET.get("page"), 1)
    if state and state not in queries.STATES:
        raise Http404
    now = clock.now()
    lines = queries.mailbox(state=state, gate=gate, cause_id=_whole(request.GET.get("campaign"), 0), page=number)
    known = people.cards(by=_me(request), person_ids=[one.person_id for one in lines], now=now) if lines else []
    counts = queries.counts()
    context = {
        "lines": lines,
        "people": {one.id: one for one in known},
        "counts": counts,
        "total": sum(counts.values()),
        "state": state,
        "gate": gate,
        "gates": queries.held_back(),
        "page_number": number,
        "more": len(lines) == queries.PAGE,
        "now": now,
    }
    return page(request, "messaging/outbox.html", context, fragment="results")


@requires("outbox.read")
@require_safe
def message(request: HttpRequest, intent_id: int) -> HttpResponse:
    """One message: as it arrived, and every decision about it."""
    intent = get_object_or_404(Intent.objects.select_related("version__piece"), pk=intent_id)
    is_text = intent.channel == texting.SMS
    face = request.GET.get("as", "text" if is_text else "desktop")
    now = clock.now()
    known = people.cards(by=_me(request), person_ids=[intent.person_id], now=now)
    arrived = queries.items(intent_id)
    shown = queries.opened(_me(request), arrived[0].pk, now) if arrived and face in {"text", "headers"} else None
    context = {
        "intent": intent,
        "person": known[0] if known else None,
        "face": face if face in FACES else "desktop",
        "receipts": queries.receipts(intent_id),
        "arrived": arrived,
        "shown": shown,
        "state_word": state_words.of,
        "gate_word": plain_words.gate,
        "topic_word": plain_words.topic,
        "size": texting.measure(shown.text.strip()) if is_text and shown is not None else None,
        "now": now,
    }
    return page(request, "messaging/message.html", context, fragment="letter")


@requires("outbox.read")
@require_safe
def letter(request: HttpRequest, intent_id: int) -> HttpResponse:
    """The HTML of a message, for the frame."""
    arrived = queries.items(intent_id)
    if not arrived:
        raise Http404
    return framed(queries.opened(_me(request), arrived[0].pk, clock.now()).html)


@requires("campaigns.launch")
@require_POST
def settle(request: HttpRequest, intent_id: int) -> HttpResponse:
    """Somebody found out what became of an unknown message."""
    reason = request.POST.get("reason", "").strip()[:200]
    if not reason:
        messages.error(request, _("Say how you know, then settle it."))
        return redirect("messaging:message", intent_id)
    arrived = request.POST.get("arrived") == "yes"
    try:
        outcomes.settle_by_hand(by=_me(request), intent_id=intent_id, arrived=arrived, reason=reason, now=clock.now())
        messages.success(request, _("Settled."))
    except outcomes.NotUnknown:
        messages.info(request, _("This message was settled in the meantime."))
    except Intent.DoesNotExist:
        raise Http404 from None
    return redirect("messaging:message", intent_id)


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 and int(text) > 0 else default


def _me(request: HttpRequest) -> User:
    """Who is signed in; `requires` has made sure of it."""
    assert isinstance(request.user, User)
    return request.user
