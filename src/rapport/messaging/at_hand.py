"""Messages that the send accepted and that still lie with us: letters in the tray, calls on the list, messages nobody has opened.

They have not gone yet, and can be taken back.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from rapport.messaging import receipts, untelling
from rapport.messaging.models import Call, Intent, Letter, PortalMessage

CHANNELS = frozenset({"print", "call", "portal", "push"})


def take_back(which: Q, *, reason: str, now: datetime) -> int:
    """Take back what lies with us of these messages (`which`: a question to intents); each gets its receipt. Returns how many.

    What a clerk holds at this moment is hers; a printed letter is on its way. The caller writes the audit line.
    """
    asked = Intent.objects.filter(which, state=Intent.State.SENT)
    letters = Letter.objects.filter(intent__in=asked.filter(channel="print"), state=Letter.State.WAITING)
    calls = Call.objects.filter(intent__in=asked.filter(channel="call"), state=Call.State.OPEN, held_by=None)
    unread = PortalMessage.objects.filter(intent__in=asked.filter(channel="portal"), opened_at=None, closed_at=None)
    ids: list[int] = []
    for lying in (letters, calls, unread):
        ids += lying.select_for_update().values_list("intent_id", flat=True)
    close(ids, reason=reason, now=now)
    stopped = list(Intent.objects.select_for_update().filter(pk__in=ids, state=Intent.State.SENT))
    Intent.objects.filter(pk__in=[one.pk for one in stopped]).update(state=Intent.State.STOPPED, settled_at=now)
    receipts.write([receipts.plain(one, "stopped", reason, now) for one in stopped])
    return len(stopped)


def close(intent_ids: Sequence[int], *, reason: str, now: datetime) -> None:
    """Nobody prints, rings or opens these any more."""
    if not intent_ids:
        return
    said = {"reason": reason[:300], "settled_at": now}
    Letter.objects.filter(intent__in=intent_ids, state=Letter.State.WAITING).update(
        state=Letter.State.HELD_BACK, **said
    )
    ringing = Call.objects.filter(intent__in=intent_ids, state__in=[Call.State.OPEN, Call.State.UNREACHED])
    ringing.update(state=Call.State.ENDED, held_by=None, held_until=None, **said)
    PortalMessage.objects.filter(intent__in=intent_ids, closed_at=None).update(closed_at=now)
    untelling.closed(intent_ids, now=now)
