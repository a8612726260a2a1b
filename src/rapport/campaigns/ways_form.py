"""The other ways as fields of the second step: up to three, in order, each once, and only those for which there are words."""

from collections.abc import Collection, Mapping, Sequence
from itertools import takewhile
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


def only(data: Mapping[str, Any], able: Collection[str]) -> Mapping[str, Any]:
    """What was typed, without the ways that there are no words for; those that are left move up."""
    chosen = list(takewhile(bool, (data.get(name, "") for name in NAMES)))
    left = [one for one in chosen if one in able]
    if left == chosen:
        return data
    return {name: data[name] for name in data if name not in NAMES} | dict(zip(NAMES, left, strict=False))


def problem(typed: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The field and what is wrong with it: a way that is taken twice."""
    seen: set[str] = set()
    for name in takewhile(typed.get, NAMES):
        if typed[name] in seen:
            return name, _("This way is taken already. Choose another, or nothing more.")
        seen.add(typed[name])
    return None


def told(typed: Mapping[str, Any], channel: str) -> list[str]:
    """The ways in order, up to the first that says “nothing more”; the campaign's own way is none."""
    chosen = takewhile(bool, (typed.get(name, "") for name in NAMES))
    return [one for one in dict.fromkeys(chosen) if one != channel]
