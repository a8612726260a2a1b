"""The other ways as fields of the second step: up to three, in order, each once, and only those for which there are words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.campaigns import ways
from rapport.campaigns.models import Campaign
from rapport.content.models import Version

NAMES = ("then_by", "then_by_2", "then_by_3")
WAYS = {
    "email": _("then by e-mail"),
    "sms": _("then by text message"),
    "portal": _("then into the inbox"),
    "call": _("then by a call"),
    "print": _("then by letter"),
}
LABELS = (_("If it can’t go that way"), _("If that fails too"), _("And if that fails"))
NO_MORE = (_("then not at all"), _("nothing more"), _("nothing more"))
HELP = _("No address, no consent, no answer, or it comes back: the same message goes the other way.")


def fields(version: Version | None, chosen: Sequence[str] = ()) -> dict[str, forms.ChoiceField]:
    """One field a way that there are words for, three at most. What was chosen before stays to be seen, also without words."""
    known = [*ways.worded(version), *(one for one in chosen if one in WAYS)]
    able = [one for one in ways.ORDER if one in known and (version is None or one != version.piece.channel)]
    found = {}
    for number, name in enumerate(NAMES[: min(len(able), ways.MOST)]):
        found[name] = forms.ChoiceField(
            label=LABELS[number],
            choices=[("", NO_MORE[number]), *((one, WAYS[one]) for one in able)],
            required=False,
            help_text=HELP if number == 0 else "",
        )
    return found


def initial(campaign: Campaign) -> dict[str, str]:
    """The ways as the campaign has them."""
    return dict(zip(NAMES, campaign.others, strict=False))


def problem(typed: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The field and what is wrong with it: a way that is taken twice."""
    seen: set[str] = set()
    for name in NAMES:
        way = typed.get(name, "")
        if way and way in seen:
            return name, _("This way is taken already. Choose another, or nothing more.")
        seen.add(way)
    return None


def told(typed: Mapping[str, Any], channel: str) -> list[str]:
    """The ways in order; a gap closes up, and the campaign's own way is none."""
    chosen = (typed.get(name, "") for name in NAMES)
    return [one for one in dict.fromkeys(chosen) if one and one != channel][: ways.MOST]
