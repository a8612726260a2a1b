"""Replies: what people wrote to us, and what waits for somebody to read it."""

from django.contrib import messages as say
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rapport.integrations.models import Reply
from rapport.integrations.sms import replies
from rapport.kit import clock
from rapport.people import queries as people
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page


@requires("outbox.read")
@require_safe
def index(request: StaffRequest) -> HttpResponse:
    """The list, open ones first. No word of a message stands here."""
    state = request.GET.get("state", "open")
    if state not in Reply.State.values:
        raise Http404
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isdigit() and 0 < len(asked) < 6 and int(asked) else 1
    rows = replies.listed(state, page=number)
    now = clock.now()
    known = (
        people.cards(by=request.user, person_ids=[one.person_id for one in rows if one.person_id], now=now)
        if rows
        else []
    )
    context = {
        "rows": rows[: replies.PAGE],
        "more": len(rows) > replies.PAGE,
        "people": {one.id: one for one in known},
        "counts": replies.counts(),
        "state": state,
        "page_number": number,
        "now": now,
    }
    return page(request, "integrations/replies.html", context, fragment="results")


@requires("outbox.read")
@require_safe
def one(request: StaffRequest, reply_id: int) -> HttpResponse:
    """One message, opened; that it was read is on record."""
    reply = get_object_or_404(Reply.objects.select_related("landing", "settled_by"), pk=reply_id)
    now = clock.now()
    known = people.cards(by=request.user, person_ids=[reply.person_id], now=now) if reply.person_id else []
    context = {
        "reply": reply,
        "person": known[0] if known else None,
        "words": replies.opened(by=request.user, reply=reply, now=now),
        "now": now,
    }
    return page(request, "integrations/reply.html", context)


@requires("consent.write")
@require_POST
def settle(request: StaffRequest, reply_id: int) -> HttpResponse:
    """Somebody has read it: done, or it was a wish to stop."""
    as_stop = request.POST.get("do") == "stop"
    try:
        reply = replies.settle(by=request.user, reply_id=reply_id, as_stop=as_stop, now=clock.now())
        say.success(request, _stopped(reply) if as_stop else _("Done."))
    except replies.AlreadySettled:
        say.info(request, _("Somebody settled this message in the meantime."))
    except Reply.DoesNotExist:
        raise Http404 from None
    return HttpResponseRedirect(reverse("sms:replies"))


def _stopped(reply: Reply) -> str:
    if reply.channel == Reply.Channel.EMAIL:
        return _("Stopped. No more news and offers by e-mail to this address.")
    if reply.channel == Reply.Channel.PORTAL:
        return _("Stopped. No more news and offers to this person, whatever the way.")
    return _("Stopped. No more text messages or automated calls to this number.")
