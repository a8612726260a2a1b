"""The third step as a form: how often, on which day, at what time of the day, and at what pace.

Which fields are shown follows from the kind that is chosen, by the stylesheet alone: nothing is lost when one changes one's mind.
"""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.campaigns import rhythm
from rapport.campaigns.models import Campaign
from rapport.campaigns.step import Step

LOCAL = "%Y-%m-%dT%H:%M"
OWN = "own"
RHYTHMS = [
    ("", _("Just once")),
    ("FREQ=DAILY", _("Every day")),
    ("FREQ=WEEKLY", _("Every week")),
    ("FREQ=WEEKLY;INTERVAL=2", _("Every two weeks")),
    ("FREQ=MONTHLY", _("Every month")),
    ("FREQ=MONTHLY;INTERVAL=3", _("Every three months")),
    ("FREQ=YEARLY", _("Every year")),
    (OWN, _("By a rule of my own")),
]
DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


class When(Step):
    kind = forms.ChoiceField(
        label=_("How often?"), choices=Campaign.Kind.choices, widget=forms.RadioSelect, required=False
    )
    repeat = forms.ChoiceField(label=_("Again"), choices=RHYTHMS, required=False)
    rule = forms.CharField(
        label=_("The rule"),
        required=False,
        max_length=200,
        help_text=_("As in calendars (RRULE): FREQ=MONTHLY;BYDAY=1TU is the first Tuesday of every month."),
    )
    occasion = forms.ChoiceField(
        label=_("Which day?"),
        choices=[("", _("Choose the day")), *Campaign.Occasion.choices],
        required=False,
        help_text=_("Looked at every day. Each person gets it once a year, or once a season."),
    )
    season_from = forms.CharField(
        label=_("The season begins"), required=False, max_length=5, help_text=_("Month and day, as 09-01.")
    )
    season_until = forms.CharField(
        label=_("and ends"), required=False, max_length=5, help_text=_("Month and day, as 12-31.")
    )
    send_at = forms.DateTimeField(
        label=_("Send at"),
        required=False,
        input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
        help_text=_("Clinic time. Empty: as soon as it is launched. For what comes again: the first time."),
    )
    timing = forms.ChoiceField(
        label=_("At what time of the day?"),
        choices=Campaign.Timing.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    spread_hours = forms.IntegerField(label=_("Over how many hours?"), required=False, min_value=1, max_value=24 * 14)
    is_paced = forms.BooleanField(
        label=_("Invite no more people than can be seen"),
        required=False,
        help_text=_("The rest follows as visits open up. The open visits of the service line set the pace."),
    )
    response_percent = forms.DecimalField(
        label=_("Of 100 invited, how many will come?"),
        required=False,
        min_value=1,
        max_value=100,
        decimal_places=2,
        max_digits=5,
        help_text=_("Empty: what like campaigns taught. Where none did, everybody is expected."),
    )
    window_days = forms.IntegerField(
        label=_("Count visits for how many days?"),
        min_value=1,
        max_value=730,
        help_text=_(
            "Visits within so many days after sending count, for the people contacted and the control group alike."
        ),
    )

    @classmethod
    def of(cls, campaign: Campaign) -> "When":
        form = super().of(campaign)
        assert isinstance(form, When)
        named = {key for key, _label in RHYTHMS}
        form.initial["repeat"] = campaign.rule if campaign.rule in named else OWN
        form.initial["spread_hours"] = campaign.spread_hours or 4
        return form

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("repeat") == OWN and typed.get("rule"):
            try:
                typed["rule"] = rhythm.check(typed["rule"])
            except rhythm.Misformed as broken:
                self.add_error("rule", str(broken))
        for name in ("season_from", "season_until"):
            if typed.get(name) and not DAY.fullmatch(typed[name]):
                self.add_error(name, _("Type month and day, as 09-01."))
        return typed

    def planned(self) -> dict[str, Any]:
        """What was on the page: a step that was opened before a field came to be leaves that field alone."""
        typed = dict(self.cleaned_data)
        asked_again = "repeat" in self.data or "kind" in self.data
        repeat, rule = typed.pop("repeat", ""), typed.pop("rule", "")
        found = {
            name: value for name, value in typed.items() if name in self.data or (name == "is_paced" and asked_again)
        }
        kind = found.get("kind") or Campaign.Kind.ONCE
        if asked_again:
            repeats = kind in {Campaign.Kind.REPEATS, Campaign.Kind.NEWSLETTER}
            found["rule"] = (rule if repeat == OWN else repeat) if repeats else ""
            found["kind"] = kind
        if "timing" in found:
            found["timing"] = found["timing"] or Campaign.Timing.AT_ONCE
        if "spread_hours" in found:
            found["spread_hours"] = found["spread_hours"] or 0
        return found
