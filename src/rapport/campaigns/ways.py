"""The other ways of a campaign: in which order a message tries them, for which there are words, and all of it in a sentence."""

from collections.abc import Sequence
from itertools import pairwise

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.campaigns.models import Campaign
from rapport.content.models import Version

MOST = 3
ORDER = ("email", "sms", "portal", "call", "print")


def worded(version: Version | None) -> list[str]:
    """The channels other than its own for which the family of a wording has approved words, in its language and on its topic."""
    if version is None or not version.piece.family:
        return []
    own = version.piece
    found = Version.objects.filter(
        piece__family=own.family, piece__language=own.language, piece__topic=own.topic, state=Version.State.PUBLISHED
    )
    known = set(found.values_list("piece__channel", flat=True)) - {own.channel}
    return [one for one in ORDER if one in known]


def names() -> dict[str, str]:
    """Each way as one says it."""
    return {
        "email": _("by e-mail"),
        "sms": _("by text"),
        "portal": _("into the inbox"),
        "call": _("by a call"),
        "print": _("by letter"),
        "push": _("by push"),
    }


def sentence(campaign: Campaign) -> str:
    """“By e-mail; if it can't go or comes back, into the inbox; if it is not opened within 3 days, by a call.” Empty for one way alone."""
    ways = [campaign.channel, *(one for one in campaign.others if one != campaign.channel)]
    if len(ways) < 2:
        return ""
    return told(ways)


def told(ways: Sequence[str]) -> str:
    """The same for these ways in this order."""
    said = names()
    parts = [said.get(ways[0], ways[0])]
    for before, way in pairwise(ways):
        parts.append(_("%(condition)s, %(way)s") % {"condition": _unless(before), "way": said.get(way, way)})
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _unless(way: str) -> str:
    """What leads on from a way."""
    days = settings.UNANSWERED_DAYS.get(way, 0)
    if way == "call":
        return _("if nobody can be reached")
    if days:
        words = ngettext(
            "if it can’t go or is not opened within %(days)s day",
            "if it can’t go or is not opened within %(days)s days",
            days,
        )
        return words % {"days": days}
    if way in {"email", "sms"}:
        return _("if it can’t go or comes back")
    return _("if it can’t go")
