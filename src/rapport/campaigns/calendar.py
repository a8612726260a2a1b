"""What the calendar shows of campaigns: what went out, what is to come, and what goes on day by day. Reads only.

- A run that exists stands on its day. What is to come is reckoned by the very dates that make it due (`actions.dates`), and is not kept.
- Days of each person's own are looked at every day, so they last over the month (`Lasting`). A birthday counts for its whole month,
  and a season from its first day: those days stand in the calendar too.
- A draft with a time is shown as one, and is nothing that is planned.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max, Sum

from rapport.campaigns import actions, occasions, rhythm
from rapport.campaigns.models import Campaign, Run

WENT, SKIPPED, PLANNED, PAUSED, DRAFT, STOPPED = "went", "skipped", "planned", "paused", "draft", "stopped"
TO_COME = {
    Campaign.State.LAUNCHED: PLANNED,
    Campaign.State.SCHEDULED: PLANNED,
    Campaign.State.PAUSED: PAUSED,
    Campaign.State.DRAFT: DRAFT,
}
OF_ALL = {Campaign.Occasion.BIRTHDAY, Campaign.Occasion.SEASON}  # many people's day at once, and not one's own


@dataclass(frozen=True)
class Entry:
    """One campaign at one moment. `what`: went, skipped, planned, paused, draft, stopped. `run` where there is one."""

    campaign: Campaign
    at: datetime
    what: str
    run: Run | None = None

    @property
    def people(self) -> int | None:
        """How many it goes to, once that is drawn."""
        return None if self.run is None else self.run.permitted - self.run.held_out


@dataclass(frozen=True)
class Lasting:
    """A campaign that looks every day whose day it is, over some days; and how many people it found in them so far."""

    campaign: Campaign
    what: str
    first: date
    last: date
    people: int


@dataclass(frozen=True)
class Day:
    """One square of the calendar."""

    on: date
    is_in_month: bool
    is_today: bool
    entries: list[Entry]


def entries(campaigns: Iterable[Campaign], opens: datetime, closes: datetime, now: datetime) -> list[Entry]:
    """Everything from `opens` until just before `closes`, in the order of time."""
    known = {one.pk: one for one in campaigns}
    runs = Run.objects.filter(campaign__in=known, due_at__gte=opens, due_at__lt=closes).defer("definition", "decision")
    latest = dict(Run.objects.filter(campaign__in=known).values_list("campaign").annotate(Max("due_at")))
    found = [entry for run in runs if (entry := _of_run(known[run.campaign_id], run, now)) is not None]
    for one in known.values():
        what = TO_COME.get(Campaign.State(one.state), "")
        found += [Entry(one, at, what) for at in to_come(one, latest.get(one.pk), opens, closes, now)]
    return sorted(found, key=lambda entry: (entry.at, entry.campaign.name, entry.campaign.pk))


def to_come(
    campaign: Campaign, last_run: datetime | None, opens: datetime, closes: datetime, now: datetime
) -> Iterator[datetime]:
    """The dates that are reckoned and not drawn yet. `last_run`: when the newest run was due, if there is one."""
    begins = _begins(campaign, now)
    if begins is None:
        return
    if not campaign.is_repeated:
        if opens <= begins < closes:
            yield begins
        return
    before = last_run
    try:
        # A season or a month may have begun before this page of the calendar: the days before it are looked at as well.
        looked = max(begins, opens - timedelta(days=1) if campaign.kind == Campaign.Kind.DATED else opens)
        for at in actions.dates(campaign, looked - actions.A_MOMENT):
            if at >= closes:
                return
            if at >= opens and _counts(campaign, at, before):
                yield at
            before = at
    except rhythm.Misformed:
        return  # a draft whose rule can't be read; its page says so


def lasting(campaigns: Iterable[Campaign], first: date, last: date, now: datetime) -> list[Lasting]:
    """What goes on day by day between two days, both included, in the order of names."""
    dated = [one for one in campaigns if one.kind == Campaign.Kind.DATED and one.occasion]
    opens, closes = occasions.begins(first), occasions.begins(last + timedelta(days=1))
    runs = Run.objects.filter(campaign__in=dated, due_at__gte=opens, due_at__lt=closes)
    people = {
        row["campaign"]: row["permitted"] - row["held_out"]
        for row in runs.values("campaign").annotate(permitted=Sum("permitted"), held_out=Sum("held_out"))
    }
    found = []
    for one in dated:
        span = _span(one, first, last)
        if span is not None:
            what = TO_COME.get(Campaign.State(one.state), STOPPED)
            found.append(Lasting(one, what, *span, people.get(one.pk, 0)))
    return sorted(found, key=lambda one: (one.campaign.name, one.campaign.pk))


def page_of(first: date) -> tuple[datetime, datetime]:
    """The instants between which the page of a month lies: whole weeks from Monday."""
    begins = first - timedelta(days=first.weekday())
    after = (first + timedelta(days=32)).replace(day=1)
    return occasions.begins(begins), occasions.begins(after + timedelta(days=-after.weekday() % 7))


def weeks(found: Sequence[Entry], first: date, today: date) -> list[list[Day]]:
    """The weeks of a month from Monday, each day with what goes out on it in the clinic's time."""
    by_day: dict[date, list[Entry]] = {}
    for one in found:
        by_day.setdefault(occasions.day_of(one.at), []).append(one)
    day = first - timedelta(days=first.weekday())
    made = []
    while day <= first or day.month == first.month:
        days = [day + timedelta(days=index) for index in range(7)]
        made.append([Day(one, one.month == first.month, one == today, by_day.get(one, [])) for one in days])
        day += timedelta(days=7)
    return made


