"""What campaigns do by themselves: start at their time, run again, invite the next ones, and give the rest the winner.

Each step is a transaction of its own, so that one campaign that can't go on holds up no other. Whatever lacks something when its
time comes waits for a person: a first launch goes back to its draft, one that repeats is paused, both with the reason.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Min

from rapport.campaigns import actions, deciding, draw, occasions, plan, waves
from rapport.campaigns.models import Campaign, Run
from rapport.trust import audit

NO_ISSUE = "No new issue was published since the last one."


def launch_due(*, by: actions.By, now: datetime) -> list[Campaign]:
    """Everything that is due; returns the campaigns that ran."""
    ran = _first_time(by, now) + _again(by, now)
    _go_on(by, now)
    return ran


def next_at() -> datetime | None:
    """When something of theirs is due by the clock; in the past when it waits for something else."""
    state, some = Campaign.State, Campaign.objects.order_by()
    moments = [
        some.filter(state=state.SCHEDULED).aggregate(at=Min("send_at"))["at"],
        some.filter(state=state.LAUNCHED).aggregate(at=Min("next_at"))["at"],
        Run.objects.filter(look_at__isnull=False, campaign__state=state.LAUNCHED).aggregate(at=Min("look_at"))["at"],
    ]
    return min((one for one in moments if one), default=None)


def _first_time(by: actions.By, now: datetime) -> list[Campaign]:
    launched = []
    waiting = Campaign.objects.filter(state=Campaign.State.SCHEDULED, send_at__lte=now)
    for campaign in waiting.order_by("send_at", "id"):
        try:
            launched.append(actions.launch(by=by, campaign=campaign, now=now))
        except actions.Incomplete as lacking:
            actions.unschedule(by=by, campaign=campaign, now=now, reason=str(lacking)[:300])
    return launched


def _again(by: actions.By, now: datetime) -> list[Campaign]:
    due = Campaign.objects.filter(state=Campaign.State.LAUNCHED, next_at__lte=now).order_by("next_at", "id")
    found = []
    for pk in list(due.values_list("pk", flat=True)):
        try:
            campaign = _run(by, pk, now)
        except actions.Incomplete as lacking:
            actions.pause(by=by, campaign=Campaign.objects.get(pk=pk), now=now, reason=str(lacking)[:300])
            continue
        found += [campaign] if campaign is not None else []
    return found


@transaction.atomic
def _run(by: actions.By, pk: int, now: datetime) -> Campaign | None:
    """One occurrence: the latest that is due. Those a worker slept through are not made up for. Raises `actions.Incomplete`."""
    campaign = (
        Campaign.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("segment", "version__piece", "service_line")
        .filter(pk=pk, state=Campaign.State.LAUNCHED, next_at__lte=now)
        .first()
    )
    if campaign is None or campaign.next_at is None:
        return None
    lacking = plan.missing(campaign, now=now)
    if lacking:
        raise actions.Incomplete(lacking)
    due_at = campaign.next_at
    while (later := actions.next_date(campaign, due_at)) is not None and later <= now:
        due_at = later
    campaign.next_at = later
    campaign.save(update_fields=["next_at"])
    return campaign if _occur(by, campaign, due_at, now) else None


def _occur(by: actions.By, campaign: Campaign, due_at: datetime, now: datetime) -> bool:
    occurrence = f"{due_at.astimezone(occasions.clinic_zone()):%Y-%m-%d}"
    if campaign.runs.filter(occurrence=occurrence).exists() or not occasions.is_in_season(campaign, now):
        return False
    if campaign.kind == Campaign.Kind.NEWSLETTER:
        issue = draw.newest_issue(campaign)
        if issue is None:
            draw.skip(campaign, occurrence=occurrence, due_at=due_at, reason=NO_ISSUE, now=now)
            return False
        campaign.version = issue
        campaign.save(update_fields=["version"])
    run, drawn = draw.run(campaign, occurrence=occurrence, due_at=due_at, now=now)
    _record(by, run, "campaigns.run", {**drawn.counts(), "invited": waves.go_on(run, now)}, now)
    return True


def _go_on(by: actions.By, now: datetime) -> None:
    """Runs of which somebody waits: for the winner, for open visits, for money."""
    looked = Run.objects.filter(look_at__lte=now, campaign__state=Campaign.State.LAUNCHED)
    for run in looked.select_related("campaign").order_by("look_at", "id"):
        if run.waits_for == Run.Waits.WINNER:
            _settle(by, run, now)
        with transaction.atomic():
            invited = waves.go_on(run, now)
            if invited:
                _record(by, run, "campaigns.invite", {"invited": invited}, now)


def _settle(by: actions.By, run: Run, now: datetime) -> None:
    try:
        deciding.decide(by=by, run=run, now=now)
    except deciding.NotToBeDecided:
        return


def _record(by: actions.By, run: Run, verb: str, details: dict[str, object], now: datetime) -> None:
    campaign = run.campaign
    audit.record(
        by=by,
        verb=verb,
        now=now,
        thing=f"campaign:{campaign.slug}",
        details={"run": run.occurrence, **details},
        trace=campaign.trace,
    )
