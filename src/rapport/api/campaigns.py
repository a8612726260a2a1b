"""Campaigns: plans, runs and their waves, comparisons, what was not sent, and the forecast. Read only; counts and reasons, no people."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any

from django.db.models import Count
from ninja import Path, Query, Router

from rapport.api import campaign_shapes as shapes
from rapport.api.consents import Limit, Number, paged
from rapport.api.gate import verb
from rapport.api.problems import Problem
from rapport.campaigns import channels, comparison, queries, unsent
from rapport.campaigns.experiment import split
from rapport.campaigns.forecast import NoSegment
from rapport.campaigns.models import Assignment, Campaign, Run
from rapport.kit import clock
from rapport.segments import store
from rapport.trust.key_door import ProgramRequest

router = Router(tags=["Campaigns"])
Slug = Annotated[str, Path(pattern=r"^[a-z0-9_\-]{1,50}$")]
WAVES = 100
SAME = (
    "slug", "name", "state", "kind", "rule", "occasion", "channel", "others", "purpose", "topic", "send_at", "next_at", "created_at",
    "launched_at", "stopped_at",
)  # fmt: skip
SAME_OF_RUN = (
    "state", "due_at", "began_at", "meant", "permitted", "held_out", "waits_for", "look_at", "reason", "decided_at",
)  # fmt: skip


@router.get("/campaigns", response=shapes.Campaigns, operation_id="list_campaigns", summary="All campaigns")
@verb("campaigns.read")
def campaigns(request: ProgramRequest, page: Number = 1, limit: Limit = 50) -> dict[str, Any]:
    """The newest first: those of the service lines within the sight of the key, and those of no line."""
    found = paged(queries.in_sight(request.sight).order_by("-created_at", "-id"), page, limit)
    return found | {"items": _lines(found["items"])}


@router.get(
    "/campaigns/{slug:slug}",
    response=shapes.CampaignLine,
    operation_id="campaign",
    summary="One campaign as it is planned",
)
@verb("campaigns.read")
def campaign(request: ProgramRequest, slug: Slug) -> dict[str, Any]:
    """What it is, where it stands, when it goes out."""
    return _lines([campaign_of(request, slug)])[0]


@router.get(
    "/campaigns/{slug:slug}/runs",
    response=shapes.Runs,
    operation_id="campaign_runs",
    summary="Each time that a campaign went out, and its waves",
)
@verb("campaigns.read")
def runs(request: ProgramRequest, slug: Slug, page: Number = 1, limit: Limit = 50) -> dict[str, Any]:
    """The newest first. A campaign that goes out once has one run; who of it was invited when are its waves."""
    chosen = campaign_of(request, slug)
    found = paged(chosen.runs.select_related("winner").order_by("-due_at", "-id"), page, limit)
    return found | {"campaign": chosen.slug, "items": _runs(found["items"])}


@router.get(
    "/campaigns/{slug:slug}/comparison",
    response=shapes.Comparison,
    operation_id="comparison",
    summary="The variants of one run, compared",
)
@verb("campaigns.read")
def compared(
    request: ProgramRequest,
    slug: Slug,
    run: Annotated[
        str, Query(pattern=r"^[a-z0-9\-]{0,40}$", description="The name of the run; the newest, when left out.")
    ] = "",
) -> dict[str, Any]:
    """Counts, shares, the difference to the first variant with its interval, and whether the shares came out as planned."""
    chosen, now = campaign_of(request, slug), clock.now()
    if not chosen.variants.exists():
        raise Problem(409, "nothing-compared", "This campaign compares nothing.", do="It needs two variants or more.")
    running = (
        chosen.runs.filter(state=Run.State.RUNNING).select_related("campaign__version", "winner").order_by("-due_at")
    )
    one = running.filter(occurrence=run).first() if run else running.first()
    if one is None:
        raise Problem(404, "not-found", "There is no such run.", do="See the runs of this campaign.")
    with queries.addressable(request.sight):
        shown = comparison.of(one, now)
    return {
        "campaign": chosen.slug,
        "run": one.occurrence,
        "at": now,
        "decide_by": chosen.decide_by,
        "decides_at": shown.decides_at,
        "because": shown.because,
        "winner": one.winner.label if one.winner else None,
        "decided_at": one.decided_at,
        "sample_ratio_p": shown.verdict.mismatch if shown.verdict else None,
        "is_split_alarm": shown.verdict is not None and shown.verdict.mismatch < split.ALARM,
        "smallest_difference": shown.detectable if shown.detectable < 1 else None,
        "items": [_variant(line, chosen) for line in shown.lines],
    }


@router.get(
    "/campaigns/{slug:slug}/unsent",
    response=shapes.Unsent,
    operation_id="unsent",
    summary="What was not sent, by reason",
)
@verb("campaigns.read")
def not_sent(request: ProgramRequest, slug: Slug) -> dict[str, Any]:
    """The control group, those held back when they were drawn, and those whose message has not left, each with how many and why."""
    chosen, now = campaign_of(request, slug), clock.now()
    with queries.addressable(request.sight):
        progress, reasons = queries.progress(chosen), unsent.reasons(chosen)
    return {
        "campaign": chosen.slug,
        "at": now,
        "held_out": progress.arms.get(Assignment.Arm.HOLDOUT, 0),
        "not_permitted": [_held_back(row) for row in progress.not_permitted],
        "items": [{name: getattr(row, name) for name in shapes.UnsentLine.model_fields} for row in reasons],
    }


@router.get(
    "/campaigns/{slug:slug}/forecast",
    response=shapes.Forecast,
    operation_id="forecast",
    summary="How many a campaign could reach now, by channel and reason",
)
@verb("campaigns.read")
def forecast(request: ProgramRequest, slug: Slug) -> dict[str, Any]:
    """The people of the segment, asked for each way: now, a little later, or held back and by which check. Counts, no names."""
    chosen, now = campaign_of(request, slug), clock.now()
    try:
        with queries.addressable(request.sight):
            found = channels.by_channel(chosen, now=now)
    except NoSegment as lacking:
        raise Problem(409, "unplanned", str(lacking)) from None
    except store.NoWarehouse as lacking:
        raise Problem(503, "no-warehouse", str(lacking), do="Ask again in a minute.") from None
    return {"campaign": chosen.slug, "channel": chosen.channel, "at": now, "items": [_reach(one) for one in found]}


def campaign_of(request: ProgramRequest, slug: str) -> Campaign:
    """The campaign, when it is within the sight of the key. Raises Problem."""
    found = queries.in_sight(request.sight).filter(slug=slug).first()
    if found is None:
        raise Problem(404, "not-found", "There is no such campaign, or not within the sight of this key.")
    return found


def _lines(many: Sequence[Campaign]) -> list[dict[str, Any]]:
    counts = Campaign.objects.filter(pk__in=[one.pk for one in many]).annotate(n=Count("variants"))
    variants = dict(counts.values_list("pk", "n"))
    return [
        {name: getattr(one, name) for name in SAME}
        | {
            "segment": one.segment.slug if one.segment else None,
            "service_line": one.service_line.slug if one.service_line else None,
            "objective": one.objective.slug if one.objective else None,
            "holdout_percent": float(one.holdout_percent),
            "test_percent": float(one.test_percent),
            "variants": variants[one.pk],
        }
        for one in many
    ]


def _runs(many: Sequence[Run]) -> list[dict[str, Any]]:
    contact = Assignment.objects.filter(run__in=many, arm=Assignment.Arm.CONTACT)
    waves: dict[int, list[dict[str, Any]]] = defaultdict(list)
    waiting: dict[int, int] = {}
    for run, at, people in contact.values_list("run", "invited_at").annotate(Count("id")).order_by("run", "invited_at"):
        if at is None:
            waiting[run] = people
        else:
            waves[run].append({"at": at, "people": people})
    return [
        {name: getattr(one, name) for name in SAME_OF_RUN}
        | {
            "run": one.occurrence,
            "invited": sum(wave["people"] for wave in waves[one.pk]),
            "waiting": waiting.get(one.pk, 0),
            "content_version": one.version_id,
            "winner": one.winner.label if one.winner else None,
            "waves": waves[one.pk][-WAVES:],
        }
        for one in many
    ]


def _variant(line: comparison.Line, chosen: Campaign) -> dict[str, Any]:
    one, tested = line.counted, line.against_first
    version = one.variant.version or chosen.version
    return {
        "label": one.variant.label,
        "percent": float(one.variant.percent),
        "content_version": version.pk if version else None,
        "subject": version.subject if version else "",
        "sender_name": one.variant.sender_name,
        "channel": one.variant.channel or chosen.channel,
        "later_minutes": one.variant.later_minutes,
        **{name: getattr(one, name) for name in ("people", "clicked", "booked", "came")},
        "rate": line.rate,
        "against_first": {name: getattr(tested, name) for name in ("value", "low", "high", "p")} if tested else None,
        "chance_of_best": line.chance,
        "is_winner": line.is_winner,
    }


def _held_back(row: Any) -> dict[str, Any]:
    return {"gate": row.gate, "reason": row.reason, "people": row.people}


def _reach(one: channels.Reach) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("channel", "people", "now", "later", "held")}
    return told | {"held_back": [_held_back(row) for row in one.held_back]}
