"""How each kind of event reads on a page: a word, an icon, a tone. Unknown kinds read as themselves."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from rapport.people.event_words import WORDS
from rapport.people.models import DataClass


@dataclass(frozen=True)
class Look:
    label: object
    icon: str
    tone: str = "neutral"
    group: str = "care"


LOOKS = {
    "encounter": Look(WORDS["encounter"], "stethoscope", "accent"),
    "condition": Look(WORDS["condition"], "clipboard-list"),
    "procedure": Look(WORDS["procedure"], "activity"),
    "observation": Look(WORDS["observation"], "chart-line"),
    "medication": Look(WORDS["medication"], "pill"),
    "immunization": Look(WORDS["immunization"], "syringe"),
    "appointment": Look(WORDS["appointment"], "calendar", "info", "visits"),
    "booked": Look(WORDS["booked"], "calendar-check", "good", "visits"),
    "form_submitted": Look(WORDS["form_submitted"], "file-text", "info", "messages"),
    "claim": Look(WORDS["claim"], "receipt", group="money"),
    "payment": Look(WORDS["payment"], "banknote", "good", "money"),
    "visit_cost": Look(WORDS["visit_cost"], "coins", group="money"),
    "consent": Look(WORDS["consent"], "shield-check", "accent", "messages"),
    "message_sent": Look(WORDS["message_sent"], "mail", "info", "messages"),
    "letter_posted": Look(WORDS["letter_posted"], "mailbox", "info", "messages"),
    "call_made": Look(WORDS["call_made"], "phone", "info", "messages"),
    "message_received": Look(WORDS["message_received"], "message-square", "accent", "messages"),
    "message_opened": Look(WORDS["message_opened"], "mail-open", "info", "messages"),
    "message_clicked": Look(WORDS["message_clicked"], "mouse-pointer-click", "accent", "messages"),
    "message_scanned": Look(WORDS["message_scanned"], "bot", "quiet", "messages"),
    "message_bounced": Look(WORDS["message_bounced"], "mail-x", "bad", "messages"),
    "message_delivered": Look(WORDS["message_delivered"], "mail-check", "good", "messages"),
    "message_deferred": Look(WORDS["message_deferred"], "clock", "warn", "messages"),
    "complained": Look(WORDS["complained"], "mail-warning", "bad", "messages"),
    "complaint": Look(WORDS["complaint"], "message-square-warning", "warn", "messages"),
    "complaint_closed": Look(WORDS["complaint_closed"], "message-square-reply", "good", "messages"),
    "held_out": Look(WORDS["held_out"], "split", group="messages"),
    "unsubscribed": Look(WORDS["unsubscribed"], "mail-minus", "warn", "messages"),
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
