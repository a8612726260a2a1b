"""What is typed at the compliance desk, and how it becomes the rooms' own terms."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rapport.consent import rules as rulebook
from rapport.consent.authorizations import Paper
from rapport.consent.models import ConsentRecord
from rapport.consent.queries import CHANNELS
from rapport.consent.vendors import Terms
from rapport.trust.models import User

CHANNEL_NAMES = {
    "email": _("E-mail"), "sms": _("Text message"), "call": _("Telephone"), "print": _("Letter"), "portal": _("Portal"),
    "push": _("Push"), "voice": _("Voice"),
}  # fmt: skip
WAYS = (
    ("letter", _("By letter or form")),
    ("in_person", _("Said it here")),
    ("phone", _("On the phone")),
    ("email", _("By e-mail")),
)
_DAY = {"type": "date"}


class _Plain(forms.Form):
    """Nothing is forced by the browser: what is missing is said by us."""

    use_required_attribute = False


class PaperForm(_Plain):
    """A signed paper as it lies on the desk. Everything may be missing: then it is kept, and void."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            ("authorization", _("HIPAA authorization")),
            ("part2", _("Consent for substance use records (42 CFR Part 2)")),
        ],
    )
    information = forms.CharField(
        label=_("Which information may be used"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Word for word. For example: date and type of my knee surgery."),
    )
    discloser = forms.CharField(label=_("Who may give it"), max_length=200, required=False)
    recipient = forms.CharField(label=_("Who may receive it"), max_length=120, required=False)
    purposes = forms.MultipleChoiceField(
        label=_("What for"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    expires_on = forms.DateField(label=_("Last day it holds"), required=False, widget=forms.DateInput(attrs=_DAY))
    expires_event = forms.CharField(
        label=_("Or the event that ends it"),
        max_length=60,
        required=False,
        help_text=_("For example: end of programme."),
    )
    signature = forms.ChoiceField(
        label=_("Signature"),
        required=False,
        choices=[("", _("Not signed")), ("on paper", _("On paper")), ("electronic", _("Electronic"))],
    )
    signed_on = forms.DateField(label=_("Date of the signature"), required=False, widget=forms.DateInput(attrs=_DAY))
    signed_by = forms.ChoiceField(
        label=_("Signed by"),
        choices=[("patient", _("The patient")), ("representative", _("A representative"))],
    )
    authority = forms.CharField(
        label=_("By what right"),
        max_length=200,
        required=False,
        help_text=_("Only if a representative signed. For example: guardian, court order 2025-0412."),
    )
    copy_given_on = forms.DateField(
        label=_("The person got a copy on"), required=False, widget=forms.DateInput(attrs=_DAY)
    )
    says_revocation = forms.BooleanField(label=_("That, and how, it can be taken back in writing"), required=False)
    says_conditioning = forms.BooleanField(label=_("That care and payment do not depend on it"), required=False)
    says_redisclosure = forms.BooleanField(label=_("That the receiver may pass it on"), required=False)
    says_remuneration = forms.BooleanField(label=_("That we are paid for the message, if we are"), required=False)
    says_refusal = forms.BooleanField(label=_("What follows from refusing to sign (Part 2 only)"), required=False)
    is_plain = forms.BooleanField(label=_("It is written in plain language"), required=False)
    combined_with = forms.CharField(
        label=_("Joined with another paper"),
        max_length=200,
        required=False,
        help_text=_("Leave empty if it stands alone."),
    )
    is_conditioned = forms.BooleanField(label=_("Care or payment was made to depend on it"), required=False)
    known_false = forms.BooleanField(label=_("We know that something in it is false"), required=False)

    asks_for_all = True  # nothing is called optional: what is missing spoils the paper
    STATEMENTS = (
        "says_revocation", "says_conditioning", "says_redisclosure", "says_remuneration", "says_refusal", "is_plain",
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = rulebook.in_force(today).purposes
        field = self.fields["purposes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(code, f"{code} · {one.name}") for code, one in known.items()]

    def paper(self) -> Paper:
        """The paper as typed so far; what could not be read counts as missing."""
        said = dict(self.cleaned_data)
        last, copied = said.pop("expires_on", None), said.pop("copy_given_on", None)
        return Paper(
            **{**said, "purposes": tuple(said.get("purposes", ()))},
            expires_at=_midnight(last + timedelta(days=1)) if last else None,
            copy_given_at=_midnight(copied) if copied else None,
        )


class RevokeForm(_Plain):
    way = forms.ChoiceField(label=_("How did they take it back?"), choices=WAYS)


class EventForm(_Plain):
    """Something that ends every paper which names it."""

    name = forms.CharField(
        label=_("What has happened?"),
        max_length=60,
        help_text=_("In the words of the papers, for example: end of programme."),
    )
    happened_on = forms.DateField(label=_("On which day?"), widget=forms.DateInput(attrs=_DAY))


class VendorForm(_Plain):
    name = forms.CharField(label=_("Name"), max_length=120)
    channels = forms.MultipleChoiceField(
        label=_("Carries for us"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(one, CHANNEL_NAMES[one]) for one in CHANNELS],
    )
    is_ours = forms.BooleanField(
        label=_("It is our own"), required=False, help_text=_("Runs in our house, so no agreement is needed.")
    )
    baa_reference = forms.CharField(label=_("Where the signed agreement (BAA) is kept"), max_length=120, required=False)
    baa_signed_on = forms.DateField(label=_("Signed on"), required=False, widget=forms.DateInput(attrs=_DAY))
    baa_until = forms.DateField(
        label=_("Ends on"), required=False, widget=forms.DateInput(attrs=_DAY), help_text=_("Empty if it has no end.")
    )

    def terms(self) -> Terms:
        return Terms(**{**self.cleaned_data, "channels": tuple(self.cleaned_data["channels"])})


class TrainingForm(_Plain):
    user = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), empty_label=_("Choose a member of staff")
    )
    course = forms.CharField(label=_("Which course"), max_length=120)
    completed_on = forms.DateField(label=_("Taken on"), widget=forms.DateInput(attrs=_DAY))
    evidence = forms.CharField(
        label=_("Proof"), max_length=200, required=False, help_text=_("A certificate number, or where it is kept.")
    )

    def __init__(self, *args: Any, courses: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.fields["user"]
        assert isinstance(user, forms.ModelChoiceField)
        user.queryset = User.objects.filter(is_active=True).order_by("name")
        self.fields["course"] = forms.ChoiceField(label=_("Which course"), choices=[(one, one) for one in courses])


class ReviewForm(_Plain):
    title = forms.CharField(label=_("What is to be looked at?"), max_length=160)
    subject = forms.CharField(label=_("About"), max_length=60, required=False, help_text=_("For example: security."))
    due_on = forms.DateField(label=_("By when?"), widget=forms.DateInput(attrs=_DAY))
    every_months = forms.TypedChoiceField(
        label=_("Again"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("Once")),
            (1, _("Every month")),
            (3, _("Every 3 months")),
            (6, _("Every 6 months")),
            (12, _("Every year")),
        ],
    )


class DoneForm(_Plain):
    finding = forms.CharField(
        label=_("What was found?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Also when everything was in order."),
    )


def kind_name(kind: str) -> str:
    """A kind of statement in a few words, without its clause."""
    return str(ConsentRecord.Kind(kind).label).split(" (")[0] if kind in ConsentRecord.Kind.values else kind


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
