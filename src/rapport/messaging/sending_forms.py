"""What is typed on the page Sending."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.messaging import pacing, warming

DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
ONE_DOMAIN = "email:"


class ReasonForm(forms.Form):
    """Why: it stands in the audit trail and on the page."""

    asks_for_all = True
    reason = forms.CharField(
        label=_("Why?"), max_length=300, help_text=_("Others read this here and in the audit trail.")
    )


class RateForm(forms.Form):
    """How fast a way out may be used."""

    way = forms.ChoiceField(label=_("What"))
    domain = forms.CharField(
        label=_("Which domain"),
        required=False,
        max_length=110,
        help_text=_("Only for one domain, for example gmail.com."),
    )
    per_second = forms.FloatField(
        label=_("At most a second"),
        min_value=0.01,
        max_value=100_000,
        help_text=_("0.5 is one message every two seconds."),
    )

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        ways = [
            *channels,
            (pacing.EVERY_DOMAIN, _("E-mail to each receiving domain")),
            (ONE_DOMAIN, _("E-mail to one domain")),
        ]
        self.fields["way"] = forms.ChoiceField(label=_("What"), choices=ways)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        domain = said.get("domain", "").strip().lower().rpartition("@")[2]
        if said.get("way") == ONE_DOMAIN and not DOMAIN.fullmatch(domain):
            self.add_error("domain", _("Write the part after the @, for example gmail.com."))
        said["name"] = f"{ONE_DOMAIN}{domain}" if said.get("way") == ONE_DOMAIN else said.get("way", "")
        return said


class WarmUpForm(forms.Form):
    """The plan of a new sender."""

    asks_for_all = True
    started_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    first = forms.IntegerField(label=_("E-mails on the first day"), min_value=1, max_value=warming.LARGEST)
    growth = forms.FloatField(
        label=_("Times as many each day"),
        min_value=1.01,
        max_value=warming.STEEPEST,
        help_text=_("1.6 means 60 percent more than the day before."),
    )
    full = forms.IntegerField(label=_("Done at, a day"), min_value=1, max_value=warming.LARGEST)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("first") and said.get("full") and said["full"] < said["first"]:
            self.add_error("full", _("This must not be less than on the first day."))
        return said
