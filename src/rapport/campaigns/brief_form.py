"""What a campaign says of itself beyond purpose and payer, as far as it matters: asked only where the answer changes the law."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.campaigns.models import Campaign
from rapport.consent import rules as rulebook

YES_NO = [("yes", _("Yes")), ("no", _("No"))]
FLAGS = ("promotional", "covers_cost_only", "says_paid", "has_toll_free")
WORDS = ("programme", "drug")
NAMES = (*FLAGS, *WORDS)


def fields(on: date) -> dict[str, forms.Field]:
    """Every question; `relevant` says which of them a campaign is asked."""
    programmes = sorted(rulebook.in_force(on).programmes)
    return {
        "promotional": _flag(
            _("Does it advertise?"),
            _("An offer, a price, praise. Texts and calls that advertise need written consent."),
        ),
        "programme": forms.ChoiceField(
            label=_("Reminder of"),
            required=False,
            choices=[("", _("Nothing in particular")), *((name, name.capitalize()) for name in programmes)],
            help_text=_("Whoever has had it lately, or can't need it, gets none."),
        ),
        "drug": forms.CharField(
            label=_("Which drug? Its code"),
            required=False,
            max_length=40,
            help_text=_("As on the prescription (RxNorm)."),
        ),
        "covers_cost_only": _flag(
            _("Does the payment only cover the cost?"),
            _("You attest it; the answer is kept. Otherwise the reminder is refused."),
        ),
        "says_paid": _flag(_("Do the words say who pays?"), _("California asks for it.")),
        "has_toll_free": _flag(_("Do the words give a toll-free way out?"), _("California asks for it.")),
    }


def relevant(campaign: Campaign) -> set[str]:
    """What this campaign is asked: refills name a drug, paid ones say so, care may be a reminder."""
    asked = {"promotional", "programme"}
    if campaign.purpose == "P4":
        asked |= {"drug", "covers_cost_only"} if campaign.remunerated else {"drug"}
    elif campaign.remunerated:
        asked |= {"says_paid", "has_toll_free"}
    return asked


def initial(campaign: Campaign) -> dict[str, str]:
    """The answers as the brief has them."""
    said = campaign.brief
    flags = {name: "yes" if said.get(name, name == "promotional") else "no" for name in FLAGS}
    return {**flags, **{name: str(said.get(name, "")) for name in WORDS}}


def told(typed: dict[str, Any], answered: set[str]) -> dict[str, Any]:
    """What was answered, in the terms of the policy; questions that were not on the page are left as they stand."""
    flags = {name: typed[name] == "yes" for name in FLAGS if name in answered and typed.get(name)}
    words = {name: typed.get(name, "").strip() for name in WORDS if name in answered}
    return {**flags, **words}


def _flag(label: Any, hint: Any) -> forms.Field:
    return forms.ChoiceField(label=label, help_text=hint, required=False, choices=YES_NO, widget=forms.RadioSelect)
