"""The kinds of event on a timeline, as a page says them in the language of whoever reads it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

WORDS: dict[str, str | Promise] = {
    "encounter": _("Visit"),
    "condition": _("Diagnosis"),
    "procedure": _("Procedure"),
    "observation": _("Measurement"),
    "medication": _("Medicine"),
    "immunization": _("Vaccination"),
    "appointment": _("Appointment"),
    "booked": _("Booked online"),
    "form_submitted": _("Filled in a form"),
    "claim": _("Claim"),
    "payment": _("Payment"),
    "visit_cost": _("Direct cost"),
    "consent": _("Consent"),
    "message_sent": _("We wrote"),
    "letter_posted": _("Letter posted"),
    "call_made": _("We rang"),
    "message_received": _("Wrote to us"),
    "message_opened": pgettext_lazy("event", "Opened"),
    "message_clicked": pgettext_lazy("event", "Clicked"),
    "message_scanned": _("Opened by a mail scanner, not counted"),
    "message_bounced": _("Did not arrive"),
    "message_delivered": pgettext_lazy("event", "Arrived"),
    "message_deferred": _("Delayed on its way"),
    "complained": _("Reported as spam"),
    "complaint": _("Complaint"),
    "complaint_closed": _("Complaint answered"),
    "held_out": _("Left out, to compare"),
    "unsubscribed": _("Unsubscribed"),
}


def of(kind: str) -> str:
    """The word for it; a kind that is not known reads as itself."""
    return str(WORDS.get(kind) or kind.replace("_", " ").capitalize())
