"""The call list for the clerk: one call at a time, with its script, and what came of it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import phonenumbers
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rapport.kit import clock
from rapport.messaging import call_list_queries as reading
from rapport.messaging import call_lists, call_rules
from rapport.messaging.models import Call, CallTry
from rapport.people import queries as people
from rapport.trust.access import StaffRequest, requires
from rapport.ui.formats import local_time
from rapport.ui.fragments import page


@requires("calls.make")
@require_safe
def index(request: StaffRequest) -> HttpResponse:
    """How many wait, and what came of the last ones."""
    now = clock.now()
    lately = reading.lately()
    known = people.cards(by=request.user, person_ids=[one.person_id for one in lately], now=now) if lately else []
    context = {
        "numbers": reading.numbers(now),
        "mine": reading.held_by(request.user.pk),
        "lately": lately,
        "people": {one.id: one for one in known},
        "now": now,
    }
    return page(request, "messaging/calls.html", context)


@requires("calls.make")
@require_POST
def take_next(request: StaffRequest) -> HttpResponse:
    """The next one."""
    try:
        call = call_lists.take_next(by=request.user, now=clock.now())
    except call_lists.NobodyToCall:
        messages.info(request, _("Nobody is to be rung up now."))
        return HttpResponseRedirect(reverse("messaging:calls"))
    return HttpResponseRedirect(reverse("messaging:call", args=[call.pk]))


@requires("calls.make")
@require_safe
def one(request: StaffRequest, call_id: int) -> HttpResponse:
    """The call before the clerk: who, the number, the words."""
    return _shown(request, call_id)


@requires("calls.make")
@require_POST
def settle(request: StaffRequest, call_id: int) -> HttpResponse:
    """What came of it."""
    outcome = request.POST.get("outcome", "")
    if outcome not in CallTry.Outcome.values:
        raise Http404
    back_at = _moment(request.POST.get("call_back_at", "")) if outcome == CallTry.Outcome.LATER else None
    try:
        call_lists.settle(by=request.user, call_id=call_id, outcome=outcome, now=clock.now(), call_back_at=back_at)
    except call_lists.NotHeld:
        messages.info(request, _("Somebody else has this call now."))
        return HttpResponseRedirect(reverse("messaging:calls"))
    except call_lists.NotATime:
        problem = _("Type a day and an hour in the next 60 days.")
        return _shown(request, call_id, problem=problem, typed=request.POST.get("call_back_at", ""), status=422)
    messages.success(request, _("Noted."))
    return HttpResponseRedirect(reverse("messaging:calls"))


@requires("calls.make")
@require_POST
def hand_back(request: StaffRequest, call_id: int) -> HttpResponse:
    """Not rung."""
    try:
        call_lists.hand_back(by=request.user, call_id=call_id, now=clock.now())
        messages.info(request, _("It is back on the list."))
    except call_lists.NotHeld:
        messages.info(request, _("Somebody else has this call now."))
    return HttpResponseRedirect(reverse("messaging:calls"))


def _shown(
    request: StaffRequest, call_id: int, *, problem: str = "", typed: str = "", status: int = 200
) -> HttpResponse:
    now = clock.now()
    call = Call.objects.select_related("intent__version__piece").filter(pk=call_id).first()
    if call is None:
        raise Http404
    script, refused = None, ""
    try:
        script = call_lists.dial(by=request.user, call_id=call_id, now=now)
    except call_lists.NotHeld:
        messages.info(request, _("Take the next call from the list; this one is not yours."))
        return HttpResponseRedirect(reverse("messaging:calls"))
    except call_lists.NotNow as no:
        refused = str(no)
    known = people.cards(by=request.user, person_ids=[call.person_id], now=now)
    person = known[0] if known else None
    zone = person.timezone if person and person.timezone else ""
    context = {
        "call": call,
        "person": person,
        "there": local_time(now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) if zone else "",
        "script": script,
        "number": _as_dialled(script.number) if script else "",
        "refused": refused,
        "tries": reading.tries_of(call_id),
        "most": call_rules.MOST_TRIES,
        "problem": problem,
        "typed": typed,
        "now": now,
    }
    return page(request, "messaging/call.html", context, status=status)


def _as_dialled(number: str) -> str:
    """The number as people here read it."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.NATIONAL)
    except phonenumbers.NumberParseException:
        return number


def _moment(text: str) -> datetime | None:
    """What a field for day and hour says, by the clock on the wall of the house."""
    try:
        return timezone.make_aware(datetime.fromisoformat(text))
    except ValueError:
        return None
