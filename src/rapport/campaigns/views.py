"""The pages of campaigns: the list, the path of five steps, the live page, the people behind a number."""

from typing import Any

from django.contrib import messages as say
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.campaigns import (
    actions,
    capacity,
    channels,
    comparison,
    costs,
    forecast,
    forms,
    objectives,
    plan,
    power,
    purpose,
    queries,
    roster,
    ways,
    ways_form,
)
from rapport.campaigns.models import Campaign
from rapport.consent import plain_words
from rapport.kit import clock
from rapport.messaging import state_words
from rapport.segments import language, permission, store
from rapport.segments import queries as segments
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

LABELS = {
    "who": gettext_lazy("Who"),
    "what": gettext_lazy("What"),
    "when": gettext_lazy("When"),
    "control": gettext_lazy("Control group"),
    "check": gettext_lazy("Check"),
}
CHANNELS = {
    "email": gettext_lazy("E-mail"),
    "sms": gettext_lazy("Text message"),
    "call": gettext_lazy("Telephone"),
    "print": gettext_lazy("Letter"),
    "portal": gettext_lazy("Portal"),
}
HOLDOUTS = (5, 10, 20, 30, 50)


@requires("campaigns.read")
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """All campaigns, the newest first."""
    found = list(queries.in_sight(request.sight).order_by("-created_at"))
    context = {"campaigns": found, "contacted": queries.contacted(found), "now": clock.now()}
    return page(request, "campaigns/index.html", context)


@requires("campaigns.write")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """A name, and the path begins; with an objective in hand where one was chosen before."""
    form = forms.NewForm(request.POST or None)
    told = request.POST if request.method == "POST" else request.GET
    aim = objectives.in_sight(request.sight).filter(slug=told.get("objective", "")).first()
    if request.method == "POST" and form.is_valid():
        planned = {"objective": aim, "service_line": aim.service_line} if aim else {}
        made = actions.draft(by=request.user, name=form.cleaned_data["name"], now=clock.now(), planned=planned)
        return to(made, "who")
    return page(request, "campaigns/new.html", {"form": form, "aim": aim})


@requires("campaigns.read")
@require_GET
def one(request: StaffRequest, slug: str) -> HttpResponse:
    """A draft on its path, or a launched campaign as it goes."""
    campaign = campaign_of(request, slug)
    if campaign.launched_at is not None:
        return _live(request, campaign)
    step = request.GET.get("step", "who")
    return _draft(request, campaign, step if step in plan.STEPS else "who")


@requires("campaigns.write")
@require_POST
def save(request: StaffRequest, slug: str) -> HttpResponse:
    """Keep one step. By itself on every change (htmx answers with what to say), or with the button that goes on."""
    campaign = campaign_of(request, slug)
    step = request.POST.get("step", "who")
    if step not in forms.STEPS:
        raise Http404
    form = forms.STEPS[step](request.POST)
    is_whole = form.is_valid()
    try:
        campaign = actions.save(by=request.user, campaign=campaign, planned=form.planned(), now=clock.now())
        if isinstance(form, forms.Who) and {"not_after_days", "also", "not_in"} & set(request.POST):
            actions.narrow(by=request.user, campaign=campaign, lines=form.lines(), now=clock.now())
    except actions.NotADraft as refused:
        say.error(request, str(refused))
        return to(campaign)
    if request.headers.get("HX-Request") == "true":
        context = _step(campaign, step, form)
        anew = step == "what" and request.POST.get("ways_of", "") != str(campaign.version_id or "")
        told = {"saved": not context["problems"], "ways_anew": anew}
        return page(request, "campaigns/draft.html", context | told, fragment="saved")
    if not is_whole:
        return page(request, "campaigns/draft.html", _step(campaign, step, form), status=422)
    return to(campaign, plan.STEPS[plan.STEPS.index(step) + 1])


