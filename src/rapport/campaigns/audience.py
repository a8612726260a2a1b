"""Who is meant and who may be reached, now: the segment's people with the verdict on each. Set-based; reads only.

A verdict that only says "not yet" (quiet hours, a full week) is no refusal: the person is permitted, and the message waits.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapport.campaigns import plan, reasons
from rapport.campaigns.models import Campaign
from rapport.consent import policy
from rapport.content import fields
from rapport.messaging import facts, message
from rapport.segments import language, permission, queries


@dataclass(frozen=True)
class Refusal:
    """Why one person may not be reached."""

    person_id: int
    gate: str
    reason: str


@dataclass(frozen=True)
class Audience:
    """The people of the segment, split by the policy of this moment."""

    permitted: list[int]
    waiting: list[int]
    refused: list[Refusal]

    @property
    def deferred(self) -> int:
        """How many of the permitted would get it a little later."""
        return len(self.waiting)

    @property
    def people(self) -> int:
        return len(self.permitted) + len(self.refused)

    def refusals(self) -> list[tuple[str, str, int]]:
        """(gate, reason, people), most people first; the dates of single people are left out of the reason."""
        counted = Counter((refusal.gate, refusal.reason) for refusal in self.refused)
        rows = reasons.together(("", gate, reason, people) for (gate, reason), people in counted.items())
        return [(gate, reason, people) for _, gate, reason, people in rows]


def message_of(campaign: Campaign, now: datetime, *, channel: str = "") -> policy.Message:
    """What would be said, as the policy is told it; in another channel too, for a forecast."""
    version = campaign.version if not channel or channel == campaign.channel else None
    return message.planned(
        channel=channel or campaign.channel,
        purpose=campaign.purpose,
        topic=campaign.topic,
        now=now,
        remunerated=bool(campaign.remunerated),
        said=said_of(campaign),
        version=version,
        cause=f"campaign:{campaign.pk}",
    )


def said_of(campaign: Campaign) -> dict[str, Any]:
    """What the brief says, with every class of data that chose the people or stands in the words."""
    definition = campaign.definition or (campaign.segment.definition if campaign.segment else None)
    used = set(campaign.brief.get("data_classes", ()))
    if definition:
        used |= set(permission.classes_of(language.parse(definition)))
    if campaign.version is not None:
        used |= fields.classes_of(campaign.version.fields)
    return {**campaign.brief, "data_classes": sorted(used)} if used else dict(campaign.brief)


def of(campaign: Campaign, *, definition: dict[str, Any], now: datetime) -> Audience:
    """Ask the segment as of now, then the policy as of the moment of sending. People come in the order of their ids.

    The segment is asked for the purpose of the campaign, whatever it was built for. Raises NotForThisPurpose.
    """
    return judged(campaign, people_of(campaign, definition, now), now=now)


def people_of(campaign: Campaign, definition: dict[str, Any], now: datetime) -> list[int]:
    """The people of the segment, in the order of their ids."""
    serves = plan.serves(campaign, on=now.date())
    return sorted(set(queries.person_ids(language.parse(definition), now, purpose=serves)))


def judged(campaign: Campaign, people: Sequence[int], *, now: datetime, channel: str = "") -> Audience:
    """The verdict on each of these people, in the campaign's own channel or in another one."""
    then = max(campaign.send_at or now, now)
    found = Audience([], [], [])
    for gathered in facts.batches(people, message_of(campaign, then, channel=channel), then):
        for known, verdict in zip(gathered, policy.decide_many(gathered), strict=True):
            if not verdict.allowed and not verdict.only_waits:
                found.refused.append(Refusal(known.person_id, verdict.gate, verdict.reason))
                continue
            found.permitted.append(known.person_id)
            if not verdict.allowed:
                found.waiting.append(known.person_id)
    return found
