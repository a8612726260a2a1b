"""When there is nothing to tell of any more: a notice of the inbox that has not gone out is stopped.

What a stopped notice was to tell of beside its own message is told of anew, under a purpose of its own (`notices`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from rapport.messaging import receipts
from rapport.messaging.models import Intent, PortalMessage

CAUSE = "inbox"
READ = "Stopped: the person has opened the inbox."
GONE = "Stopped: the message is not in the inbox any more."


def forget(person_id: int, *, now: datetime) -> int:
    """She has looked: what was to tell her is stopped. The caller writes the audit line."""
    return len(_stop(Q(person=person_id), READ, now))


def closed(intent_ids: Sequence[int], *, now: datetime) -> int:
    """These messages have left the inbox: nobody is told of them any more. The caller writes the audit line."""
    stopped = _stop(Q(cause_id__in=list(intent_ids)), GONE, now)
    for one in stopped:
        beside = PortalMessage.objects.filter(person=one.person_id, told_at__gte=one.created_at)
        beside.filter(opened_at=None, closed_at=None).update(told_at=None)
    return len(stopped)


def untrue(many: Iterable[Intent]) -> set[int]:
    """Those of these messages that would tell of something that has left the inbox: a sender held them when it was closed."""
    about = {one.cause_id: one.pk for one in many if one.cause == CAUSE}
    gone = PortalMessage.objects.filter(intent__in=list(about), closed_at__isnull=False) if about else ()
    return {about[one.intent_id] for one in gone}


def _stop(which: Q, reason: str, now: datetime) -> list[Intent]:
    """Stop what waits, and take the other ways from what could not go: it would wait again."""
    found = Intent.objects.select_for_update().filter(which, cause=CAUSE)
    stopped = list(found.filter(state__in=["queued", "held"]))
    Intent.objects.filter(pk__in=[one.pk for one in stopped]).update(
        state=Intent.State.STOPPED, settled_at=now, others=[]
    )
    found.filter(state__in=["failed", "suppressed", "dead"]).exclude(others=[]).update(others=[])
    receipts.write([receipts.plain(one, "stopped", reason, now) for one in stopped])
    return stopped
