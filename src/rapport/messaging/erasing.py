"""Erasing a person from the voice: what waits is stopped, letters go with their keys, receipts stay as proof without her facts."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from rapport.messaging import at_hand, receipts
from rapport.messaging.models import Call, Intent, Letter, MailboxItem, PrintBatch
from rapport.trust import sealing

STOPPED = "Stopped: the person was erased."

# What a receipt still proves: that something was decided, by which rules, and how it ended. The facts were hers.
_EMPTY = """
UPDATE messaging_receipt SET
    facts = jsonb_build_object('erased_at', %s::text),
    consent_ids = '[]',
    reason = CASE WHEN reason = '' THEN '' ELSE %s END,
    gates = (
        SELECT coalesce(jsonb_agg((one - 'evidence' - 'try_again_at') || '{"reason": ""}'), '[]')
        FROM jsonb_array_elements(gates) AS one
    )
WHERE person_id = ANY(%s) AND NOT facts ? 'erased_at'
"""


def stop(person_ids: Sequence[int], *, now: datetime) -> int:
    """Take back what has not gone yet; each gets its receipt."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_intent SET state = 'stopped', settled_at = %s "
            "WHERE person_id = ANY(%s) AND state IN ('queued', 'held') RETURNING id",
            [now, list(person_ids)],
        )
        ids = [row[0] for row in cursor.fetchall()]
    receipts.write([receipts.plain(one, "stopped", STOPPED, now) for one in Intent.objects.filter(pk__in=ids)])
    return len(ids) + _take_from_hand(person_ids, now=now)


def _take_from_hand(person_ids: Sequence[int], *, now: datetime) -> int:
    """Her letters leave the tray, her calls the list. A sheet that is printed and not posted holds her letter: it is destroyed, and the
    others in it can be printed again."""
    taken = at_hand.take_back(Q(person__in=person_ids), reason=STOPPED, now=now)
    printed = Letter.objects.filter(person__in=person_ids, state=Letter.State.PRINTED)
    for batch in PrintBatch.objects.filter(pk__in=printed.values("batch"), sheet__isnull=False):
        sealing.destroy(batch.key, now=now)
    PrintBatch.objects.filter(pk__in=printed.values("batch")).update(sheet=None)
    printed.update(state=Letter.State.HELD_BACK, reason=STOPPED, settled_at=now)
    calls = Call.objects.filter(person__in=person_ids, state=Call.State.OPEN)
    calls.update(state=Call.State.ENDED, held_by=None, held_until=None, settled_at=now)
    for rows in (Letter.objects.filter(person__in=person_ids), Call.objects.filter(person__in=person_ids)):
        rows.exclude(reason="").update(reason=STOPPED)
    return taken


def letters(person_ids: Sequence[int]) -> QuerySet[MailboxItem]:
    """The letters to her, also those that only name the message."""
    hers = Intent.objects.filter(person_id__in=person_ids).values("pk")
    return MailboxItem.objects.filter(Q(person_id__in=person_ids) | Q(intent_id__in=hers))


def destroy_letters(person_ids: Sequence[int], *, now: datetime) -> list[uuid.UUID]:
    """Destroy the keys of her letters and the letters. Returns the subjects whose keys are gone."""
    keys = list(letters(person_ids).values_list("key", flat=True))
    for key in keys:
        sealing.destroy(key, now=now)
    MailboxItem.objects.filter(key__in=keys).delete()
    return keys


def empty_receipts(person_ids: Sequence[int], *, now: datetime) -> int:
    """Leave of each receipt what proves the decision."""
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY, [now.isoformat(), "The person was erased.", list(person_ids)])
        return int(cursor.rowcount)
