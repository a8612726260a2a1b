"""A complaint at the desk: noted by its kind alone, and closed when it is answered. While it is open, nothing promotional goes out.

What was said is not written here: it belongs into the complaint file, where the people work who answer it.
"""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.consent import life_signs
from rapport.consent.life_signs import Seen
from rapport.messaging import stopping
from rapport.people import timeline
from rapport.people.records import NewEvent
from rapport.trust import audit
from rapport.trust.models import User

SOURCE = "front desk"
OPENED, CLOSED = "complaint", "complaint_closed"
KINDS = (
    ("waiting", _("Waiting or reaching us")),
    ("staff", _("How somebody was treated")),
    ("care", _("The care itself")),
    ("bill", _("A bill")),
    ("privacy", _("Privacy")),
    ("messages", _("Our messages")),
    ("other", _("Something else")),
)


class NotAKind(ValueError):
    """The form named a kind of complaint that is not offered."""


@transaction.atomic
def note(*, by: User, person_id: int, kind: str, now: datetime) -> int:
    """A complaint is open from now on. What waits to be said and is not care stops; returns how many messages did."""
    if kind not in dict(KINDS):
        raise NotAKind(kind)
    _write(person_id, OPENED, kind, now)
    stopped = stopping.stop_silenced(person_ids=[person_id], now=now)
    audit.record(
        by=by, verb="person.complaint", now=now, person=person_id, details={"kind": kind, "messages_stopped": stopped}
    )
    return stopped


@transaction.atomic
def close(*, by: User, person_id: int, now: datetime) -> None:
    """The complaint is answered: every open one of this person ends."""
    _write(person_id, CLOSED, "", now)
    audit.record(by=by, verb="person.complaint_closed", now=now, person=person_id)


def _write(person_id: int, what: str, kind: str, now: datetime) -> None:
    key = uuid.uuid4()
    event = NewEvent(
        person_id=person_id,
        kind=what,
        at=now,
        source=SOURCE,
        source_key=key,
        code_system="local" if kind else "",
        code=kind,
    )
    timeline.append(events=[event], now=now)
    life_signs.notice(seen=[Seen(person_id=person_id, kind=what, key=key, at=now)], now=now)