def _of_run(campaign: Campaign, run: Run, now: datetime) -> Entry | None:
    """A run as the calendar shows it; None for the daily turn of something that found nobody, or only single people."""
    if campaign.kind == Campaign.Kind.DATED and (campaign.occasion not in OF_ALL or not run.permitted):
        return None
    if run.state == Run.State.SKIPPED:
        return Entry(campaign, run.due_at, SKIPPED, run)
    if campaign.stopped_at is not None and run.due_at > campaign.stopped_at:
        return Entry(campaign, run.due_at, STOPPED, run)
    if run.due_at <= now:
        return Entry(campaign, run.due_at, WENT, run)
    return Entry(campaign, run.due_at, TO_COME.get(Campaign.State(campaign.state), STOPPED), run)


def _begins(campaign: Campaign, now: datetime) -> datetime | None:
    """The moment from which dates are still to be drawn; None where there is none."""
    match campaign.state:
        case Campaign.State.LAUNCHED:
            return campaign.next_at if campaign.is_repeated else None
        case Campaign.State.PAUSED:
            return max(campaign.next_at, now) if campaign.is_repeated and campaign.next_at else None
        case Campaign.State.SCHEDULED | Campaign.State.DRAFT:
            return campaign.send_at
    return None


def _counts(campaign: Campaign, at: datetime, before: datetime | None) -> bool:
    """Whether this date is worth a place of its own. `before`: the date before it, where there was one."""
    if campaign.kind != Campaign.Kind.DATED:
        return True
    if campaign.occasion == Campaign.Occasion.SEASON:
        return occasions.is_in_season(campaign, at) and not (before and occasions.is_in_season(campaign, before))
    is_new_month = before is None or occasions.day_of(before).month != occasions.day_of(at).month
    return campaign.occasion == Campaign.Occasion.BIRTHDAY and is_new_month


def _span(campaign: Campaign, first: date, last: date) -> tuple[date, date] | None:
    """The days of this stretch on which it looks."""
    since = campaign.send_at or campaign.launched_at
    if since is None or (campaign.launched_at is None and campaign.state == Campaign.State.STOPPED):
        return None
    begins = max(first, occasions.day_of(since))
    ends = min(last, occasions.day_of(campaign.stopped_at)) if campaign.stopped_at else last
    days = [begins + timedelta(days=index) for index in range((ends - begins).days + 1)]
    season = [one for one in days if occasions.is_in_season(campaign, occasions.begins(one))]
    return (season[0], season[-1]) if season else None
