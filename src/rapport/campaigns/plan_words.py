"""What the words of a plan must be before they may go out.

Approved, and still so when they go out; for the channel; with nothing that today's checks or this purpose forbid.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from rapport.campaigns import ways
from rapport.campaigns.models import Campaign, Variant
from rapport.campaigns.remark import Remark
from rapport.consent import plain_words
from rapport.content import fields, lint
from rapport.content.models import Version

LEAST, MOST = 2, 5


def remarks(campaign: Campaign, serves: str, now: datetime) -> list[Remark]:
    """The campaign's own wording, then its variants. `serves`: the purpose by whose rules data is used."""
    if campaign.version is None:
        return [Remark("what", _("Choose what will be said."))]
    found = _wording(campaign.version, campaign.channel, serves, now, campaign.send_at)
    found += _other_ways(campaign, campaign.version)
    variants = list(campaign.variants.select_related("version__piece").order_by("label"))
    return found + (_variants(campaign, variants, serves, now) if variants else [])


def _wording(
    version: Version, channel: str, serves: str, now: datetime, send_at: datetime | None, variant: str = ""
) -> list[Remark]:
    whose = {"whose": _whose(variant)}
    if version.state != version.State.PUBLISHED:
        return [Remark("what", _("%(whose)s is not approved; hand it in for review, or choose another.") % whose)]
    if version.piece.channel != channel:
        return [Remark("what", _("%(whose)s is made for another channel.") % whose)]
    told = fields.forbidden(version.fields, serves, on=now.date()) if serves else []
    broken = [
        _("%(whose)s may not go out: %(why)s") % (whose | {"why": f"{one.message} {one.remedy}"})
        for one in lint.blocking(version, now)
    ]
    return [
        Remark("what", said)
        for said in [*_approval(version, now, send_at, variant), *broken, *(one.sentence for one in told)]
    ]


def _other_ways(campaign: Campaign, version: Version) -> list[Remark]:
    """Another way without words of the same family is passed over; better to know it now."""
    worded = ways.worded(version)
    return [
        Remark(
            "what",
            _("There are no approved words of the same family for %(way)s; that way is passed over.")
            % {"way": plain_words.channel(one)},
            stops=False,
        )
        for one in campaign.others
        if one not in worded and one != campaign.channel
    ]


def _approval(version: Version, now: datetime, send_at: datetime | None, variant: str) -> list[str]:
    """An approval that has run out, or will have when it goes out."""
    ends = version.expires_at
    if ends is None or ends > max(now, send_at or now):
        return []
    whose = _("the wording of variant %(label)s") % {"label": variant} if variant else _("this wording")
    if ends <= now:
        return [_("The approval of %(whose)s has run out; hand the words in for review again.") % {"whose": whose}]
    return [
        _("The approval of %(whose)s will have run out when it goes out; hand the words in for review again.")
        % {"whose": whose}
    ]


def _whose(variant: str) -> str:
    return _("The wording of variant %(label)s") % {"label": variant} if variant else _("This wording")


def _variants(campaign: Campaign, variants: list[Variant], serves: str, now: datetime) -> list[Remark]:
    found = []
    if not LEAST <= len(variants) <= MOST:
        found.append(
            Remark("what", _("A comparison has %(least)s to %(most)s variants.") % {"least": LEAST, "most": MOST})
        )
    if sum(one.percent for one in variants) != 100:
        found.append(Remark("what", _("The shares of the variants must add up to 100 percent.")))
    if len({_said(campaign, one) for one in variants}) < len(variants):
        found.append(Remark("what", _("Two variants are the same; nothing could be learnt from them.")))
    for one in variants:
        version = one.version or campaign.version
        assert version is not None
        found += _wording(
            version,
            one.channel or campaign.channel,
            serves,
            now,
            campaign.send_at,
            variant=one.label,
        )
    if campaign.test_percent < 100 and len(variants) < LEAST:
        found.append(Remark("what", _("A test needs variants to compare.")))
    ways = {one.channel or campaign.channel for one in variants}
    if len(ways) > 1:
        found.append(
            Remark("what", _("Only people who may be reached by every channel of the variants take part."), stops=False)
        )
    return found


def _said(campaign: Campaign, one: Variant) -> tuple[object, ...]:
    return (
        one.version_id or campaign.version_id,
        one.channel or campaign.channel,
        one.sender_name,
        one.later_minutes,
    )
