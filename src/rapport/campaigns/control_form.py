"""The fourth step as a form: the control group, how a comparison is decided, and the money."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.campaigns import costs
from rapport.campaigns.models import Campaign, Objective
from rapport.campaigns.step import Step

COMPARED = ("test_percent", "decide_by", "decide_after_hours")  # asked only where there are variants


class Control(Step):
    holdout_percent = forms.DecimalField(
        label=_("Control group, percent"),
        min_value=0,
        max_value=90,
        decimal_places=1,
        max_digits=4,
        help_text=_(
            "Drawn by lot from the people who may be reached. They get nothing, and show what would have happened anyway."
        ),
    )
    test_percent = forms.DecimalField(
        label=_("Try the variants on how many percent first?"),
        min_value=1,
        max_value=100,
        decimal_places=1,
        max_digits=4,
        required=False,
        help_text=_(
            "The rest waits and gets the variant that wins. 100: everybody gets one at once, and nobody waits."
        ),
    )
    decide_by = forms.ChoiceField(
        label=_("What decides?"),
        choices=Campaign.Answer.choices,
        required=False,
        help_text=_("Opened is no choice: mail programs open messages by themselves."),
    )
    decide_after_hours = forms.IntegerField(
        label=_("Decide after how many hours?"),
        min_value=1,
        max_value=720,
        required=False,
        help_text=_("Sooner, when the difference is clear. After that the variant that leads goes to the rest."),
    )
    fixed_cost = forms.DecimalField(label=_("Fixed cost, dollars"), min_value=0, max_digits=12, decimal_places=2)
    message_cost = forms.DecimalField(
        label=_("Cost of one message, dollars"), min_value=0, max_digits=8, decimal_places=4
    )
    budget = forms.DecimalField(
        label=_("Never spend more than, dollars"),
        min_value=0,
        max_digits=12,
        decimal_places=2,
        required=False,
        help_text=_("Invitations stop there, and the page says who was not written to."),
    )
    objective = forms.ModelChoiceField(
        Objective.objects.order_by("-until_on", "name"),
        label=_("Objective"),
        required=False,
        empty_label=_("None"),
        help_text=_("What this campaign is to help reach."),
    )

    @classmethod
    def of(cls, campaign: Campaign) -> "Control":
        form = cls(
            initial={
                "holdout_percent": campaign.holdout_percent,
                "test_percent": campaign.test_percent,
                "decide_by": campaign.decide_by,
                "decide_after_hours": campaign.decide_after_hours,
                "fixed_cost": Decimal(campaign.fixed_cost_cents) / 100,
                "message_cost": (campaign.message_cost_cents / 100).normalize()
                if campaign.message_cost_cents
                else Decimal(0),
                "budget": None if campaign.budget_cents is None else Decimal(campaign.budget_cents) / 100,
                "objective": campaign.objective_id,
            }
        )
        cost = costs.of_message(campaign)
        if cost.estimate:
            form.fields["message_cost"].help_text = _("Left at 0: %(how)s.") % {"how": cost.estimate}
        if not campaign.variants.exists():
            for name in COMPARED:
                del form.fields[name]
        return form

    def planned(self) -> dict[str, Any]:
        typed = self.cleaned_data
        found = {"holdout_percent": typed["holdout_percent"]} if "holdout_percent" in typed else {}
        found |= {name: typed[name] for name in COMPARED if typed.get(name)}
        if "fixed_cost" in typed:
            found["fixed_cost_cents"] = round(typed["fixed_cost"] * 100)
        if "message_cost" in typed:
            found["message_cost_cents"] = typed["message_cost"] * 100
        if "budget" in typed and "budget" in self.data:
            found["budget_cents"] = None if typed["budget"] is None else round(typed["budget"] * 100)
        if "objective" in typed and "objective" in self.data:
            found["objective"] = typed["objective"]
        return found
