"""Channels that end in this house: accepted means that a row of ours stands there, and waits for somebody or something of ours.

One row an intent, named by its Message-ID: the shelf can be asked about every message it took, and placing one twice leaves one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, models, transaction

from rapport.messaging.carried import Answer, Go, Outgoing

Row = Mapping[str, Any]


class Shelf:
    """A table of ours as a channel. `model` has intent, person, message_id, placed_at; `plain` says what else a new row holds."""

    def __init__(self, model: type[models.Model], **plain: object) -> None:
        self._model = model
        self._plain = plain

    def send(self, messages: Sequence[Outgoing], go: Go, timeout: float) -> Iterator[Answer]:
        """Place in order; what the lease no longer covers stays untouched."""
        for number, message in enumerate(messages):
            if not go(message):
                yield from (Answer(one.intent_id, "untouched") for one in messages[number:])
                return
            yield self._place(message)

    def can_be_asked(self) -> bool:
        return True

    def known(self, message_ids: Sequence[str]) -> set[str]:
        found = self._model._default_manager.filter(message_id__in=list(message_ids))
        return set(found.values_list("message_id", flat=True))

    def row(self, message: Outgoing) -> Row | None:
        """What a new row holds beside what every shelf has; None for a message that can't be kept."""
        return self._plain

    def refused(self, message: Outgoing) -> Answer:
        """What is said of a message that can't be kept."""
        return Answer(message.intent_id, "refused", "It can't be kept.")

    @transaction.atomic
    def _place(self, message: Outgoing) -> Answer:
        more = self.row(message)
        if more is None:
            return self.refused(message)
        said = {"message_id": message.message_id, "placed_at": message.at, **more}
        columns = ", ".join(said)
        values = ", ".join(["%s"] * len(said))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self._model._meta.db_table} (intent_id, person_id, {columns}) "
                f"SELECT i.id, i.person_id, {values} FROM messaging_intent i WHERE i.id = %s ON CONFLICT (intent_id) DO NOTHING",
                [*said.values(), message.intent_id],
            )
        return Answer(message.intent_id, "accepted", "here")
