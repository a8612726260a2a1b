"""The five steps as forms. A form turns what was typed into the plan's own terms (`planned`), and back (`of`)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.campaigns import brief_form, ways, ways_form
from rapport.campaigns.control_form import Control
from rapport.campaigns.models import AudienceLine, Campaign
from rapport.campaigns.step import Step
from rapport.campaigns.when_form import When
from rapport.content.models import Version
from rapport.directory.models import ServiceLine
from rapport.kit import clock
from rapport.segments.models import Segment


class NewForm(forms.Form):
    """The name of a new campaign."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("What you will call it, for example “Knee seminar, spring”.")
    )


class Who(Step):
    name = forms.CharField(label=_("Name"), max_length=120)
    segment = forms.ModelChoiceField(
        Segment.objects.order_by("name"),
        label=_("Segment"),
        empty_label=_("Choose the people"),
        help_text=_("The people this is meant for. They are frozen when you launch."),
    )
    also = forms.ModelMultipleChoiceField(
        Segment.objects.order_by("name"), label=_("Also these people"), required=False
    )
    not_in = forms.ModelMultipleChoiceField(
        Segment.objects.order_by("name"), label=_("But not these people"), required=False
    )
    not_after = forms.ModelChoiceField(
        Campaign.objects.none(),
        label=_("But not who got this campaign"),
        required=False,
        empty_label=_("No campaign"),
    )
    not_after_days = forms.IntegerField(
        label=_("in the last so many days"), required=False, min_value=1, max_value=730, initial=30
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["not_after"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Campaign.objects.filter(launched_at__isnull=False).order_by("-launched_at")

    @classmethod
    def of(cls, campaign: Campaign) -> "Who":
        lines = list(campaign.lines.order_by("id"))
        after = next((one for one in lines if one.kind == AudienceLine.Kind.NOT_AFTER), None)
        return cls(
            initial={
                "name": campaign.name,
                "segment": campaign.segment_id,
                "also": [one.segment_id for one in lines if one.kind == AudienceLine.Kind.ALSO],
                "not_in": [one.segment_id for one in lines if one.kind == AudienceLine.Kind.NOT_IN],
                "not_after": after.earlier_id if after else None,
                "not_after_days": after.days if after else 30,
            }
        )

    def planned(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name in {"name", "segment"}}

    def lines(self) -> list[dict[str, Any]]:
        """What `actions.narrow` takes."""
        typed = self.cleaned_data
        found = [{"kind": AudienceLine.Kind.ALSO, "segment": one} for one in typed.get("also", ())]
        found += [{"kind": AudienceLine.Kind.NOT_IN, "segment": one} for one in typed.get("not_in", ())]
        if typed.get("not_after"):
            days = typed.get("not_after_days") or 30
            found.append({"kind": AudienceLine.Kind.NOT_AFTER, "earlier": typed["not_after"], "days": days})
        return found


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
        field.label_from_instance = wording  # type: ignore[method-assign, assignment]
        self._offer_ways()

    def _offer_ways(self, campaign: Campaign | None = None) -> None:
        """The ways that the wording has words for: the one just chosen, else the campaign's."""
        typed = str(self.data.get("version", "")) if self.is_bound else ""
        version = campaign.version if campaign is not None else None
        if typed.isdigit() and len(typed) < 19:
            version = Version.objects.select_related("piece").filter(pk=int(typed)).first()
        offered = ways_form.fields(version, campaign.others if campaign is not None else ())
        self.fields = {name: field for name, field in self.fields.items() if name not in ways_form.NAMES} | offered
        if self.is_bound:  # a way that the wording just chosen has no words for is none any more
            self.data = ways_form.only(self.data, ways.worded(version))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        wrong = ways_form.problem(typed)
        if wrong is not None:
            self.add_error(*wrong)
        return typed

    @classmethod
    def of(cls, campaign: Campaign) -> "What":
        form = super().of(campaign)
        assert isinstance(form, What)
        form.initial["remunerated"] = None if campaign.remunerated is None else str(campaign.remunerated).lower()
        form.initial.update(brief_form.initial(campaign))
        form._offer_ways(campaign)
        form.initial.update(ways_form.initial(campaign))
        for name in set(brief_form.NAMES) - brief_form.relevant(campaign):
            del form.fields[name]
        return form

    def planned(self) -> dict[str, Any]:
        typed = dict(self.cleaned_data)
        plan = {name: value for name, value in typed.items() if name not in (*brief_form.NAMES, *ways_form.NAMES)}
        if plan.get("version"):
            plan["channel"] = plan["version"].piece.channel
            if not any(name in self.errors for name in ways_form.NAMES):
                plan["others"] = ways_form.told(typed, plan["channel"])
        said = brief_form.told(typed, {name for name in brief_form.NAMES if name in self.data})
        return {**plan, "brief": said} if said else plan


STEPS: dict[str, type[Step]] = {"who": Who, "what": What, "when": When, "control": Control}


def problems(form: Step) -> list[str]:
    """Every error as one sentence with the label of its field; what is only left open is no error while planning."""
    waiting = form.open_fields()
    return [
        f"{form.fields[name].label}: {' '.join(map(str, errors))}"
        for name, errors in form.errors.items()
        if name not in waiting
    ]


def wording(version: Version) -> str:
    return f"{version.piece.name}, version {version.number}: {version.subject}"
