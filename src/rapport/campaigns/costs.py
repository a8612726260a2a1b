"""What one message of a campaign costs: as somebody typed it; else, for a text, its segments at the price of a segment in the settings."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import ngettext

from rapport.campaigns.models import Campaign
from rapport.content import fields, texting
from rapport.content.models import Version
from rapport.content.render import render
from rapport.content.words import BrokenTemplate
from rapport.messaging import tracking


@dataclass(frozen=True)
class Cost:
    """US cents a message. `estimate` says how it was reckoned; empty where somebody typed it, or it costs nothing."""

    cents: Decimal
    estimate: str = ""


def of_message(campaign: Campaign) -> Cost:
    """The cost that forecast, budget and results reckon with."""
    if campaign.message_cost_cents or campaign.channel != texting.SMS or campaign.version is None:
        return Cost(Decimal(campaign.message_cost_cents))
    parts, price = segments(campaign.version), settings.SMS_SEGMENT_CENTS
    words = ngettext(
        "estimated at %(price)s ct a segment (Settings), %(parts)s segment a text",
        "estimated at %(price)s ct a segment (Settings), %(parts)s segments a text",
        parts,
    )
    return Cost(price * parts, words % {"price": f"{price.normalize():f}", "parts": parts} if price else "")


def segments(version: Version) -> int:
    """How many segments a text is billed as: with an example's name, links as long as they will be, and how to stop."""
    merge = {name: field.example for name, field in fields.FIELDS.items() if field.privacy != "link"}
    try:
        said = render(version, merge, tracking.Links(0, version.pk)).text
    except BrokenTemplate:
        return 1
    return texting.measure(texting.with_opt_out(said, version.piece.language)).parts
