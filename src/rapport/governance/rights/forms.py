"""What is typed on the pages of rights requests."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rapport.governance import clocks
from rapport.governance.models import RightsRequest

WAYS = (
    ("in_person", _("At the desk")), ("phone", _("By phone")), ("letter", _("By letter or on paper")), ("email", _("By e-mail")),
    ("portal", _("Through the portal")),
)  # fmt: skip
DECISIONS = (
    (RightsRequest.State.GRANTED, _("Granted: it is done")),
    (RightsRequest.State.DENIED, _("Denied")),
    (RightsRequest.State.WITHDRAWN, _("The person took it back")),
)


class NewForm(forms.Form):
    """What she asks, under which law, how and when it came."""

    kind = forms.ChoiceField(label=_("What they ask"), choices=RightsRequest.Kind.choices)
    regime = forms.ChoiceField(
        label=_("Under which law"), help_text=_("It decides how long we have. HIPAA, unless you know better.")
    )
    via = forms.ChoiceField(label=_("How it came"), choices=WAYS)
    received_on = forms.DateField(label=_("Day it came"), widget=forms.DateInput(attrs={"type": "date"}))
    wish = forms.CharField(
        label=_("In their words"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept encrypted. It goes with the person."),
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        more["initial"] = {"received_on": today, "regime": "HIPAA"}
        super().__init__(*args, **more)
        self.today = today
        field = self.fields["regime"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one, one) for one in clocks.regimes(today)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors:
            try:
                clocks.find(said["kind"], said["regime"], said["received_on"])
            except clocks.NoClock:
                self.add_error("regime", _("This law does not know this right. Choose another, such as HIPAA."))
        return said

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > self.today or (self.today - day).days > 365:
            raise forms.ValidationError(_("Give a day of the past year, or today."))
        return day

    def received_at(self, now: datetime) -> datetime:
        """Noon of that day; now, when it is today."""
        day = self.cleaned_data["received_on"]
        noon = timezone.make_aware(datetime.combine(day, time(12)))
        return min(noon, now) if day < self.today else now


class ExtendForm(forms.Form):
    reason = forms.CharField(
        label=_("Why more time is needed"), max_length=200, help_text=_("It is told to the person in writing.")
    )


class DecideForm(forms.Form):
    state = forms.ChoiceField(label=_("Decision"), choices=DECISIONS)
    reason = forms.CharField(
        label=_("Reason or note"), max_length=300, required=False, help_text=_("A denial needs one. No names, please.")
    )


class EraseForm(forms.Form):
    """The name again, so that nobody erases the wrong person by a slip."""

    name = forms.CharField(label=_("Type the person's name to erase them"), max_length=200)
    reason = forms.CharField(
        label=_("On whose word"),
        max_length=200,
        help_text=_("For the audit trail, for example: asked in writing. No names."),
    )

    def __init__(self, *args: Any, expected: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.expected = expected

    def clean_name(self) -> str:
        typed = " ".join(str(self.cleaned_data["name"]).split())
        if typed.casefold() != " ".join(self.expected.split()).casefold():
            raise forms.ValidationError(_("This is not the name above. Nothing was erased."))
        return typed
