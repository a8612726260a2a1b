"""How each kind of event reads on a page: a word, an icon, a tone. Unknown kinds read as themselves."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from rapport.people.models import DataClass


@dataclass(frozen=True)
class Look:
    label: object
    icon: str
    tone: str = "neutral"
    group: str = "care"


LOOKS = {
    "encounter": Look(_("Visit"), "stethoscope", "accent"),
    "condition": Look(_("Diagnosis"), "clipboard-list"),
    "procedure": Look(_("Procedure"), "activity"),
    "observation": Look(_("Measurement"), "chart-line"),
    "medication": Look(_("Medicine"), "pill"),
    "immunization": Look(_("Vaccination"), "syringe"),
    "appointment": Look(_("Appointment"), "calendar", "info", "visits"),
    "booked": Look(_("Booked online"), "calendar-check", "good", "visits"),
    "form_submitted": Look(_("Filled in a form"), "file-text", "info", "messages"),
    "claim": Look(_("Claim"), "receipt", group="money"),
    "payment": Look(_("Payment"), "banknote", "good", "money"),
    "visit_cost": Look(_("Direct cost"), "coins", group="money"),
    "consent": Look(_("Consent"), "shield-check", "accent", "messages"),
    "message_sent": Look(_("We wrote"), "mail", "info", "messages"),
    "letter_posted": Look(_("Letter posted"), "mailbox", "info", "messages"),
    "call_made": Look(_("We rang"), "phone", "info", "messages"),
    "message_received": Look(_("Wrote to us"), "message-square", "accent", "messages"),
    "message_opened": Look(_("Opened"), "mail-open", "info", "messages"),
    "message_clicked": Look(_("Clicked"), "mouse-pointer-click", "accent", "messages"),
    "message_scanned": Look(_("Opened by a mail scanner, not counted"), "bot", "quiet", "messages"),
    "message_bounced": Look(_("Did not arrive"), "mail-x", "bad", "messages"),
    "message_delivered": Look(_("Arrived"), "mail-check", "good", "messages"),
    "message_deferred": Look(_("Delayed on its way"), "clock", "warn", "messages"),
    "complained": Look(_("Reported as spam"), "mail-warning", "bad", "messages"),
    "complaint": Look(_("Complaint"), "message-square-warning", "warn", "messages"),
    "complaint_closed": Look(_("Complaint answered"), "message-square-reply", "good", "messages"),
    "held_out": Look(_("Left out, to compare"), "split", group="messages"),
    "unsubscribed": Look(_("Unsubscribed"), "mail-minus", "warn", "messages"),
}

APPOINTMENT_WORDS = {
    "booked": _("booked"),
    "pending": _("waits"),
    "arrived": _("is here"),
    "fulfilled": _("came"),
    "cancelled": _("cancelled"),
    "noshow": _("did not come"),
}

GROUPS = {
    "care": _("Care"),
    "visits": _("Appointments"),
    "messages": _("Messages"),
    "money": _("Money"),
}

CLASSES = {
    DataClass.MENTAL_HEALTH: _("Mental health"),
    DataClass.PSYCHOTHERAPY: _("Psychotherapy notes"),
    DataClass.SUD_PART2: _("Substance use"),
    DataClass.HIV_STI: _("HIV and STI"),
    DataClass.REPRODUCTIVE: _("Reproductive health"),
    DataClass.GENETIC: _("Genetic"),
    DataClass.MINOR_CONFIDENTIAL: _("A minor's confidential care"),
    DataClass.ABUSE: _("Abuse and violence"),
    DataClass.CONSUMER_HEALTH: _("Consumer health"),
}


def look(kind: str) -> Look:
    return LOOKS.get(kind) or Look(kind.replace("_", " ").capitalize(), "dot", group="care")


def kinds_of(group: str) -> list[str]:
    return [kind for kind, one in LOOKS.items() if one.group == group]


def is_delicate(data_class: str) -> bool:
    return data_class != DataClass.GENERAL


def class_label(data_class: str) -> object:
    return CLASSES.get(DataClass(data_class), data_class) if data_class in DataClass.values else data_class
