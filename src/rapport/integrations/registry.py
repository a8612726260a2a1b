"""Which forms of input there are, and who understands each. A new kind of feed is a folder and one line here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rapport.integrations import refused
from rapport.integrations.fhir import reading, speaking
from rapport.integrations.mail import answers as mail_answers
from rapport.integrations.mail import hearing as mail_reports
from rapport.integrations.mail import messages as mails
from rapport.integrations.mail import reading as reports
from rapport.integrations.models import Landing
from rapport.integrations.sms import reading as texts
from rapport.integrations.sms import statuses as text_statuses
from rapport.integrations.translation import Desk, Problem, Record, Translation
from rapport.integrations.web import inbox_reply, signups
from rapport.integrations.web import translate as touches


@dataclass(frozen=True)
class Form:
    """`read` takes raw bytes apart and never raises on bad content; `translate` says records in our words (translation.py).

    `read_one`: reads a single record when that is written otherwise than many.
    `fill_only`: a known person's fields are filled where empty and never overwritten (what a web form says is not authority).
    """

    read: Callable[[bytes, Landing], Iterator[Record | Problem]]
    translate: Callable[[Sequence[Record], Desk], Translation]
    read_one: Callable[[bytes, Landing], Iterator[Record | Problem]] | None = None
    fill_only: bool = False

    def read_mended(self, raw: bytes, landing: Landing) -> Iterator[Record | Problem]:
        """One record again, as a human mended it."""
        return (self.read_one or self.read)(raw, landing)


FORMS = {
    "fhir_bundle": Form(reading.read_bundle, speaking.translate),
    "fhir_ndjson": Form(reading.read_lines, speaking.translate, read_one=reading.read_bundle),
    "tracking": Form(touches.read, touches.translate),
    "web_form": Form(touches.read, touches.translate),
    mail_reports.FORM: Form(reports.read, reports.translate),
    mail_answers.FORM: Form(mails.read, mails.translate),
    texts.FORM: Form(texts.read, texts.translate),
    text_statuses.FORM: Form(text_statuses.read, text_statuses.translate),
    inbox_reply.FORM: Form(inbox_reply.read, inbox_reply.translate),
    signups.FORM: Form(signups.read, signups.translate, fill_only=True),
    refused.FORM: Form(refused.read, refused.translate),
}
