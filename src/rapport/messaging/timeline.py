"""What the send adds to a person's timeline."""

from collections.abc import Sequence
from datetime import datetime

from rapport.messaging.models import Intent
from rapport.people import timeline
from rapport.people.records import NewEvent
from rapport.trust import sealing

SOURCE = "messaging"


def sent(*, intents: Sequence[Intent], at: datetime | None, now: datetime) -> None:
    """The message went out; `at` is None where each intent knows its own moment."""
    timeline.append(events=[_sent(one, at or one.begun_at or now) for one in intents], now=now)


def happened(kind: str, many: Sequence[tuple[Intent, int]], *, code: str, now: datetime) -> None:
    """Something was done for these messages by hand; the number beside each tells its occasions apart."""
    timeline.append(
        events=[
            NewEvent(
                person_id=one.person_id,
                kind=kind,
                at=now,
                source=SOURCE,
                source_key=sealing.source_key(SOURCE, kind, str(number)),
                code_system="local",
                code=code,
                campaign_id=one.cause_id if one.cause == "campaign" else None,
                detail={"intent": one.pk, "version": one.version_id, "cause": one.cause, "purpose": one.purpose},
                trace=one.trace,
            )
            for one, number in many
        ],
        now=now,
    )


def _sent(intent: Intent, at: datetime) -> NewEvent:
    return NewEvent(
        person_id=intent.person_id,
        kind="message_sent",
        at=at,
        source=SOURCE,
        source_key=sealing.source_key(SOURCE, "sent", str(intent.pk)),
        code_system="local",
        code=intent.channel,
        campaign_id=intent.cause_id if intent.cause == "campaign" else None,
        detail={"intent": intent.pk, "version": intent.version_id, "cause": intent.cause, "purpose": intent.purpose},
        trace=intent.trace,
    )
