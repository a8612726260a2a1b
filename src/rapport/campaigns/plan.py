"""What a campaign must say before it may start, step by step, over one campaign row and the rules of the day.

Five steps: who, what, when, control, check. A missing thing stops the launch; advice does not.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rapport.campaigns import purpose as purposes
from rapport.campaigns.models import Campaign
from rapport.consent import reviews
from rapport.consent import rules as rulebook
from rapport.content import fields
from rapport.segments import language, permission

STEPS = ("who", "what", "when", "control", "check")


@dataclass(frozen=True)
class Remark:
    """Something about one step: `stops` the launch, or is advice."""

    step: str
    text: str
    stops: bool = True


def remarks(campaign: Campaign, *, now: datetime) -> list[Remark]:
    """Everything that is missing or unwise, in the order of the steps. `segment` and `version.piece` should be joined in."""
    return [
        *_who(campaign),
        *_what(campaign, now),
        *_chosen_by(campaign, now),
        *_when(campaign, now),
        *_control(campaign),
    ]


def missing(campaign: Campaign, *, now: datetime) -> list[Remark]:
    """Only what stops the launch."""
    return [remark for remark in remarks(campaign, now=now) if remark.stops]


def serves(campaign: Campaign, *, on: date) -> str:
    """The purpose by whose rules it uses data: what a third party pays for is marketing, and counts as P7."""
    row = rulebook.in_force(on).purposes.get(campaign.purpose)
    paid = row is not None and row.marketing == "if_remunerated" and bool(campaign.remunerated)
    return purposes.PAID_BY if paid else campaign.purpose


def _who(campaign: Campaign) -> list[Remark]:
    if campaign.segment is None:
        return [Remark("who", "Choose the segment: the people this is meant for.")]
    return []


def _what(campaign: Campaign, now: datetime) -> list[Remark]:
    found = []
    if not campaign.purpose:
        found.append(Remark("what", "Say what it is for: the purpose decides which permission is needed."))
    if campaign.remunerated is None:
        found.append(Remark("what", "Say whether anybody outside pays for it."))
    if campaign.version is None:
        found.append(Remark("what", "Choose what will be said."))
    elif campaign.version.state != campaign.version.State.PUBLISHED:
        found.append(Remark("what", "This wording is not published; publish it or choose another."))
    elif campaign.version.piece.channel != campaign.channel:
        found.append(Remark("what", "This wording is made for another channel."))
    elif campaign.purpose:
        told = fields.forbidden(campaign.version.fields, serves(campaign, on=now.date()), on=now.date())
        found += [Remark("what", one.sentence) for one in told]
    found += _briefed(campaign)
    if campaign.purpose and campaign.remunerated is not None:
        found += _law(campaign, purposes.classify(campaign.purpose, campaign.remunerated, on=now.date()))
    return found


def _briefed(campaign: Campaign) -> list[Remark]:
    """What the brief must say for this purpose, and what no brief can make right."""
    found = []
    if campaign.purpose == "P4" and not campaign.brief.get("drug"):
        found.append(Remark("what", "Name the drug: a refill reminder is about one that is prescribed now."))
    if campaign.purpose == "P4" and campaign.remunerated and not campaign.brief.get("covers_cost_only"):
        found.append(
            Remark("what", "Payment for a refill reminder may only cover its cost; attest that, or don't be paid.")
        )
    if campaign.topic == "survey" and campaign.segment is not None:
        refused = reviews.refusal(_asked_about(campaign.segment.definition))
        found += [Remark("who", refused)] if refused else []
    return found


def _asked_about(definition: dict[str, Any]) -> list[str]:
    """The traits by which a segment chooses people."""
    try:
        return [leaf.name for leaf in language.leaves(language.parse(definition)) if isinstance(leaf, language.TraitIs)]
    except language.Misformed:
        return []


def _law(campaign: Campaign, found: purposes.Class) -> list[Remark]:
    if found.regime == "blocked":
        return [Remark("what", f"This purpose is blocked by default ({found.clause}).")]
    if found.needs_authorization:
        return [Remark("what", "Only people who signed an authorization for this may get it.", stops=False)]
    return []


def _chosen_by(campaign: Campaign, now: datetime) -> list[Remark]:
    """The segment asked again for this purpose, whatever it was built for."""
    if campaign.segment is None or not campaign.purpose:
        return []
    try:
        node = language.parse(campaign.segment.definition)
    except language.Misformed as broken:
        return [Remark("who", str(broken))]
    judged = permission.judge(node, serves(campaign, on=now.date()), on=now.date())
    stops = [Remark("who", one.sentence) for one in judged.refusals]
    return stops + [Remark("who", one.sentence, stops=False) for one in judged.conditions]


def _when(campaign: Campaign, now: datetime) -> list[Remark]:
    if campaign.send_at is None:
        return [Remark("when", "Without a time it goes out as soon as it is launched.", stops=False)]
    if campaign.state == Campaign.State.DRAFT and campaign.send_at < now:
        return [Remark("when", "That time has passed; it would go out as soon as it is launched.", stops=False)]
    return []


def _control(campaign: Campaign) -> list[Remark]:
    if not campaign.holdout_percent:
        return [Remark("control", "Without a control group nobody can tell afterwards what it was worth.", stops=False)]
    return []
