"""Messages in the patient's inbox: sealed under the patient's own key when they are placed, opened for her alone."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from rapport.messaging import untelling
from rapport.messaging.models import Intent, PortalMessage
from rapport.people.models import Person
from rapport.trust import sealing

TABLE = "messaging_portalmessage"


class Item(msgspec.Struct, frozen=True):
    """One message, opened."""

    id: int
    intent_id: int
    subject: str
    body: str
    placed_at: datetime
    opened_at: datetime | None
    answered_at: datetime | None


def sealed(*, person_id: int, message_id: str, subject: str, body: str) -> dict[str, bytes] | None:
    """Subject and body as they are kept; None when the person's key is destroyed."""
    key = _key(person_id)
    if key is None:
        return None
    told = {"subject": subject, "body": body}
    return {name: sealing.seal(key, text, table=TABLE, column=name, row=message_id) for name, text in told.items()}


def items(*, person_ids: Sequence[int], key_of: int, newest: int = 50) -> list[Item]:
    """The messages of one human being under all her records, newest first. The caller writes the audit line."""
    key = _key(key_of)
    if key is None:
        return []
    live = [Intent.State.SENT, Intent.State.UNKNOWN]
    rows = PortalMessage.objects.filter(person__in=person_ids, closed_at=None, intent__state__in=live)
    return [_opened(key, one) for one in rows.order_by("-placed_at", "-pk")[:newest]]


def mark(message_id: int, *, opened: bool = False, answered: bool = False, now: datetime) -> bool:
    """Note that it was opened or answered; who has opened one need not be told of others. True when it was so for the first time."""
    said = {"opened_at": now} if opened else {"answered_at": now} if answered else {}
    first = {f"{name}__isnull": True for name in said}
    is_first = bool(said) and PortalMessage.objects.filter(pk=message_id, **first).update(**said) == 1
    if is_first and opened:
        untelling.forget(PortalMessage.objects.values_list("person_id", flat=True).get(pk=message_id), now=now)
    return is_first


def _key(person_id: int) -> sealing.DataKey | None:
    subject = Person.objects.filter(pk=person_id).values_list("key", flat=True).first()
    return sealing.keys_of([subject]).get(subject) if subject else None


def _opened(key: sealing.DataKey, one: PortalMessage) -> Item:
    def text(column: str, blob: bytes | memoryview) -> str:
        return sealing.unseal_text(key, blob, table=TABLE, column=column, row=one.message_id)

    subject, body = text("subject", one.subject), text("body", one.body)
    return Item(one.pk, one.intent_id, subject, body, one.placed_at, one.opened_at, one.answered_at)
