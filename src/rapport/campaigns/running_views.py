"""The page of a campaign while it runs: pause and resume, the comparison of its variants, its best hours, and what was not sent."""

from datetime import datetime, time
from typing import Any

from django.contrib import messages as say
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.campaigns import (
    actions,
    audience,
    best_hour,
    comparison,
    deciding,
    occasions,
    queries,
    rhythm,
    unsent,
    variants_form,
)
from rapport.campaigns.forms import wording
from rapport.campaigns.models import Assignment, Campaign, Run
from rapport.campaigns.views import CHANNELS, campaign_of, to
from rapport.kit import clock, export
from rapport.segments import language, permission, store
from rapport.trust import audit
from rapport.trust.access import StaffRequest, requires
from rapport.ui.formats import local_time
from rapport.ui.fragments import page


@requires("campaigns.write")
@require_http_methods(["GET", "POST"])
def variants(request: StaffRequest, slug: str) -> HttpResponse:
    """The rows of a comparison: kept by themselves, one more, one less."""
    campaign = campaign_of(request, slug)
    problem = ""
    if request.method == "POST":
        try:
            rows = variants_form.read(request.POST, campaign)
            if "more" in request.POST:
                rows = variants_form.one_more(rows)
            elif request.POST.get("less", "").isdecimal():
                rows = variants_form.one_less(rows, int(request.POST["less"]))
            actions.vary(by=request.user, campaign=campaign, variants=rows, now=clock.now())
        except (variants_form.Unreadable, actions.NotADraft) as refused:
            problem = str(refused)
        if request.headers.get("HX-Request") != "true":
            return to(campaign, "what")
    shown = list(campaign.variants.select_related("version__piece").order_by("label"))
    context = {
        "campaign": campaign,
        "variants": shown,
        "wordings": [(str(one.pk), wording(one)) for one in variants_form.wordings(campaign)],
        "ways": [(key, label) for key, label in CHANNELS.items() if key != campaign.channel],
        "problem": problem,
        "total": sum(one.percent for one in shown),
    }
    return page(request, "campaigns/variants.html", context, status=422 if problem else 200)


@requires("campaigns.launch")
@require_POST
def pause(request: StaffRequest, slug: str) -> HttpResponse:
    """Nothing more goes out until it is resumed."""
    campaign = campaign_of(request, slug)
    try:
        actions.pause(by=request.user, campaign=campaign, now=clock.now(), reason=request.POST.get("reason", "")[:300])
    except actions.NotRunning as refused:
        say.error(request, str(refused))
    else:
        say.success(request, _("Paused. Nothing more goes out until you resume it."))
    return to(campaign)


@requires("campaigns.launch")
@require_POST
def resume(request: StaffRequest, slug: str) -> HttpResponse:
    """On again."""
    campaign = campaign_of(request, slug)
    try:
        actions.resume(by=request.user, campaign=campaign, now=clock.now())
    except actions.NotRunning as refused:
        say.error(request, str(refused))
    else:
        say.success(request, _("It goes on. What came due meanwhile goes out now."))
    return to(campaign)


@requires("campaigns.read")
@require_GET
def compare(request: StaffRequest, slug: str) -> HttpResponse:
    """The variants beside each other: a part of the page that comes after it, since it reads the timeline of everybody."""
    campaign, now = campaign_of(request, slug), clock.now()
    runs = campaign.runs.filter(state=Run.State.RUNNING).select_related("campaign", "winner").order_by("-due_at")
    with queries.addressable(request.sight):
        shown = [comparison.of(run, now) for run in runs[:3]]
    context = {"campaign": campaign, "shown": shown, "now": now}
    return page(request, "campaigns/compare.html", context)


@requires("campaigns.read")
@require_GET
def explain_hour(request: StaffRequest, slug: str) -> HttpResponse:
    """From what “the hour at which each person answers” is reckoned, for the people of this campaign: a part of the page."""
    campaign, now = campaign_of(request, slug), clock.now()
    context: dict[str, Any] = {"campaign": campaign, "hours": best_hour.HOURS, "hour_words": _hour_words, "lacking": ""}
    with queries.addressable(request.sight):
        try:
            people = _written_to(campaign, now)
        except (store.NoWarehouse, permission.NotForThisPurpose, language.Misformed) as lacking:
            people, context["lacking"] = [], str(lacking)
        context["told"] = told = best_hour.explain(people, now)
    context["bars"] = [{"label": _hour_words(hour), "value": people} for hour, people in told.hours.items()]
    return page(request, "campaigns/best_hour.html", context)


def _hour_words(hour: int) -> str:
    """That hour as the house writes it."""
    wall = datetime.combine(rhythm.SOME_DAY, time(hour))
    return local_time(rhythm.instant(wall, occasions.clinic_zone()))


def _written_to(campaign: Campaign, now: datetime) -> list[int]:
    """The contact group of the newest run; before there is one, the people of the plan."""
    run = campaign.runs.filter(state=Run.State.RUNNING).order_by("-due_at").first()
    if run is not None:
        found = run.assignments.filter(arm=Assignment.Arm.CONTACT).order_by("person_id")
        return list(found.values_list("person_id", flat=True))
    return audience.planned(campaign, now) if campaign.segment is not None and campaign.purpose else []


@requires("campaigns.launch")
@require_POST
def decide(request: StaffRequest, slug: str) -> HttpResponse:
    """A person gives the rest a variant, before the rule does."""
    campaign, now = campaign_of(request, slug), clock.now()
    run = campaign.runs.filter(occurrence=request.POST.get("run", "")).first()
    chosen = campaign.variants.filter(label=request.POST.get("variant", "")).first()
    if run is None or chosen is None:
        say.error(request, _("Choose one of the variants."))
        return to(campaign)
    try:
        deciding.decide(by=request.user, run=run, winner=chosen, now=now)
    except deciding.NotToBeDecided as refused:
        say.error(request, str(refused))
    else:
        say.success(request, _("Decided. The rest gets variant %(label)s.") % {"label": chosen.label})
    return to(campaign)


@requires("campaigns.read")
@require_GET
def not_sent(request: StaffRequest, slug: str) -> HttpResponse:
    """What was not sent, counted by reason."""
    campaign = campaign_of(request, slug)
    return page(
        request,
        "campaigns/unsent.html",
        {"campaign": campaign, "reasons": unsent.reasons(campaign), "now": clock.now()},
    )


@requires("campaigns.read")
@require_GET
def not_sent_file(request: StaffRequest, slug: str) -> HttpResponse:
    """The same person by person, by number and without names, as a table."""
    campaign = campaign_of(request, slug)
    rows = [(row.person_id, row.run, row.state, row.gate, row.reason) for row in unsent.rows(campaign)]
    audit.record(
        by=request.user,
        verb="campaigns.export",
        now=clock.now(),
        thing=f"campaign:{campaign.slug}",
        details={"not_sent": len(rows)},
        trace=campaign.trace,
    )
    answer = HttpResponse(export.table(unsent.COLUMNS, rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="not-sent-{campaign.slug}.csv"'
    return answer
