"""The five steps as forms. A form turns what was typed into the plan's own terms (`planned`), and back (`of`)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.campaigns import brief_form
from rapport.campaigns.models import Campaign
from rapport.content.models import Version
from rapport.directory.models import ServiceLine
from rapport.kit import clock
from rapport.segments.models import Segment

LOCAL = "%Y-%m-%dT%H:%M"


class NewForm(forms.Form):
    """The name of a new campaign."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("What you will call it, for example “Knee seminar, spring”.")
    )


class Step(forms.Form):
    """One step of a plan. What may be left open while planning is required only to go on."""

    use_required_attribute = False

    @classmethod
    def of(cls, campaign: Campaign) -> "Step":
        """The form as the campaign stands."""
        return cls(initial={name: getattr(campaign, name) for name in cls.base_fields if hasattr(campaign, name)})

    def planned(self) -> dict[str, Any]:
        """What `actions.save` takes: every field that could be read."""
        return dict(self.cleaned_data)

    def open_fields(self) -> set[str]:
        """Fields left empty that must be filled before the launch."""
        return {name for name, errors in self.errors.items() if all(one.code == "required" for one in errors.as_data())}


class Who(Step):
    name = forms.CharField(label=_("Name"), max_length=120)
    segment = forms.ModelChoiceField(
        Segment.objects.order_by("name"),
        label=_("Segment"),
        empty_label=_("Choose the people"),
        help_text=_("The people this is meant for. They are frozen when you launch."),
    )


class What(Step):
    purpose = forms.ChoiceField(
        label=_("What is it for?"),
        choices=[("", _("Choose the purpose")), *Campaign.Purpose.choices],
        help_text=_("Decides which permission each person must have given."),
    )
    remunerated = forms.TypedChoiceField(
        label=_("Does anybody outside pay for it?"),
        widget=forms.RadioSelect,
        choices=[("false", _("No, we pay for it")), ("true", _("Yes, a third party pays"))],
        coerce=lambda typed: typed == "true",
    )
    service_line = forms.ModelChoiceField(
        ServiceLine.objects.order_by("name"),
        label=_("Service line"),
        required=False,
        empty_label=_("Any"),
        help_text=_("A visit counts as a success when it is in this line."),
    )
    version = forms.ModelChoiceField(
        Version.objects.none(), label=_("Wording"), empty_label=_("Choose what will be said")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(brief_form.fields(clock.now().date()))
        field = self.fields["version"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = (
            Version.objects.filter(state=Version.State.PUBLISHED)
            .select_related("piece")
            .order_by("piece__name", "-number")
        )
        field.label_from_instance = _wording  # type: ignore[method-assign, assignment]

    @classmethod
    def of(cls, campaign: Campaign) -> "What":
        form = super().of(campaign)
        assert isinstance(form, What)
        form.initial["remunerated"] = None if campaign.remunerated is None else str(campaign.remunerated).lower()
        form.initial.update(brief_form.initial(campaign))
        for name in set(brief_form.NAMES) - brief_form.relevant(campaign):
            del form.fields[name]
        return form

    def planned(self) -> dict[str, Any]:
        typed = dict(self.cleaned_data)
        plan = {name: value for name, value in typed.items() if name not in brief_form.NAMES}
        said = brief_form.told(typed, {name for name in brief_form.NAMES if name in self.data})
        return {**plan, "brief": said} if said else plan


class When(Step):
    send_at = forms.DateTimeField(
        label=_("Send at"),
        required=False,
        input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
        help_text=_("Clinic time. Empty: as soon as it is launched."),
    )
    window_days = forms.IntegerField(
        label=_("Count visits for how many days?"),
        min_value=1,
        max_value=730,
        help_text=_(
            "Visits within so many days after sending count, for the people contacted and the control group alike."
        ),
    )


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
    fixed_cost = forms.DecimalField(label=_("Fixed cost, dollars"), min_value=0, max_digits=12, decimal_places=2)
    message_cost = forms.DecimalField(
        label=_("Cost of one message, dollars"), min_value=0, max_digits=8, decimal_places=4
    )

    @classmethod
    def of(cls, campaign: Campaign) -> "Control":
        return cls(
            initial={
                "holdout_percent": campaign.holdout_percent,
                "fixed_cost": Decimal(campaign.fixed_cost_cents) / 100,
                "message_cost": (campaign.message_cost_cents / 100).normalize()
                if campaign.message_cost_cents
                else Decimal(0),
            }
        )

    def planned(self) -> dict[str, Any]:
        typed = self.cleaned_data
        found = {"holdout_percent": typed["holdout_percent"]} if "holdout_percent" in typed else {}
        if "fixed_cost" in typed:
            found["fixed_cost_cents"] = round(typed["fixed_cost"] * 100)
        if "message_cost" in typed:
            found["message_cost_cents"] = typed["message_cost"] * 100
        return found


STEPS: dict[str, type[Step]] = {"who": Who, "what": What, "when": When, "control": Control}


def problems(form: Step) -> list[str]:
    """Every error as one sentence with the label of its field; what is only left open is no error while planning."""
    waiting = form.open_fields()
    return [
        f"{form.fields[name].label}: {' '.join(map(str, errors))}"
        for name, errors in form.errors.items()
        if name not in waiting
    ]


def first_of_month(text: str, now: datetime) -> datetime:
    """The month asked for as 2026-03, else the present one."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=now.tzinfo)
    except ValueError:
        return now.replace(day=1)


def _wording(version: Version) -> str:
    return f"{version.piece.name}, version {version.number}: {version.subject}"
