"""The audit trail: one line a verb, written in the transaction of the act itself. No line, no act.

The database refuses to change or remove a line (migrations/0002); `audit_seal` chains what stands, and `audit_verify` finds
whoever got past both.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from rapport.trust.actors import Actor, System
from rapport.trust.actors import label as label_of
from rapport.trust.models import AuditEntry


class OutsideTransaction(RuntimeError):
    """An act and its audit line must stand or fall together, so there has to be a transaction around both."""


def record(
    *,
    by: Actor,
    verb: str,
    now: datetime,
    person: int | None = None,
    people: Sequence[int] | None = None,
    thing: str = "",
    details: dict[str, Any] | None = None,
    reason: str = "",
    trace: uuid.UUID | None = None,
) -> AuditEntry:
    """Write one line. `details` says what in counts and words, never a patient's name, number or address.

    Whatever goes wrong here goes up, and takes the act with it.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{verb} was to be recorded outside a transaction")
    return AuditEntry.objects.create(
        at=now,
        actor=None if isinstance(by, System) else by,
        actor_label=label_of(by)[:60],
        verb=verb,
        person_id=person,
        person_ids=list(people or []),
        thing=thing,
        details=details or {},
        reason=reason,
        trace=trace,
    )
