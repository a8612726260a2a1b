"""What people type on the pages of accounts, audit and emergency access."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rapport.trust import places
from rapport.trust.audit_search import Question
from rapport.trust.breakglass import SHORTEST_REASON
from rapport.trust.models import Role, User


class InviteForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail"), help_text=_("They sign in with it. A link to set a password goes there.")
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class GrantForm(forms.Form):
    """A role, everywhere unless it names a place."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    location = forms.TypedChoiceField(label=_("Only at"), required=False, coerce=int, empty_value=None)
    service_line = forms.TypedChoiceField(label=_("Only for"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices, all_of_them in (
            ("location", places.locations(), _("All locations")),
            ("service_line", places.service_lines(), _("All service lines")),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = [("", all_of_them), *choices]


class GlassForm(forms.Form):
    reason = forms.CharField(
        label=_("Why can't this wait?"),
        min_length=SHORTEST_REASON,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Compliance reads this. For example: collapsed in the waiting room, need allergies and contacts."),
    )


class ReviewForm(forms.Form):
    note = forms.CharField(label=_("What did you find?"), min_length=3, max_length=300)


class AuditForm(forms.Form):
    """Everything may stay empty: then the newest lines answer."""

    actor = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), required=False, empty_label=_("Everybody")
    )
    verb = forms.CharField(
        label=_("Did what"), max_length=60, required=False, help_text=_("For example people or account.login")
    )
    person = forms.IntegerField(label=_("To person number"), min_value=1, max_value=2**63 - 1, required=False)
    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(
        label=pgettext_lazy("until", "To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actor = self.fields["actor"]
        assert isinstance(actor, forms.ModelChoiceField)
        actor.queryset = User.objects.order_by("name")

    def question(self) -> Question:
        asked = self.cleaned_data
        return Question(
            actor=asked["actor"].pk if asked["actor"] else None,
            **{name: asked[name] for name in ("verb", "person", "first", "last", "before")},
        )


class KeyForm(forms.Form):
    """A key for a program: what it is for, what it may do, how long."""

    name = forms.CharField(
        label=_("Which program is it for?"), max_length=80, help_text=_("For example: patient portal")
    )
    verbs = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple)
    days = forms.ChoiceField(
        label=_("It ends after"),
        choices=[("30", _("30 days")), ("90", _("90 days")), ("365", _("a year"))],
        initial="90",
    )

    def __init__(self, *args: Any, verbs: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = verbs
        field = self.fields["verbs"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = verbs
