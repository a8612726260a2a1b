"""The forecast by channel and reason: how many of the segment could be reached by each way, now or a little later, and who not.

The campaign's own channel comes first. The segment is asked once, the policy once a channel, in batches.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from rapport.campaigns import audience
from rapport.campaigns.audience import Audience
from rapport.campaigns.forecast import HeldBack, NoSegment
from rapport.campaigns.models import Campaign

CHANNELS = ("email", "sms", "call", "print", "portal")


@dataclass(frozen=True)
class Reach:
    """What one channel reaches. `now` and `later` are the people who may be reached; `held_back` has one reason a person."""

    channel: str
    now: int
    later: int
    held_back: list[HeldBack]

    @property
    def held(self) -> int:
        return sum(one.people for one in self.held_back)

    @property
    def people(self) -> int:
        return self.now + self.later + self.held


def by_channel(campaign: Campaign, *, now: datetime, channels: tuple[str, ...] = ()) -> list[Reach]:
    """Each of these channels, or all of them with the campaign's own first. Raises `NoSegment`."""
    if campaign.segment is None or not campaign.purpose:
        raise NoSegment(_("Choose a segment and say what it is for; then the check can count."))
    people = audience.planned(campaign, now)
    wanted = channels or (campaign.channel, *others(campaign))
    return [reach(channel, audience.judged(campaign, people, now=now, channel=channel)) for channel in wanted]


def others(campaign: Campaign) -> tuple[str, ...]:
    """The channels the campaign does not use."""
    return tuple(channel for channel in CHANNELS if channel != campaign.channel)


def reach(channel: str, found: Audience) -> Reach:
    return Reach(
        channel=channel,
        now=len(found.permitted) - found.deferred,
        later=found.deferred,
        held_back=[HeldBack(*row) for row in found.refusals()],
    )
