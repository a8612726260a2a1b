"""What is typed on the part about permission: who speaks for a person, what stops messages, what is given."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from rapport.consent import minors
from rapport.consent.inducements import Cap, Gift
from rapport.consent.models import Representative, Reward
from rapport.directory.models import Payer
from rapport.home.capture import TOPICS, WAYS
from rapport.home.kinds import CLASSES
from rapport.people.models import DataClass

HOW = (*WAYS, ("letter", _("Wrote a letter")))
COURT = (("letter", _("By letter or court paper")), ("email", _("By e-mail")), ("in_person", _("Said it here")))
ALONE = (*minors.ALONE, DataClass.SUD_PART2.value)
PAYERS = {
    "": _("Not known: counts as a federal programme"),
    Payer.PayerClass.MEDICARE: _("Medicare"),
    Payer.PayerClass.MEDICAID: _("Medicaid"),
    Payer.PayerClass.COMMERCIAL: _("Commercial insurance"),
    Payer.PayerClass.SELF_PAY: _("Pays on their own"),
    Payer.PayerClass.OTHER: _("Another programme"),
}
GIFTS = {
    Reward.Kind.ITEM: _("A thing"),
    Reward.Kind.SERVICE: _("A service"),
    Reward.Kind.CASH: _("Money, a gift card or the like"),
}
_DAY = {"type": "date"}


class Plain(forms.Form):
    """Nothing is forced by the browser: what is missing is said by us. Each form has ids of its own, for several share a page."""

    use_required_attribute = False
    ids = "id_%s"

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{**more, "auto_id": self.ids})


class SpeakerForm(Plain):
    """Who speaks for a person: as what, by what right, about what, from when until when."""

    ids = "speaker_%s"
    kind = forms.ChoiceField(label=_("As what?"), choices=Representative.Kind.choices)
    authority = forms.CharField(
        label=_("By what right?"),
        max_length=200,
        help_text=_("For example: birth certificate seen; court order 2025-0412; health care proxy of 2024-05-02."),
        error_messages={"required": _("Name the paper or the order: nobody speaks for another without one.")},
    )
    topics = forms.MultipleChoiceField(
        label=_("About what?"),
        required=False,
        choices=list(TOPICS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick none if they speak about everything."),
    )
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs=_DAY))
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs=_DAY), help_text=_("Empty if it has no end.")
    )
    asks_for_all = True


class EndSpeakerForm(Plain):
    ids = "speaker_end_%s"
    on = forms.DateField(label=_("Last day on which they speak"), widget=forms.DateInput(attrs=_DAY))


class AloneForm(Plain):
    """Care to which a minor consents alone."""

    ids = "alone_%s"
    data_class = forms.ChoiceField(
        label=_("About which care?"), choices=[("", _("Choose"))] + [(one, CLASSES[DataClass(one)]) for one in ALONE]
    )
    way = forms.ChoiceField(label=_("How did they say it?"), choices=HOW)


class NoContactForm(Plain):
    ids = "stop_%s"
    words = forms.CharField(label=_("In their words"), max_length=300, required=False)
    way = forms.ChoiceField(label=_("How did they say it?"), choices=HOW)


class RestrictionForm(Plain):
    """What was agreed, and how far it reaches."""

    ids = "stop_%s"
    words = forms.CharField(
        label=_("What was agreed?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: nothing to the insurer about the visit of March 2, paid in cash."),
        error_messages={"required": _("Write down what was agreed.")},
    )
    recipient = forms.CharField(
        label=_("Who must not get anything?"),
        max_length=120,
        required=False,
        help_text=_("For example the insurer; messages to the person then go on. Empty: it stops those."),
    )
    topic = forms.ChoiceField(label=_("About which messages?"), choices=[("all", _("Every message")), *TOPICS.items()])
    way = forms.ChoiceField(label=_("How was it agreed?"), choices=HOW)


class OnlyByForm(Plain):
    """The one way that is allowed: a channel, or one address on file."""

    ids = "stop_%s"
    only = forms.ChoiceField(label=_("Only by which way?"), help_text=_("They need not say why."))
    way = forms.ChoiceField(label=_("How did they say it?"), choices=HOW)

    def __init__(self, *args: Any, ways: Sequence[tuple[str, Any]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["only"] = forms.ChoiceField(
            label=self.fields["only"].label, help_text=self.fields["only"].help_text, choices=ways
        )


class HoldForm(Plain):
    ids = "stop_%s"
    words = forms.CharField(
        label=_("Why?"),
        max_length=300,
        help_text=_("The case and who asked for it. For example: suit 26-114, letter of Smith & Lowe."),
        error_messages={"required": _("Name the case: whoever lifts the hold has to know it.")},
    )
    way = forms.ChoiceField(label=_("How did it come?"), choices=COURT)


class EndStopForm(Plain):
    ids = "stop_end_%s"
    way = forms.ChoiceField(label=_("How did they say it?"), choices=(*HOW, ("email", _("Wrote an e-mail"))))


class WorksAgainForm(Plain):
    """Why messages may go again to an address or a number that was given up."""

    ids = "works_%s"
    words = forms.CharField(
        label=_("How do you know?"),
        max_length=300,
        help_text=_("For example: read it out at the desk, spelled letter by letter. Or: wrote to us from it today."),
        error_messages={"required": _("Say how you know: the next one who reads this has to trust it.")},
    )
    way = forms.ChoiceField(label=_("How did they say it?"), choices=(*HOW, ("email", _("Wrote an e-mail"))))


class RewardForm(Plain):
    """What is given, what it costs in a shop, who pays for the person's care, and the exception if there is one."""

    ids = "reward_%s"
    asks_for_all = True
    what = forms.CharField(
        label=_("What is it?"),
        max_length=120,
        error_messages={"required": _("Say what it is, for example: water bottle.")},
    )
    worth = forms.DecimalField(
        label=_("Price in a shop, in dollars"),
        min_value=Decimal("0.01"),
        max_value=Decimal("100000"),
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={
            "required": _("Say what it costs in a shop, for example: 12.50."),
            "invalid": _("Type an amount in dollars, for example: 12.50."),
            "min_value": _("Something that costs nothing need not be written down."),
        },
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=list(GIFTS.items()))
    payer_class = forms.ChoiceField(
        label=_("Who pays for their care?"),
        required=False,
        choices=[(str(one), words) for one, words in PAYERS.items()],
    )
    exception = forms.ChoiceField(label=_("Documented exception"), required=False)

    def __init__(self, *args: Any, cap: Cap, **more: Any) -> None:
        super().__init__(*args, **more)
        named = [(key, words[:1].upper() + words[1:]) for key, words in cap.exceptions.items()]
        self.fields["exception"] = forms.ChoiceField(
            label=self.fields["exception"].label,
            required=False,
            choices=[("", pgettext("exception", "None")), *named],
            help_text=_("It must be on file. It never covers money or what is as good as money."),
        )

    def gift(self) -> Gift | None:
        """The gift as typed so far; None while its worth is not known."""
        said = getattr(self, "cleaned_data", {})
        if "worth" not in said or "kind" not in said:
            return None
        return Gift(
            kind=said["kind"],
            what=said.get("what", ""),
            retail_cents=int(said["worth"] * 100),
            payer_class=said.get("payer_class", ""),
            exception=said.get("exception", ""),
        )
