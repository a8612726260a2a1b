"""Calls by our own staff: accepted means that the person stands on the list of those to be rung up (`call_lists`)."""

from typing import Any

from rapport.messaging.carried import Outgoing
from rapport.messaging.channels.shelf import Shelf
from rapport.messaging.models import Call


class Roll(Shelf):
    """Whoever is placed may be rung at once."""

    def row(self, message: Outgoing) -> dict[str, Any]:
        return {"state": Call.State.OPEN, "next_at": message.at, "tries": 0, "is_promised": False, "reason": ""}


CHANNEL = Roll(Call)
