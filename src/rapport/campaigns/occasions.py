"""Days of each person's own: who is due today, and the name under which she is written to once.

A birthday is known by its month without opening the sealed date; the other days are those of the segment language. A worker that
was away for a few days asks for those days too. Once a person and year, or once a season: the name of the message says which.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from rapport.campaigns import rhythm
from rapport.campaigns.models import Campaign
from rapport.segments import language
from rapport.segments.language import windows

CATCH_UP = timedelta(days=7)


def clinic_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def day_of(instant: datetime) -> date:
    """Which day that is at the clinic."""
    return instant.astimezone(clinic_zone()).date()


def begins(day: date) -> datetime:
    """When this day begins at the clinic."""
    return rhythm.instant(datetime(day.year, day.month, day.day), clinic_zone())  # noqa: DTZ001 - a wall clock


def due(campaign: Campaign, node: language.Node, now: datetime, since: datetime | None = None) -> language.Node:
    """The people of this node whose day it is; everybody, where the campaign knows no such day."""
    if campaign.kind != Campaign.Kind.DATED or campaign.occasion in {"", Campaign.Occasion.SEASON}:
        return node
    missed = (day_of(now) - day_of(max(since, now - CATCH_UP))).days if since else 0
    of = "birth_month" if campaign.occasion == Campaign.Occasion.BIRTHDAY else campaign.occasion
    if of == "birth_month":
        missed = 0  # the whole month is the day
    day = language.Anniversary(of=of, within=windows.Last(count=max(missed - 1, 0)))  # type: ignore[arg-type]
    return language.All(of=(node, day))


def in_a_year(campaign: Campaign, node: language.Node) -> language.Node:
    """The people of this node who will have such a day within a year: what a forecast counts."""
    if campaign.kind != Campaign.Kind.DATED or campaign.occasion in {"", Campaign.Occasion.SEASON}:
        return node
    of = "birth_month" if campaign.occasion == Campaign.Occasion.BIRTHDAY else campaign.occasion
    return language.All(of=(node, language.Anniversary(of=of, within=windows.Next(count=365))))  # type: ignore[arg-type]


def is_in_season(campaign: Campaign, now: datetime) -> bool:
    """Whether something may go out today at all."""
    if campaign.occasion != Campaign.Occasion.SEASON:
        return True
    begins, ends = campaign.season_from, campaign.season_until
    today = f"{day_of(now):%m-%d}"
    return begins <= today <= ends if begins <= ends else today >= begins or today <= ends


def name_of(campaign: Campaign, now: datetime) -> str:
    """The year of the occasion; a season over New Year belongs to the year in which it began."""
    day = day_of(now)
    over_new_year = campaign.occasion == Campaign.Occasion.SEASON and campaign.season_from > campaign.season_until
    return str(day.year - (over_new_year and f"{day:%m-%d}" < campaign.season_from))
