"""Audiences for advertising platforms: on or off, the files that were made, and a new one."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rapport.governance import social
from rapport.governance.models import AudienceExport
from rapport.governance.tabs import tabs
from rapport.kit import clock
from rapport.segments import store
from rapport.segments.language import parse
from rapport.segments.models import Segment
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page


@requires("compliance.see")
@require_safe
def audiences(request: StaffRequest) -> HttpResponse:
    """What is on, and what was made."""
    return _shown(request)


@requires("compliance.write")
@require_POST
def switch(request: StaffRequest) -> HttpResponse:
    """Turn a platform on, or off."""
    said, now = request.POST, clock.now()
    platform = said.get("platform", "")
    if platform not in social.PLATFORMS:
        raise Http404
    if said.get("do") == "off":
        social.turn_off(by=request.user, platform=platform, now=now)
        messages.success(request, _("Off. No audience is made for it any more."))
        return HttpResponseRedirect(reverse("governance:audiences"))
    try:
        social.turn_on(
            by=request.user, platform=platform, purpose=said.get("purpose", ""), agreement=said.get("agreement", ""),
            until=_day(said.get("until", "")), now=now,
        )  # fmt: skip
    except social.Off:
        messages.error(request, _("This installation does not allow audiences."))
    except social.Incomplete:
        problem = _("Say what for, under which agreement, and until which day to come.")
        return _shown(request, problem=problem, typed=said.dict(), status=422)
    else:
        messages.success(request, _("On. Every file is a disclosure and stands below."))
    return HttpResponseRedirect(reverse("governance:audiences"))


@requires("people.export")
@require_POST
def make(request: StaffRequest) -> HttpResponse:
    """One file."""
    segment = get_object_or_404(Segment, slug=request.POST.get("segment", ""))
    platform = request.POST.get("platform", "")
    try:
        made = social.export(by=request.user, segment=segment, platform=platform, now=clock.now())
    except social.Off:
        messages.error(request, _("Audiences for this platform are off."))
    except social.NotGeneral:
        messages.error(request, _("This segment knows more than who people are and where they live."))
    except store.NoWarehouse:
        messages.error(request, _("People were not counted yet. Try again in a minute."))
    else:
        response = HttpResponse(made.file, content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="audience-{made.receipt.pk}.csv"'
        response.headers["Cache-Control"] = "no-store"
        return response
    return HttpResponseRedirect(reverse("governance:audiences"))


def _shown(
    request: StaffRequest, *, problem: str = "", typed: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    now = clock.now()
    on = {name: social.standing(name, now.date()) for name in social.PLATFORMS}
    live = Segment.objects.filter(kind=Segment.Kind.LIVE).order_by("name")
    context = {
        "tabs": tabs(request),
        "allowed": settings.SOCIAL_AUDIENCES,
        "platforms": social.PLATFORMS,
        "on": on,
        "segments": [(one.slug, one.name) for one in live if social.is_general(parse(one.definition))],
        "made": list(AudienceExport.objects.select_related("switch", "made_by").order_by("-made_at", "-pk")[:50]),
        "names": dict(Segment.objects.values_list("pk", "name")),
        "problem": problem,
        "typed": typed or {},
        "now": now,
    }
    return page(request, "governance/desk/audiences.html", context, status=status)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
