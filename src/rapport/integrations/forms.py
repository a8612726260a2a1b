"""Forms of the Sources pages."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from rapport.integrations.models import Source

ENDINGS = (".json", ".ndjson", ".jsonl", ".gz", ".xz", ".tar", ".tgz", ".txz", ".zip", ".fhir")


class UploadForm(forms.Form):
    """A FHIR file, and the feed it belongs to."""

    source = forms.CharField(
        label=_("Feed"),
        max_length=50,
        initial="fhir",
        help_text=_("A short name such as main-ehr. The same file in the same feed is taken in once."),
        validators=[
            RegexValidator(r"^[a-z0-9][a-z0-9-]*$", _("Use small letters, digits and dashes, for example main-ehr."))
        ],
    )
    file = forms.FileField(
        label=_("FHIR file"),
        help_text=_("A bundle (.json), bulk export (.ndjson), packed (.gz, .tar.xz, .zip), of any size."),
    )

    def clean_source(self) -> str:
        slug = self.cleaned_data["source"]
        found = Source.objects.filter(slug=slug).first()
        if found and found.kind != "fhir":
            raise forms.ValidationError(_("This feed takes no files. Choose another name."))
        return slug

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if not upload.name.lower().endswith(ENDINGS):
            raise forms.ValidationError(
                _("This is no FHIR file by its name. Send .json, .ndjson, or one of them packed.")
            )
        return upload


class MendForm(forms.Form):
    """The record as it should read."""

    text = forms.CharField(
        label=_("The record"),
        max_length=4_500_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "mono"}),
    )


class DismissForm(forms.Form):
    reason = forms.CharField(label=_("Why it is not wanted"), max_length=300, min_length=4)


class LetInForm(forms.Form):
    reason = forms.CharField(label=_("Why this person may come in again"), max_length=300, min_length=4)
