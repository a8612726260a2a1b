"""Who is meant and who may be reached, now: the segment's people with the verdict on each. Set-based; reads only.

A verdict that only says "not yet" (quiet hours, a full week) is no refusal: the person is permitted, and the message waits.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from rapport.campaigns import occasions, plan, reasons
from rapport.campaigns.models import AudienceLine, Campaign
from rapport.consent import policy
from rapport.content import fields
from rapport.messaging import facts, message, switching
from rapport.messaging.models import Intent
from rapport.segments import language, permission, queries
from rapport.segments.membership import queries as membership
from rapport.segments.models import Segment


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
    definition = campaign.definition or plan.definition_of(campaign)
    used = set(campaign.brief.get("data_classes", ()))
    if definition:
        used |= set(permission.classes_of(language.parse(definition)))
    for version in plan.versions_of(campaign):
        used |= fields.classes_of(version.fields)
    return {**campaign.brief, "data_classes": sorted(used)} if used else dict(campaign.brief)


def of(campaign: Campaign, *, definition: dict[str, Any], now: datetime, since: datetime | None = None) -> Audience:
    """Ask the segment as of now, then the policy as of the moment of sending. People come in the order of their ids.

    The segment is asked for the purpose of the campaign, whatever it was built for. `since`: for what goes out on a day of each
    person's own, the day from which on those days count. Raises NotForThisPurpose.
    """
    return judged(campaign, people_of(campaign, definition, now, since=since), now=now)


def people_of(
    campaign: Campaign, definition: dict[str, Any], now: datetime, *, since: datetime | None = None
) -> list[int]:
    """The people of the segment who are due, less those who got a named campaign lately; in the order of their ids."""
    return _found(campaign, occasions.due(campaign, language.parse(definition), now, since), now)


def planned(campaign: Campaign, now: datetime) -> list[int]:
    """Whom a plan is about: the people a launch now would find; with days of each person's own, those who have one in a year."""
    definition = campaign.definition or plan.definition_of(campaign)
    assert definition is not None
    return _found(campaign, occasions.in_a_year(campaign, language.parse(definition)), now)


def _found(campaign: Campaign, node: language.Node, now: datetime) -> list[int]:
    found = queries.person_ids(node, now, purpose=plan.serves(campaign, on=now.date()))
    return sorted(set(found) - _off_their_list(campaign, found) - _written_to_lately(campaign, now))


def _off_their_list(campaign: Campaign, found: list[int]) -> set[int]:
    """Who was taken off the list that is meant, or put on one that is left out, since the warehouse looked some seconds ago."""
    lines = list(campaign.lines.exclude(kind=AudienceLine.Kind.NOT_AFTER).select_related("segment"))
    off: set[int] = set()
    if _is_list(campaign.segment) and not any(one.kind == AudienceLine.Kind.ALSO for one in lines):
        off |= membership.no_more_among(found, campaign.segment)
    for one in lines:
        if one.kind == AudienceLine.Kind.NOT_IN and _is_list(one.segment):
            off |= membership.among(found, one.segment)
    return off


def _is_list(segment: Segment | None) -> TypeGuard[Segment]:
    return segment is not None and segment.kind == Segment.Kind.LIST


def _written_to_lately(campaign: Campaign, now: datetime) -> set[int]:
    """Who got, or is about to get, one of the campaigns that this one keeps its distance from."""
    found: set[int] = set()
    for line in campaign.lines.filter(kind=AudienceLine.Kind.NOT_AFTER):
        said = Intent.objects.filter(cause="campaign", cause_id=line.earlier_id or 0)
        since = now - timedelta(days=line.days or 0)
        found |= set(
            said.filter(state__in=("sent", "unknown"), settled_at__gt=since).values_list("person_id", flat=True)
        )
        found |= set(said.filter(state__in=("queued", "held", "claimed")).values_list("person_id", flat=True))
    return found


def judged(campaign: Campaign, people: Sequence[int], *, now: datetime, channel: str = "") -> Audience:
    """The verdict on each of these people: in one channel when it is named, else in every channel that a variant uses.

    Whoever can't get one of the variants gets none: otherwise the groups would differ in more than what is said to them. Whoever
    the campaign's channel can't reach takes part where another way is named that can: the message begins in the first and goes on.
    """
    ways = [channel] if channel else plan.channels_of(campaign)
    found = _in_channel(campaign, people, now=now, channel=ways[0])
    if not channel and len(ways) == 1:
        return _by_other_ways(campaign, found, now)
    for way in ways[1:]:
        also = _in_channel(campaign, found.permitted, now=now, channel=way)
        waiting = {*found.waiting, *also.waiting}
        refused = sorted([*found.refused, *also.refused], key=lambda one: one.person_id)
        found = Audience(also.permitted, [one for one in also.permitted if one in waiting], refused)
    return found


def _by_other_ways(campaign: Campaign, found: Audience, now: datetime) -> Audience:
    for way in campaign.others:
        lost = [one.person_id for one in found.refused if switching.leads_on("suppressed", one.gate)]
        if way == campaign.channel or not lost:
            continue
        also = _in_channel(campaign, lost, now=now, channel=way)
        reached = set(also.permitted)
        refused = [one for one in found.refused if one.person_id not in reached]
        permitted = sorted([*found.permitted, *reached])
        found = Audience(permitted, sorted([*found.waiting, *also.waiting]), refused)
    return found


def _in_channel(campaign: Campaign, people: Sequence[int], *, now: datetime, channel: str) -> Audience:
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
