"""The page Sending: is it going out, how fast, how does it fare; and what a person can change about it."""

from datetime import datetime
from typing import Any

from django.contrib import messages as say
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.kit import clock
from rapport.messaging import dead, deliver, pacing, pressure, sending_state, warming
from rapport.messaging.models import Throttle
from rapport.messaging.sender_days import our_domain
from rapport.messaging.sending_forms import RateForm, ReasonForm, WarmUpForm
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

TYPICAL = {"first": 50, "growth": 1.6, "full": 50_000}


@requires("outbox.read")
@require_GET
def sending(request: StaffRequest) -> HttpResponse:
    """The state of the send."""
    return _page(request, clock.now())


@requires("campaigns.launch")
@require_POST
def pause(request: StaffRequest, channel: str) -> HttpResponse:
    """News and offers of a channel wait; care goes on."""
    return _with_reason(request, channel, go_on=False)


@requires("campaigns.launch")
@require_POST
def lift(request: StaffRequest, channel: str) -> HttpResponse:
    """Somebody has looked: they go on."""
    return _with_reason(request, channel, go_on=True)


@requires("campaigns.launch")
@require_POST
def rate(request: StaffRequest) -> HttpResponse:
    """Set a rate, or lift one."""
    now = clock.now()
    if "lift" in request.POST:
        if Throttle.objects.filter(name=request.POST["lift"]).exists():
            pacing.limit(by=request.user, name=request.POST["lift"], per_second=None, now=now)
            say.success(request, _("There is no limit any more."))
        return _back("rates")
    form = RateForm(request.POST, channels=_channels())
    if not form.is_valid():
        return _page(request, now, rate_form=form, status=422)
    pacing.limit(by=request.user, name=form.cleaned_data["name"], per_second=form.cleaned_data["per_second"], now=now)
    say.success(request, _("The rate is set. All workers keep it together."))
    return _back("rates")


@requires("campaigns.launch")
@require_POST
def warm_up(request: StaffRequest) -> HttpResponse:
    """Start the plan of a new sender, or end it."""
    now = clock.now()
    if "end" in request.POST:
        if warming.end(by=request.user, now=now):
            say.success(request, _("The plan has ended. As much goes out as there is."))
        return _back("warm-up")
    form = WarmUpForm(request.POST)
    if not form.is_valid():
        return _page(request, now, warm_form=form, status=422)
    said = form.cleaned_data
    warming.start(
        by=request.user, first=said["first"], growth=said["growth"], full=said["full"], started_on=said["started_on"],
        now=now,
    )  # fmt: skip
    say.success(request, _("The plan stands. Care and answers always go."))
    return _back("warm-up")


@requires("outbox.read")
@require_GET
def dead_letters(request: StaffRequest) -> HttpResponse:
    """Messages that were tried too often."""
    return _dead_page(request, ReasonForm())


@requires("campaigns.launch")
@require_http_methods(["POST"])
def settle_dead(request: StaffRequest) -> HttpResponse:
    """Some of them are tried again, or given up, with a reason."""
    form = ReasonForm(request.POST)
    chosen = [
        int(one)
        for one in request.POST.getlist("shown" if "all" in request.POST else "letter")
        if one.isdigit() and len(one) < 19
    ]
    if not form.is_valid() or not chosen:
        return _dead_page(request, form, "" if chosen else _("Tick at least one message."), chosen, 422)
    verb = dead.bury if request.POST.get("do") == "bury" else dead.revive
    many = verb(by=request.user, intent_ids=chosen, reason=form.cleaned_data["reason"], now=clock.now())
    done = (
        ngettext("%(n)s message was given up.", "%(n)s messages were given up.", many)
        if verb is dead.bury
        else ngettext("%(n)s message goes again.", "%(n)s messages go again.", many)
    )
    say.success(request, done % {"n": many})
    return HttpResponseRedirect(reverse("messaging:dead_letters"))


def _with_reason(request: StaffRequest, channel: str, *, go_on: bool) -> HttpResponse:
    if channel not in deliver.channels():
        raise Http404
    now = clock.now()
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, now, reason_form=form, asks=f"{'lift' if go_on else 'pause'}-{channel}", status=422)
    try:
        verb = pressure.lift if go_on else pressure.pause
        verb(by=request.user, channel=channel, reason=form.cleaned_data["reason"], now=now)
    except pressure.NothingToLift:
        say.info(request, _("Somebody let it go on already."))
    else:
        say.success(request, _("News and offers go out again.") if go_on else _("News and offers wait. Care goes on."))
    return _back("carriers")


def _page(
    request: StaffRequest,
    now: datetime,
    *,
    rate_form: RateForm | None = None,
    warm_form: WarmUpForm | None = None,
    reason_form: ReasonForm | None = None,
    asks: str = "",
    status: int = 200,
) -> HttpResponse:
    rates, unnamed = sending_state.rates()
    context: dict[str, Any] = {
        "carriers": sending_state.carriers(now),
        "names": sending_state.channel_words(),
        "old_pauses": sending_state.old_pauses(),
        "rates": [(one, sending_state.way_out(one.name)) for one in rates],
        "unnamed": unnamed,
        "days": sending_state.sender_days(now),
        "line": sending_state.complaint_line(now),
        "sender": our_domain(),
        "warm": sending_state.warm_up(now),
        "counts": sending_state.counts(),
        "rate_form": rate_form or RateForm(channels=_channels()),
        "warm_form": warm_form or WarmUpForm(initial={**TYPICAL, "started_on": now.date()}),
        "reason_form": reason_form or ReasonForm(),
        "asks": asks,
        "short": sending_state.short,
        "now": now,
    }
    return page(request, "messaging/sending.html", context, fragment="carriers", status=status)


def _dead_page(
    request: StaffRequest, form: ReasonForm, problem: str = "", chosen: list[int] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "letters": sending_state.dead_letters(), "total": sending_state.counts()["dead"], "form": form, "problem": problem,
        "chosen": chosen or [], "names": sending_state.channel_words(),
    }  # fmt: skip
    return page(request, "messaging/sending_dead.html", context, status=status)


def _channels() -> list[tuple[str, str]]:
    words = sending_state.channel_words()
    return [(one, words.get(one, one)) for one in deliver.channels()]


def _back(part: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("messaging:sending") + f"#{part}")
