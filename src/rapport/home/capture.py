"""The front desk records what a person said about e-mail: yes or no, to what, how it was said, word for word which text."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.consent import ledger
from rapport.consent.models import ConsentRecord
from rapport.trust.models import User

TOPICS = (
    ("health_services", _("Our health services")),
    ("newsletter", _("The newsletter")),
    ("survey", _("Surveys")),
)
WAYS = (
    ("in_person", _("Said it at the desk")),
    ("phone", _("Said it on the phone")),
    ("paper", _("Signed a form")),
)
TEXT_VERSION = "front-desk-2026-01"
SENTENCES = {
    "health_services": _("May we e-mail you about our health services? You can say no at any time."),
    "newsletter": _("May we e-mail you our newsletter? You can say no at any time."),
    "survey": _("May we e-mail you to ask how your visit was? You can say no at any time."),
}


class NotAChoice(ValueError):
    """The form named a topic, an answer or a way that is not offered."""


@dataclass(frozen=True)
class Said:
    """What a person said at the desk: about what, yes or no, in which way, in which language."""

    topic: str
    answer: str
    way: str
    locale: str = "en"


def record(*, by: User, person_id: int, said: Said, now: datetime) -> ConsentRecord:
    """Write one statement of will with its evidence. The ledger keeps every one; nothing is overwritten."""
    if said.topic not in dict(TOPICS) or said.answer not in {"yes", "no"} or said.way not in dict(WAYS):
        raise NotAChoice
    say = ledger.grant if said.answer == "yes" else ledger.withdraw
    with transaction.atomic():
        return say(
            by=by,
            person_id=person_id,
            channel="email",
            topic=said.topic,
            via=f"front_desk_{said.way}",
            now=now,
            text_version=TEXT_VERSION,
            evidence={"asked": str(SENTENCES[said.topic]), "answer": said.answer, "way": said.way, "by": by.pk},
            locale=said.locale[:8] or "en",
            tier="express",
            source_key=uuid.uuid4(),
        )
