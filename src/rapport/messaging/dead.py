"""Dead letters: messages that were tried too often. A person looks, mends what was wrong, and revives or buries them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from rapport.messaging import receipts
from rapport.messaging.models import Intent
from rapport.trust import audit
from rapport.trust.actors import Actor

_REVIVE = """
UPDATE messaging_intent SET state = 'queued', owner = '', lease_until = NULL, begun_at = NULL, settled_at = NULL, attempt = 0,
    due_at = greatest(due_at, %s)
WHERE state = 'dead' AND id = ANY(%s) RETURNING id
"""


@transaction.atomic
def revive(*, by: Actor, intent_ids: Sequence[int], reason: str, now: datetime) -> int:
    """Back into the queue, with all attempts before them. Returns how many; one that is dead no more is left as it is."""
    with connection.cursor() as cursor:
        cursor.execute(_REVIVE, [now, list(intent_ids)])
        ids = [row[0] for row in cursor.fetchall()]
    _note(by=by, verb="message.revive", ids=ids, outcome="deferred", reason=reason, now=now)
    return len(ids)


@transaction.atomic
def bury(*, by: Actor, intent_ids: Sequence[int], reason: str, now: datetime) -> int:
    """They will not be sent. Returns how many."""
    dead = Intent.objects.select_for_update().filter(pk__in=list(intent_ids), state=Intent.State.DEAD)
    ids = list(dead.values_list("pk", flat=True))
    Intent.objects.filter(pk__in=ids).update(state=Intent.State.FAILED, settled_at=now)
    _note(by=by, verb="message.bury", ids=ids, outcome="failed", reason=reason, now=now)
    return len(ids)


def _note(*, by: Actor, verb: str, ids: list[int], outcome: str, reason: str, now: datetime) -> None:
    if not ids:
        return
    intents = list(Intent.objects.filter(pk__in=ids))
    words = f"{'Revived' if outcome == 'deferred' else 'Given up'}: {reason}"
    receipts.write([receipts.plain(one, outcome, words[:300], now) for one in intents])
    people = sorted({one.person_id for one in intents})
    audit.record(by=by, verb=verb, now=now, people=people, reason=reason, details={"messages": len(ids)})
