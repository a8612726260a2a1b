"""Touches that come at once land together: one transaction for all that came while the one before was being written.

Whoever comes first writes for everybody who waits; the others find it done. Nobody goes on before the touch stands in the
database, and the busier the page, the more stand in one transaction. No thread of its own, nothing kept in memory.
"""

import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Literal

import msgspec
from django.db import DatabaseError, transaction

from rapport.integrations.web import hits
from rapport.messaging.models import Intent
from rapport.trust.access import as_system

MOST = 500  # in one transaction
READ = ("id", "person_id", "cause", "cause_id", "topic", "trace", "settled_at")


class Touch(msgspec.Struct):
    """One opened link. `state` is told by whoever writes it."""

    kind: hits.Kind
    intent_id: int
    link: int | None
    at: datetime
    state: Literal["waits", "written", "lost"] = "waits"


_waiting: list[Touch] = []
_list = threading.Lock()
_pen = threading.Lock()


def land(touch: Touch) -> None:
    """Write the touch into the door. Raises DatabaseError when it can't be stored."""
    with _list:
        _waiting.append(touch)
    with _pen:
        while touch.state == "waits":
            with _list:
                batch, _waiting[:] = _waiting[:MOST], _waiting[MOST:]
            _write(batch)
    if touch.state == "lost":
        raise DatabaseError("the touch could not be stored")


def _write(batch: Sequence[Touch]) -> None:
    """All or none: what stops one from being stored is a database that is away, and stops the others as well."""
    for one in batch:
        one.state = "lost"
    with suppress(DatabaseError), transaction.atomic(), as_system():
        intents = Intent.objects.only(*READ).in_bulk({one.intent_id for one in batch})
        known = [one for one in batch if one.intent_id in intents]
        hits.land_many([(one.kind, intents[one.intent_id], one.link, one.at) for one in known])
        transaction.on_commit(partial(_tell, batch))


def _tell(batch: Sequence[Touch]) -> None:
    for one in batch:
        one.state = "written"
