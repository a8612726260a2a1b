"""What passes between the send and a channel: a message on its way out, and what the carrier said to it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from rapport.content.render import Rendered


class Outgoing(msgspec.Struct, frozen=True):
    """One message, ready to go. `message_id` is the same at every attempt."""

    intent_id: int
    message_id: str
    address: str
    rendered: Rendered
    unsubscribe_url: str
    at: datetime
    language: str = "en"
    sender_name: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What became of one message.

    accepted: the carrier took it. refused: it never will. later: not this one, not now; another attempt may. busy: the carrier is
    away or asks for patience (`wait` seconds, when it says), whatever the message. lost: the line broke after the message was
    handed over, nobody knows. untouched: it was not tried. `code`: why it was refused, in the carrier's own numbers.
    """

    intent_id: int
    kind: Literal["accepted", "refused", "later", "busy", "lost", "untouched"]
    words: str = ""
    wait: float = 0.0
    code: str = ""


class Go(Protocol):
    """Whether a message may go. A call waits for its moment; `soon` answers at once whether there is nothing to wait for."""

    def __call__(self, message: Outgoing) -> bool: ...
    def soon(self, message: Outgoing) -> bool: ...


class Always:
    """Nothing to wait for. For tests and for single letters."""

    def __call__(self, message: Outgoing) -> bool:
        return True

    def soon(self, message: Outgoing) -> bool:
        return True


class Channel(Protocol):
    """A way to reach people."""

    def send(self, messages: Sequence[Outgoing], go: Go, timeout: float) -> Iterator[Answer]:
        """Send in order, one answer a message. After a busy one the rest stay untouched."""
        ...

    def can_be_asked(self) -> bool:
        """Whether the carrier knows every message it took, so that absence is proof."""
        ...

    def known(self, message_ids: Sequence[str]) -> set[str]:
        """Which of these messages the carrier has."""
        ...
