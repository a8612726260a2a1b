"""What the ledger and the policy call by a short name, as a page says it in the language of whoever reads it.

The reasons of the gates are no words of a page: they are kept in receipts as they were given, and so in English.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = dict[str, str | Promise]

TOPICS: Words = {
    "care": pgettext_lazy("topic", "care"),
    "health_services": pgettext_lazy("topic", "health services"),
    "newsletter": pgettext_lazy("topic", "newsletter"),
    "survey": pgettext_lazy("topic", "survey"),
    "billing": pgettext_lazy("topic", "billing"),
    "fundraising": pgettext_lazy("topic", "fundraising"),
    "all": pgettext_lazy("topic", "any"),
}
CHANNELS: Words = {
    "email": _("e-mail"),
    "sms": _("text message"),
    "call": _("phone call"),
    "print": _("letter"),
    "portal": _("portal message"),
    "push": _("push message"),
    "in_person": _("word of mouth"),
    "all": _("every channel"),
}
GATES: Words = {
    "deceased": _("Death and legal hold"),
    "contact": _("A working address"),
    "confidential": _("Agreed ways and addressees"),
    "data_class": _("Classes of data"),
    "hipaa_purpose": _("HIPAA purpose"),
    "state_health": _("State and EU health privacy"),
    "consent": _("Consent for the channel"),
    "suppression": _("Do not contact"),
    "inducement": _("Payment and gifts"),
    "content": _("Words approved"),
    "life_event": _("Life events"),
    "frequency": _("How often"),
    "quiet_hours": _("Quiet hours"),
    "vendor": _("Carrier under agreement"),
    "deliverability": _("Sender in good standing"),
}
WAYS: Words = {
    "front_desk_in_person": _("front desk in person"),
    "front_desk_phone": _("front desk by phone"),
    "front_desk_paper": _("front desk on paper"),
    "front_desk_email": _("front desk by e-mail"),
    "front_desk_letter": _("front desk by letter"),
    "compliance_desk": _("compliance desk"),
    "hospital": _("hospital"),
    "inbox": _("inbox"),
    "letter": _("letter"),
    "paper": _("paper"),
    "preference_centre": _("preference centre"),
    "registration_form": _("registration form"),
    "reply": _("reply"),
    "undo": _("taken back by whoever said it"),
    "join": _("newsletter page"),
    "patient_portal": _("patient portal"),
    "api": _("another program"),
    "unsubscribe": _("link in the message"),
}


def topic(name: str) -> str:
    return _of(TOPICS, name)


def channel(name: str) -> str:
    return _of(CHANNELS, name)


def gate(name: str) -> str:
    return _of(GATES, name)


def way(name: str) -> str:
    """By which way something was said to us."""
    return _of(WAYS, name)


def _of(words: Words, name: str) -> str:
    """The word for it; a name that is not known reads as itself."""
    return str(words.get(name) or name.replace("_", " "))
