"""Forms of content."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from rapport.content import families
from rapport.content.models import Piece

TOPICS = [
    ("health_services", _("News about our health services")),
    ("care", _("The person's own care")),
    ("newsletter", _("Newsletter")),
    ("survey", _("Survey")),
    ("billing", _("Bills")),
    ("fundraising", _("Donations")),
]
LANGUAGES = [("en", "English"), ("es", "Español")]
CHANNELS = [
    ("email", _("E-mail")),
    ("sms", _("Text message")),
    ("print", _("Letter on paper")),
    ("call", _("Script for a call")),
    ("portal", _("The patients’ inbox")),
    ("push", _("Inbox, with a word to the phone")),
]


class NewPiece(forms.Form):
    """What a piece is; its words come in the editor."""

    asks_for_all = True

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("For you and your colleagues; patients never see it.")
    )
    channel = forms.ChoiceField(label=_("How it reaches people"), choices=CHANNELS, initial="email", required=False)
    topic = forms.ChoiceField(label=_("What it is about"), choices=TOPICS)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    copy_of = forms.ChoiceField(label=_("Start from"), required=False)

    def __init__(self, *args: Any, pieces: Iterable[Piece], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._channels = {one.slug: one.channel for one in pieces}
        by_channel = [
            (name, [(one.slug, one.name) for one in pieces if one.channel == channel]) for channel, name in CHANNELS
        ]
        grouped: list[Any] = [("", _("Empty")), *((name, found) for name, found in by_channel if found)]
        cast(forms.ChoiceField, self.fields["copy_of"]).choices = grouped

    def clean_channel(self) -> str:
        return self.cleaned_data["channel"] or "email"

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        model, wanted = self._channels.get(said.get("copy_of", "")), said.get("channel", "")
        if model and model != wanted and not {model, wanted} <= set(families.DESIGNED):
            self.add_error(
                "copy_of", _("This one reaches people in another way. Take one of the same way, or begin empty.")
            )
        return said


class Wording(forms.Form):
    """The words of one version."""

    subject = forms.CharField(
        label=_("Subject"), max_length=200, help_text=_("Shows on locked screens: no names, nothing about health.")
    )
    preheader = forms.CharField(
        label=_("Preview line"),
        max_length=200,
        required=False,
        help_text=_("The line beside the subject in the inbox."),
    )
    mjml = forms.CharField(
        label=_("Letter (MJML)"),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true"}),
        strip=False,
    )
    text = forms.CharField(
        label=_("Plain text"),
        max_length=200_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Leave it empty and it is made from the letter."),
        strip=False,
    )
    is_machine = forms.BooleanField(
        label=_("A machine translated these words"),
        required=False,
        help_text=_("They can be approved after a qualified translator has reviewed them."),
    )
    is_generated = forms.BooleanField(
        label=_("A machine wrote these words"),
        required=False,
        help_text=_("The letter must say so and how to reach a human, or a clinician must approve it."),
    )


class TextWording(forms.Form):
    """The words of one text message."""

    asks_for_all = True
    text = forms.CharField(
        label=_("Text message"),
        max_length=1600,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "true", "data-merge": ""}),
        help_text=_("Begin with the clinic's name. How to stop is added by itself where it is missing."),
        strip=False,
    )


class Review(forms.Form):
    """The word of a qualified translator."""

    credential = forms.CharField(
        label=_("Your qualification"),
        max_length=120,
        help_text=_("For example: certified medical translator, CCHI 20145."),
    )


class About(forms.Form):
    """What a piece is about and whose it is."""

    owner = forms.ChoiceField(label=_("Owner"), required=False, help_text=_("Is told when the approval runs out."))
    service_line = forms.ChoiceField(label=_("Service line"), required=False)
    condition = forms.CharField(
        label=_("Conditions"), max_length=200, required=False, help_text=_("For example: knee pain, arthritis")
    )
    stage = forms.CharField(
        label=_("Stage"), max_length=120, required=False, help_text=_("For example: aware, considers, after care")
    )
    persona = forms.CharField(label=_("Written for"), max_length=120, required=False)
    delicate = forms.MultipleChoiceField(
        label=_("Delicate matters it touches"), required=False, widget=forms.CheckboxSelectMultiple
    )
    is_paid = forms.BooleanField(label=_("Somebody outside pays for it"), required=False)

    def __init__(
        self, *args: Any, owners: list[tuple[str, str]], lines: list[tuple[str, str]], classes: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["owner"]).choices = [("", _("Nobody")), *owners]
        cast(forms.ChoiceField, self.fields["service_line"]).choices = [("", pgettext("service line", "None")), *lines]
        cast(forms.MultipleChoiceField, self.fields["delicate"]).choices = classes


class Approve(forms.Form):
    """One look at words on the desk."""

    credential = forms.CharField(
        label=_("Your qualification"),
        max_length=120,
        required=False,
        help_text=_("For example: MD, licence MA 123456."),
    )
    expires_on = forms.DateField(
        label=_("Good until"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("After that day the words are not sent any more. A year, unless you say otherwise."),
    )  # fmt: skip


class Remark(forms.Form):
    """Words of a reviewer."""

    words = forms.CharField(
        label=_("Comment"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Nothing about a patient."),
    )
