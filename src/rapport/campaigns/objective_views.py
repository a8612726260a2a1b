"""Objectives with how far they are and what is planned for them, and the open visits that set the pace."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages as say
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.campaigns import capacity, objectives, queries
from rapport.campaigns.models import Objective
from rapport.directory.models import ServiceLine
from rapport.kit import clock
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

WEEKS = 8


class ObjectiveForm(forms.ModelForm):
    """What is wanted, by when."""

    class Meta:
        model = Objective
        fields = ("name", "metric", "target", "from_on", "until_on", "service_line")
        labels = {
            "name": gettext_lazy("Name"),
            "metric": gettext_lazy("What is counted"),
            "target": gettext_lazy("How many"),
            "from_on": gettext_lazy("From"),
            "until_on": gettext_lazy("Until"),
            "service_line": gettext_lazy("Service line"),
        }
        widgets = {
            "from_on": forms.DateInput(attrs={"type": "date"}),
            "until_on": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service_line"].required = False
        self.fields["service_line"].empty_label = gettext_lazy("Any")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("from_on") and typed.get("until_on") and typed["until_on"] < typed["from_on"]:
            self.add_error("until_on", _("The end is before the beginning."))
        return typed


@requires("campaigns.read")
@require_http_methods(["GET", "POST"])
def index(request: StaffRequest) -> HttpResponse:
    """All objectives, and one more."""
    now = clock.now()
    if request.method == "POST" and not request.may("campaigns.write"):
        return HttpResponse(status=403)
    form = ObjectiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        objectives.put(by=request.user, told=form.cleaned_data, now=now)
        say.success(request, _("Written down. Name it in a campaign, under Control group."))
        return HttpResponseRedirect(reverse("campaigns:objectives"))
    with queries.addressable(request.sight):
        rows = [objectives.outlook(one, now) for one in objectives.in_sight(request.sight)]
    context = {"outlooks": rows, "meaning": objectives.meaning, "form": form, "now": now}
    return page(request, "campaigns/objectives.html", context, status=422 if form.errors else 200)


@requires("campaigns.read")
@require_http_methods(["GET", "POST"])
def open_visits(request: StaffRequest) -> HttpResponse:
    """How many visits each service line can take, week by week, and how many are taken."""
    now = clock.now()
    lines = ServiceLine.objects.order_by("name")
    if not request.sight.every_line:
        lines = lines.filter(pk__in=request.sight.lines)
    chosen = lines.filter(slug=request.GET.get("line") or request.POST.get("line", "")).first() or lines.first()
    if request.method == "POST" and chosen is not None:
        if not request.may("campaigns.write"):
            return HttpResponse(status=403)
        shown = capacity.weeks(chosen.pk, now, WEEKS)
        capacity.put(
            by=request.user, service_line=chosen, weeks=_typed(request, [one.week_on for one in shown]), now=now
        )
        say.success(request, _("Kept. Campaigns that keep pace look at it within minutes."))
        return HttpResponseRedirect(f"{reverse('campaigns:open_visits')}?line={chosen.slug}")
    weeks = capacity.weeks(chosen.pk, now, WEEKS) if chosen else []
    tabs = [{"key": one.slug, "label": one.name, "href": f"?line={one.slug}"} for one in lines]
    return page(request, "campaigns/open_visits.html", {"tabs": tabs, "chosen": chosen, "weeks": weeks, "now": now})


def _typed(request: StaffRequest, weeks: list[date]) -> dict[date, int | None]:
    found: dict[date, int | None] = {}
    for week in weeks:
        typed = request.POST.get(f"slots-{week:%Y-%m-%d}", "").strip()
        if not typed:
            found[week] = None
        elif typed.isdecimal() and len(typed) <= 5:
            found[week] = int(typed)
    return found
