"""The forms of lists."""

import re
import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from rapport.people import pointing
from rapport.people.pointing import Pointer
from rapport.segments import permission
from rapport.segments.membership import sheet
from rapport.segments.models import PURPOSE, Segment, SheetReading

# An address, a number long enough for a record, a telephone number, a social security number.
_TELLS = re.compile(r"\S+@\S+|\d{7,}|\(?\d{3}\)?[\s.-]?\d{3}[\s.-]\d{4}|\b\d{3}-\d{4}\b|\b\d{3}-\d{2}-\d{4}\b")


class NameForm(forms.Form):
    """A name that others find the list by. It stands in addresses and headings, so it says nothing of a person."""

    form = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=later("Name"), max_length=120, error_messages={"required": later("Give the list a name.")}
    )
    note = forms.CharField(label=later("Note"), max_length=300, required=False)

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if _TELLS.search(name):
            raise forms.ValidationError(
                _("The name stands where many can read it. Leave out addresses and numbers of people.")
            )
        waiting = SheetReading.objects.filter(state=SheetReading.State.WAITING, name__iexact=name)
        if Segment.objects.filter(name__iexact=name).exists() or waiting.exists():
            raise forms.ValidationError(
                _("There is a segment or a list of this name. Add what is different, for example the month.")
            )
        return name


class SheetForm(NameForm):
    """A sheet, as a file or pasted, with the name and the purpose of the list it becomes."""

    asks_for_all = True  # one of file and text is needed, so neither is called optional

    purpose = forms.ChoiceField(
        label=later("For messages of the kind"),
        initial=PURPOSE,
        help_text=later("Decides which knowledge may choose people."),
    )
    file = forms.FileField(
        label=later("CSV file"),
        required=False,
        allow_empty_file=True,
        help_text=later("Up to 200,000 lines. From a spreadsheet: Save as, CSV."),
    )
    text = forms.CharField(
        label=later("Or paste the lines here"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono", "autocomplete": "off"}),
    )
    field_order = ["form", "name", "purpose", "file", "text"]

    def __init__(self, *args: Any, now: datetime, too_long: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["note"]
        self.too_long = too_long
        purposes = [(one, f"{name} ({one})") for one, name in permission.purposes(now.date())]
        self.fields["purpose"].choices = purposes  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """`text` is what to read, from wherever it came."""
        said = super().clean() or {}
        file, pasted = said.get("file"), said.get("text", "")
        if self.too_long:
            self.add_error("file", _("The file is larger than 20 MB. Split it into several lists."))
        elif file and pasted.strip():
            self.add_error("text", _("There is a file and there are pasted lines. Send one of the two."))
        elif file:
            try:
                said["text"] = sheet.read(file.read())
            except sheet.UnreadableSheet as wrong:
                self.add_error("file", str(wrong))
        if not self.errors and not said.get("text", "").strip():
            self.add_error("file", _("There is nothing in it. Choose a file, or paste the lines below."))
        return said

    def refuse_sheet(self, reason: str) -> None:
        """The sheet as a whole can't be taken: said where it came from."""
        self.add_error("file" if self.files.get("file") else "text", reason)


class WhoForm(forms.Form):
    """Somebody to be put on a list, by one thing that is hers alone."""

    who = forms.CharField(
        label=later("Put somebody on the list"),
        max_length=200,
        help_text=later("A medical record number, an e-mail address or a telephone number."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": later("Say who is meant.")},
    )

    def clean_who(self) -> int:
        """The person who is meant."""
        said = str(self.cleaned_data["who"]).strip()
        ways = [Pointer(email=said)] if "@" in said else [Pointer(number=said), Pointer(phone=said)]
        answers = pointing.meant(ways)
        found = {one.person_id for one in answers if one.person_id is not None}
        if len(found) == 1:
            return int(found.pop())
        problems = [one.problem for one in answers]
        if found or "several" in problems:
            raise forms.ValidationError(_("Several people share this. Use the medical record number."))
        if "deceased" in problems:
            raise forms.ValidationError(_("This person has died."))
        raise forms.ValidationError(_("Nobody we know answers to this."))


def begun() -> dict[str, Any]:
    """The number of a new form: sent twice, it makes one list."""
    return {"form": uuid.uuid4()}
