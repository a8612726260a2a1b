"""Writing down what stops or steers messages, and its end. A legal hold is for compliance alone."""

from typing import Any

from django.contrib import messages as say
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.consent import restrictions
from rapport.consent.models import ConsentRecord
from rapport.home import stops, views, wishes
from rapport.home.ask import Ask
from rapport.home.capture import VIA
from rapport.home.forms import EndStopForm, OnlyByForm, Plain
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

HOLD = ConsentRecord.Kind.LEGAL_HOLD


@requires("consent.write")
@require_http_methods(["GET", "POST"])
def stop(request: StaffRequest, person_id: int, kind: str) -> HttpResponse:
    """Not at all, only by one way, or an agreed restriction."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    if kind not in stops.STOPS:
        raise Http404
    return _write(request, ask, kind, stops.STOPS[kind])


@requires("consent.write")
@require_http_methods(["GET", "POST"])
def end_stop(request: StaffRequest, person_id: int, record_id: int) -> HttpResponse:
    """It holds no longer."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    one = stops.find(person_id, record_id, ask.now)
    if one is None or one.kind == HOLD:
        raise Http404
    return _end(request, ask, one)


@requires("compliance.write")
@require_http_methods(["GET", "POST"])
def hold(request: StaffRequest, person_id: int) -> HttpResponse:
    """A legal hold."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    return _write(request, ask, HOLD, stops.HOLD)


@requires("compliance.write")
@require_http_methods(["GET", "POST"])
def end_hold(request: StaffRequest, person_id: int, record_id: int) -> HttpResponse:
    """The legal hold is lifted."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    one = stops.find(person_id, record_id, ask.now)
    if one is None or one.kind != HOLD:
        raise Http404
    return _end(request, ask, one)


def _write(request: StaffRequest, ask: Ask, kind: str, what: stops.Stop) -> HttpResponse:
    form = _form(what, ask.person_id, request.POST if request.method == "POST" else None)
    if form.is_valid():
        what.write(ask.by, ask.person_id, form.cleaned_data, ask.now)
        say.success(request, _("Written down. It works at once."))
        return views.to_permission(ask.person_id)
    context = {"card": ask.card, "kind": kind, "what": what, "form": form, "ends": None}
    return page(request, "home/stop.html", context, fragment="steering", status=422 if form.errors else 200)


def _end(request: StaffRequest, ask: Ask, one: ConsentRecord) -> HttpResponse:
    form = EndStopForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        restrictions.lift(by=ask.by, record=one, via=f"{VIA}{form.cleaned_data['way']}", now=ask.now)
        say.success(request, _("It has ended. Messages go out again as everything else allows."))
        return views.to_permission(ask.person_id)
    context = {"card": ask.card, "kind": one.kind, "ends": one, "form": form, "name": stops.NAMES[one.kind]}
    return page(request, "home/stop.html", context, fragment="steering", status=422 if form.errors else 200)


def _form(what: stops.Stop, person_id: int, typed: Any) -> Plain:
    if what.form is OnlyByForm:
        return OnlyByForm(typed, ways=wishes.ways(person_id)[1:])
    return what.form(typed)
