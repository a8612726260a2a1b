"""A disclosure as it is typed at the desk: which papers it may rest on, what must go along, and whether it may leave."""

from datetime import date, datetime, time
from typing import Any

import msgspec
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rapport.consent import papers
from rapport.consent.models import ConsentRecord
from rapport.governance import disclosures
from rapport.governance.disclosures import Basis, Packet, Refused, To, What
from rapport.people.models import DataClass

CLASSES = [
    (DataClass.SUD_PART2, _("Substance use (42 CFR Part 2)")), (DataClass.MENTAL_HEALTH, _("Mental health")),
    (DataClass.HIV_STI, _("HIV and STI")), (DataClass.REPRODUCTIVE, _("Reproductive health")), (DataClass.GENETIC, _("Genetic")),
    (DataClass.MINOR_CONFIDENTIAL, _("A minor's confidential care")), (DataClass.ABUSE, _("Abuse and violence")),
]  # fmt: skip
PAPER_NAMES = {
    ConsentRecord.Kind.AUTHORIZATION.value: _("Authorization"),
    ConsentRecord.Kind.PART2.value: _("Part 2 consent"),
}


class Typed(msgspec.Struct, frozen=True):
    """A disclosure as typed. `notice_goes`: the notice of 42 CFR 2.32 lies beside it."""

    to: To
    what: What
    consent_record_id: int | None
    consent_copy: str
    notice_goes: bool
    on: date | None

    def at(self, now: datetime) -> datetime:
        """Today it is this moment; an earlier day counts from its noon."""
        if self.on is None or self.on >= timezone.localtime(now).date():
            return now
        return timezone.make_aware(datetime.combine(self.on, time(12)))

    def packet(self, now: datetime) -> Packet | None:
        if not disclosures.is_part2(self.what):
            return None
        known = disclosures.notices(self.at(now))
        return Packet(known[0] if known and self.notice_goes else "", self.consent_copy)


class DisclosureForm(forms.Form):
    """To whom, what, why, on what ground; and under Part 2 what goes along."""

    use_required_attribute = False
    asks_for_all = True
    recipient = forms.CharField(
        label=_("To whom"), max_length=200, error_messages={"required": _("Name who receives it.")}
    )
    address = forms.CharField(
        label=_("Their address"),
        max_length=200,
        required=False,
        help_text=_("If it is known: the person may ask for it."),
    )
    description = forms.CharField(
        label=_("What leaves"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: films and report of the left knee, March 2026."),
        error_messages={"required": _("Say what leaves: the person may ask for it for six years.")},
    )
    purpose = forms.CharField(label=_("Why"), max_length=300, error_messages={"required": _("Say what it is for.")})
    basis = forms.ChoiceField(
        label=_("On what ground"),
        choices=[("", _("Choose the ground")), *Basis.choices],
        error_messages={"required": _("Choose the ground on which it leaves.")},
    )
    consent_record = forms.ChoiceField(
        label=_("The signed paper it rests on"),
        required=False,
        help_text=_("For an authorization or a Part 2 consent. It must name this receiver."),
    )
    on = forms.DateField(label=_("Day it leaves"), widget=forms.DateInput(attrs={"type": "date"}))
    data_classes = forms.MultipleChoiceField(
        label=_("Delicate entries in it"), required=False, choices=CLASSES, widget=forms.CheckboxSelectMultiple
    )
    consent_copy = forms.CharField(
        label=_("The consent, or what it allows"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Under Part 2 a copy of the consent, or a clear explanation of it, goes along (42 CFR 2.32)."),
    )
    notice_goes = forms.BooleanField(label=_("The notice is in the envelope, word for word"), required=False)

    def __init__(self, *args: Any, papers: list[tuple[str, str]], today: date, **more: Any) -> None:
        super().__init__(*args, **{**more, "initial": {"on": today}})
        field = self.fields["consent_record"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("None")), *papers]
        self.today = today

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise forms.ValidationError(_("That day has not come yet. Write it down when it leaves."))
        return day

    def typed(self) -> Typed:
        """What was typed so far; what is missing is empty."""
        said = getattr(self, "cleaned_data", {})
        basis, classes = said.get("basis", ""), set(said.get("data_classes", ()))
        if basis == Basis.PART2:
            classes.add(DataClass.SUD_PART2.value)
        what = What(
            description=said.get("description", ""),
            purpose=said.get("purpose", ""),
            basis=basis,
            data_classes=tuple(sorted(classes)),
        )
        number = said.get("consent_record", "")
        copy = said.get("consent_copy", "")
        return Typed(
            To(said.get("recipient", ""), said.get("address", "")), what, int(number) if number else None, copy,
            bool(said.get("notice_goes")), said.get("on"),
        )  # fmt: skip


# At which field a refusal stands.
FIELDS = {"said": "description", "paper": "consent_record", "notice": "notice_goes", "consent": "consent_copy"}


class Look(msgspec.Struct, frozen=True):
    """What the side of the form says: refused and why, or what follows; the notice that goes along under Part 2."""

    refused: str
    field: str
    is_never: bool
    is_told: bool
    notice: str


def look(person_id: int, typed: Typed, *, now: datetime) -> Look:
    """Asked of the same checks that the verb makes. Nothing is written."""
    at = typed.at(now)
    known = disclosures.notices(at) if disclosures.is_part2(typed.what) else []
    refused, field = "", ""
    try:
        disclosures.may_leave(
            person_id=person_id, to=typed.to, what=typed.what, at=at, consent_record_id=typed.consent_record_id,
            packet=typed.packet(now),
        )  # fmt: skip
    except Refused as why:
        refused, field = str(why), FIELDS.get(why.about, "basis")
    basis = typed.what.basis
    return Look(
        refused, field, basis in disclosures.NEVER, basis not in disclosures.NOT_TOLD, known[0] if known else ""
    )


def papers_of(person_id: int, *, now: datetime) -> list[tuple[str, str]]:
    """The person's papers in force, by number, each with whom it names."""
    today = timezone.localtime(now).date()
    found = papers.of([person_id], on=today).get(person_id, [])
    return [
        (str(one.record.pk), f"{PAPER_NAMES[one.record.kind]}: {one.paper.recipient or '?'}")
        for one in found
        if one.is_valid
    ]
