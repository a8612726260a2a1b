"""The form `mail_message`: a mail that came to us, and what of it stands on the timeline.

Of a person's words nothing reaches the timeline, only what kind of wish they were. Automatic answers leave no trace but the landing.
"""

from collections.abc import Iterator, Sequence

from rapport.integrations.mail import answers, reading
from rapport.integrations.mail.letters import Letter
from rapport.integrations.models import Landing
from rapport.integrations.translation import Desk, Problem, Record, Said, Translation, content_of
from rapport.messaging.models import Intent
from rapport.people import reach
from rapport.people.records import NewEvent
from rapport.trust import sealing

KIND = "message_received"


def read(raw: bytes, landing: Landing) -> Iterator[Record | Problem]:
    """A report becomes its events; anything else is one record."""
    try:
        found = answers.letters_in(raw)
    except reading.UNREADABLE as wrong:
        yield Problem(1, f"This mail can't be read ({type(wrong).__name__}).", raw[:4_000], "mail_message")
        return
    for line, one in enumerate(found, 1):
        if one.reports:
            yield from (reading.record_of(told, line) for told in answers.events_of(one))
        else:
            said = raw[:20_000] if one.is_reply else b""
            yield Record(line, KIND, answers.letter_key(one), content_of(one.name), said, one, kept=not one.is_reply)


def translate(records: Sequence[Record], desk: Desk) -> Translation:
    """One event for each person it is from; a stranger's mail leaves none."""
    said = reading.translate([one for one in records if not isinstance(one.told, Letter)], desk)
    for record in records:
        if isinstance(record.told, Letter) and not record.kept:
            _received(record, record.told, said)
    return said


def _received(record: Record, one: Letter, said: Translation) -> None:
    intent = Intent.objects.filter(pk=one.intent_id).first() if one.intent_id else None
    owners = reach.owners(kind="email", digests=[one.digest]).get(one.digest, []) if one.digest else []
    wish = one.wish()
    for person_id in {*owners, *([intent.person_id] if intent is not None else [])}:
        said.events.append(
            Said(
                record,
                NewEvent(
                    person_id=person_id,
                    kind=KIND,
                    at=record.landing.received_at,
                    source=reading.SOURCE,
                    source_key=sealing.source_key(reading.SOURCE, str(record.key), str(person_id)),
                    code_system="local",
                    code="email",
                    campaign_id=intent.cause_id if intent is not None and intent.cause == "campaign" else None,
                    detail={"channel": "email", "wish": wish.kind, "rule": wish.rule}
                    | ({"intent": intent.pk} if intent is not None else {}),
                    trace=intent.trace if intent is not None else record.landing.trace,
                ),
            )
        )