@requires("campaigns.read")
@require_GET
def check(request: StaffRequest, slug: str) -> HttpResponse:
    """The forecast, as a part of the page: it asks segment and policy about everybody, so it comes after the page."""
    campaign = campaign_of(request, slug)
    part = "control" if request.GET.get("part") == "control" else "check"
    context: dict[str, Any] = {"campaign": campaign, "now": clock.now(), "part": part}
    try:
        with queries.addressable(request.sight):
            found = forecast.forecast(campaign, context["now"])
    except (forecast.NoSegment, store.NoWarehouse, permission.NotForThisPurpose) as lacking:
        context["lacking"] = str(lacking)
    else:
        context |= {"forecast": found, "choices": _choices(found)}
        context["compared"] = comparison.planned(campaign, found.contact, found.base_rate)
        context["room"] = (
            capacity.room(campaign, context["now"]) if campaign.is_paced and campaign.service_line_id else None
        )
        context["when_in_words"] = plan.in_words(campaign)
        context["in_ways"] = ways.sentence(campaign) or ways.told([campaign.channel])
        context["estimate"] = costs.of_message(campaign).estimate
        context["reach"] = channels.Reach(
            campaign.channel, found.permitted - found.deferred, found.deferred, found.held_back
        )
    context["channels"] = CHANNELS
    context["remarks"] = plan.remarks(campaign, now=context["now"])
    context["stops"] = [remark for remark in context["remarks"] if remark.stops]
    return page(request, "campaigns/check.html", context)


@requires("campaigns.read")
@require_GET
def by_channel(request: StaffRequest, slug: str) -> HttpResponse:
    """The rows of the other channels: a part of the check that comes after it, since it asks the policy once a channel."""
    campaign = campaign_of(request, slug)
    context: dict[str, Any] = {"campaign": campaign, "channels": CHANNELS, "rows": [], "lacking": ""}
    try:
        with queries.addressable(request.sight):
            context["rows"] = channels.by_channel(campaign, now=clock.now(), channels=channels.others(campaign))
    except (forecast.NoSegment, store.NoWarehouse) as lacking:
        context["lacking"] = str(lacking)
    return page(request, "campaigns/channels.html", context)


@requires("campaigns.read")
@require_GET
def people(request: StaffRequest, slug: str) -> HttpResponse:
    """The people behind a number. Names only for those who may read people."""
    campaign = campaign_of(request, slug)
    wish = roster.Wish(
        arm=request.GET.get("arm", ""),
        state=request.GET.get("state", ""),
        gate=request.GET.get("gate", ""),
        page=_page(request),
        channel=request.GET.get("channel", ""),
        reason=request.GET.get("why", "")[:300],
        variant=request.GET.get("variant", "")[:1],
        run=request.GET.get("run", "")[:40],
    )
    now = clock.now()
    try:
        with queries.addressable(request.sight):
            found = roster.of(campaign, wish, now)
    except permission.NotForThisPurpose as refused:
        say.error(request, str(refused))
        return to(campaign, "who")
    names = roster.names(found.rows, by=request.user, now=now) if request.may("people.read") else {}
    return page(
        request,
        "campaigns/people.html",
        {
            "campaign": campaign,
            "wish": wish,
            "found": found,
            "names": names,
            "channels": CHANNELS,
            "state_word": state_words.of,
            "gate_word": plain_words.gate,
            "now": now,
        },
    )


@requires("campaigns.launch")
@require_POST
def launch(request: StaffRequest, slug: str) -> HttpResponse:
    """After the look: go."""
    campaign = campaign_of(request, slug)
    try:
        with queries.addressable(request.sight):
            actions.launch(by=request.user, campaign=campaign, now=clock.now())
    except (actions.Incomplete, actions.NotADraft, store.NoWarehouse, permission.NotForThisPurpose) as refused:
        say.error(request, str(refused))
        return to(campaign, "check")
    say.success(request, _("Launched. The first messages leave at the time you chose."))
    return to(campaign)


@requires("campaigns.launch")
@require_POST
def schedule(request: StaffRequest, slug: str) -> HttpResponse:
    """After the look: go by itself at its time. Or take that back."""
    campaign = campaign_of(request, slug)
    try:
        if campaign.state == Campaign.State.SCHEDULED:
            actions.unschedule(by=request.user, campaign=campaign, now=clock.now())
        else:
            actions.schedule(by=request.user, campaign=campaign, now=clock.now())
    except (actions.Incomplete, actions.NotADraft, actions.NotScheduled) as refused:
        say.error(request, str(refused))
    return to(campaign, "check")


