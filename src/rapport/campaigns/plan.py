"""What a campaign must say before it may start, step by step, over one campaign with its lines and variants and the rules of the day.

Five steps: who, what, when, control, check. A missing thing stops the launch; advice does not.
"""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from rapport.campaigns import plan_when, plan_words, rhythm, rhythm_words
from rapport.campaigns import purpose as purposes
from rapport.campaigns.models import AudienceLine, Campaign
from rapport.campaigns.remark import Remark
from rapport.consent import reviews
from rapport.consent import rules as rulebook
from rapport.content.models import Version
from rapport.segments import language, permission

STEPS = ("who", "what", "when", "control", "check")


def remarks(campaign: Campaign, *, now: datetime) -> list[Remark]:
    """Everything that is missing or unwise, in the order of the steps. `segment` and `version.piece` should be joined in."""
    return [
        *_who(campaign),
        *_what(campaign, now),
        *_chosen_by(campaign, now),
        *plan_words.remarks(campaign, serves(campaign, on=now.date()) if campaign.purpose else "", now),
        *plan_when.remarks(campaign, now),
        *_control(campaign),
    ]


def missing(campaign: Campaign, *, now: datetime) -> list[Remark]:
    """Only what stops the launch."""
    return [remark for remark in remarks(campaign, now=now) if remark.stops]


def definition_of(campaign: Campaign) -> dict[str, Any] | None:
    """The people meant, as one definition: the segment, with what else it takes in, less what it leaves out."""
    if campaign.segment is None:
        return None
    lines = list(campaign.lines.exclude(kind=AudienceLine.Kind.NOT_AFTER).select_related("segment").order_by("id"))
    if not lines:
        return campaign.segment.definition
    parts: dict[str, list[language.Node]] = {"also": [language.parse(campaign.segment.definition)], "not_in": []}
    for line in lines:
        assert line.segment is not None
        parts[line.kind].append(language.parse(line.segment.definition))
    meant = parts["also"][0] if len(parts["also"]) == 1 else language.Any_(of=tuple(parts["also"]))
    if parts["not_in"]:
        meant = language.All(of=(meant, language.None_(of=tuple(parts["not_in"]))))
    return language.to_dict(meant)


def versions_of(campaign: Campaign) -> list[Version]:
    """Every wording that may go out: the campaign's own, and those of its variants."""
    own = [campaign.version] if campaign.version is not None else []
    found = {one.version_id: one.version for one in campaign.variants.select_related("version__piece") if one.version}
    return own + [one for pk, one in sorted(found.items()) if pk != campaign.version_id]


def channels_of(campaign: Campaign) -> list[str]:
    """The campaign's own channel, and those of its variants."""
    others = campaign.variants.exclude(channel__in=["", campaign.channel]).order_by("channel")
    return [campaign.channel, *dict.fromkeys(others.values_list("channel", flat=True))]


def in_words(campaign: Campaign) -> str:
    """When it goes out, beside the moment itself."""
    if campaign.kind == Campaign.Kind.DATED:
        return campaign.get_occasion_display()
    try:
        return rhythm_words.in_words(campaign.rule) if campaign.rule else ""
    except rhythm.Misformed as broken:
        return str(broken)


def serves(campaign: Campaign, *, on: date) -> str:
    """The purpose by whose rules it uses data: what a third party pays for is marketing, and counts as P7."""
    row = rulebook.in_force(on).purposes.get(campaign.purpose)
    paid = row is not None and row.marketing == "if_remunerated" and bool(campaign.remunerated)
    return purposes.PAID_BY if paid else campaign.purpose


def _who(campaign: Campaign) -> list[Remark]:
    if campaign.segment is None:
        return [Remark("who", _("Choose the segment: the people this is meant for."))]
    return []


def _what(campaign: Campaign, now: datetime) -> list[Remark]:
    found = []
    if not campaign.purpose:
        found.append(Remark("what", _("Say what it is for: the purpose decides which permission is needed.")))
    if campaign.remunerated is None:
        found.append(Remark("what", _("Say whether anybody outside pays for it.")))
    found += _briefed(campaign)
    if campaign.purpose and campaign.remunerated is not None:
        found += _law(campaign, purposes.classify(campaign.purpose, campaign.remunerated, on=now.date()))
    return found


def _briefed(campaign: Campaign) -> list[Remark]:
    """What the brief must say for this purpose, and what no brief can make right."""
    found = []
    if campaign.purpose == "P4" and not campaign.brief.get("drug"):
        found.append(Remark("what", _("Name the drug: a refill reminder is about one that is prescribed now.")))
    if campaign.purpose == "P4" and campaign.remunerated and not campaign.brief.get("covers_cost_only"):
        found.append(
            Remark("what", _("Payment for a refill reminder may only cover its cost; attest that, or don't be paid."))
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
        return [Remark("what", _("This purpose is blocked by default (%(clause)s).") % {"clause": found.clause})]
    if found.needs_authorization:
        return [Remark("what", _("Only people who signed an authorization for this may get it."), stops=False)]
    return []


def _chosen_by(campaign: Campaign, now: datetime) -> list[Remark]:
    """The segment asked again for this purpose, whatever it was built for."""
    definition = definition_of(campaign)
    if definition is None or not campaign.purpose:
        return []
    try:
        node = language.parse(definition)
    except language.Misformed as broken:
        return [Remark("who", str(broken))]
    judged = permission.judge(node, serves(campaign, on=now.date()), on=now.date())
    stops = [Remark("who", one.sentence) for one in judged.refusals]
    return stops + [Remark("who", one.sentence, stops=False) for one in judged.conditions]


def _control(campaign: Campaign) -> list[Remark]:
    if not campaign.holdout_percent:
        return [
            Remark("control", _("Without a control group nobody can tell afterwards what it was worth."), stops=False)
        ]
    return []
