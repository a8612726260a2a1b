"""What the forms of the five steps share."""

from typing import Any

from django import forms

from rapport.campaigns.models import Campaign


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