@requires("campaigns.launch")
@require_POST
def stop(request: StaffRequest, slug: str) -> HttpResponse:
    """What has not left stays here."""
    campaign = campaign_of(request, slug)
    try:
        actions.stop(by=request.user, campaign=campaign, now=clock.now(), reason=request.POST.get("reason", "")[:300])
    except actions.NotRunning as refused:
        say.error(request, str(refused))
    else:
        say.success(request, _("Stopped. Nothing more goes out."))
    return to(campaign)


@requires("campaigns.write")
@require_POST
def clone(request: StaffRequest, slug: str) -> HttpResponse:
    """The same plan as a new draft."""
    return to(actions.clone(by=request.user, campaign=campaign_of(request, slug), now=clock.now()), "who")


def campaign_of(request: StaffRequest, slug: str) -> Campaign:
    """The campaign, when this person sees its service line; else there is none."""
    found = queries.in_sight(request.sight).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _draft(request: StaffRequest, campaign: Campaign, step: str) -> HttpResponse:
    form = forms.STEPS[step].of(campaign) if step in forms.STEPS else None
    return page(request, "campaigns/draft.html", _step(campaign, step, form))


def _step(campaign: Campaign, step: str, form: forms.Step | None) -> dict[str, Any]:
    """What the template of a draft needs, on any step."""
    now = clock.now()
    remarks = plan.remarks(campaign, now=now)
    where = reverse("campaigns:one", args=[campaign.slug])
    declared = campaign.purpose and campaign.remunerated is not None
    return {
        "campaign": campaign,
        "form": form,
        "step": step,
        "number": plan.STEPS.index(step) + 1,
        "steps": [{"label": LABELS[key], "href": f"{where}?step={key}"} for key in plan.STEPS],
        "remarks": [remark for remark in remarks if remark.step == step],
        "found_class": purpose.classify(campaign.purpose, bool(campaign.remunerated), on=now.date())
        if declared
        else None,
        "in_words": _in_words(campaign),
        "in_ways": ways.sentence(campaign),
        "ways_names": ways_form.NAMES,
        "problems": forms.problems(form) if form is not None and form.is_bound else [],
        "now": now,
        "zone": timezone.get_current_timezone_name(),
    }


def _in_words(campaign: Campaign) -> str:
    try:
        definition = plan.definition_of(campaign)
        return segments.sentence(language.parse(definition), get_language() or "en") if definition else ""
    except language.Misformed as broken:
        return str(broken)


def _live(request: StaffRequest, campaign: Campaign) -> HttpResponse:
    now = clock.now()
    context = {
        "campaign": campaign,
        "runs": list(campaign.runs.select_related("winner").order_by("-due_at")[:12]),
        "compares": campaign.variants.exists(),
        "when_in_words": plan.in_words(campaign),
        "in_ways": ways.sentence(campaign) or ways.told([campaign.channel]),
        "progress": queries.progress(campaign),
        "found_class": purpose.classify(campaign.purpose, bool(campaign.remunerated), on=now.date()),
        "now": now,
    }
    return page(request, "campaigns/live.html", context, fragment="progress")


def _choices(found: forecast.Forecast) -> list[dict[str, Any]]:
    """What other shares of control would cost and find, for the people who may be reached now."""
    rows = []
    for percent in HOLDOUTS:
        held = round(found.permitted * percent / 100)
        rows.append(
            {
                "percent": percent,
                "held": held,
                "contact": found.permitted - held,
                "lift": power.detectable_lift(found.permitted - held, held, found.base_rate),
            }
        )
    return rows


def _page(request: StaffRequest) -> int:
    typed = request.GET.get("page", "1")
    return max(1, int(typed)) if typed.isdecimal() and len(typed) < 7 else 1


def to(campaign: Campaign, step: str = "") -> HttpResponseRedirect:
    where = reverse("campaigns:one", args=[campaign.slug])
    return HttpResponseRedirect(f"{where}?step={step}" if step else where)
