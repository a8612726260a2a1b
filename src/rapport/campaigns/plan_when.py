"""What a plan must say about its time: a rule that can be read, a day of one's own, and a pace that somebody has numbers for."""

from datetime import datetime

from django.utils.translation import gettext as _

from rapport.campaigns import costs, rhythm
from rapport.campaigns.models import Campaign, Capacity
from rapport.campaigns.remark import Remark


def remarks(campaign: Campaign, now: datetime) -> list[Remark]:
    """Kind, time, pace and budget."""
    return [*_kind(campaign), *_time(campaign, now), *_pace(campaign, now), *_budget(campaign)]


def _kind(campaign: Campaign) -> list[Remark]:
    found = []
    if campaign.kind == Campaign.Kind.REPEATS and not campaign.rule:
        found.append(Remark("when", _("Say how often it goes out.")))
    if campaign.rule:
        try:
            rhythm.check(campaign.rule)
        except rhythm.Misformed as broken:
            found.append(Remark("when", str(broken)))
    if campaign.kind == Campaign.Kind.DATED and not campaign.occasion:
        found.append(Remark("when", _("Say which day of each person it goes out on.")))
    is_season = campaign.kind == Campaign.Kind.DATED and campaign.occasion == Campaign.Occasion.SEASON
    if is_season and not (campaign.season_from and campaign.season_until):
        found.append(Remark("when", _("Say on which day the season begins and ends.")))
    if campaign.kind == Campaign.Kind.NEWSLETTER and campaign.purpose not in {"", "P13"}:
        found.append(Remark("when", _("A newsletter has the purpose P13; choose it under What, or another kind here.")))
    return found


def _time(campaign: Campaign, now: datetime) -> list[Remark]:
    found = []
    if campaign.send_at is None and not campaign.is_repeated:
        found.append(Remark("when", _("Without a time it goes out as soon as it is launched."), stops=False))
    elif campaign.send_at is None:
        found.append(Remark("when", _("Say when it goes out for the first time, and so at which hour.")))
    elif campaign.state == Campaign.State.DRAFT and campaign.send_at < now and not campaign.is_repeated:
        found.append(Remark("when", _("That time has passed; it would go out as soon as it is launched."), stops=False))
    if campaign.timing == Campaign.Timing.SPREAD and not campaign.spread_hours:
        found.append(Remark("when", _("Say over how many hours it is spread.")))
    return found


def _pace(campaign: Campaign, now: datetime) -> list[Remark]:
    if not campaign.is_paced:
        return []
    if campaign.service_line_id is None:
        return [Remark("when", _("Choose the service line whose open visits set the pace, under What."))]
    if not Capacity.objects.filter(service_line=campaign.service_line_id, week_on__gt=now.date()).exists():
        return [
            Remark("when", _("Nobody has said how many visits this service line can take; set them under Open visits."))
        ]
    return []


def _budget(campaign: Campaign) -> list[Remark]:
    if campaign.budget_cents is None:
        return []
    if campaign.budget_cents < campaign.fixed_cost_cents + costs.of_message(campaign).cents:
        return [Remark("control", _("The budget does not even pay for the first message."))]
    return []
