"""The patient's inbox: accepted means that the message lies there, sealed under the patient's own key."""

from typing import Any

from rapport.messaging import inbox
from rapport.messaging.carried import Answer, Outgoing
from rapport.messaging.channels.shelf import Shelf
from rapport.messaging.models import PortalMessage


class Inbox(Shelf):
    """What nobody could open any more is refused."""

    def row(self, message: Outgoing) -> dict[str, Any] | None:
        person_id = int(message.address.removeprefix("person:"))
        said = message.rendered
        return inbox.sealed(
            person_id=person_id, message_id=message.message_id, subject=said.subject, body=said.text.strip()
        )

    def refused(self, message: Outgoing) -> Answer:
        return Answer(message.intent_id, "refused", "The key of this patient is destroyed.")


CHANNEL = Inbox(PortalMessage)
