"""What passes between the send and a channel: a message on its way out, and what the carrier said to it."""

from collections.abc import Callable, Iterator, Sequence
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


class Answer(msgspec.Struct, frozen=True):
    """What became of one message.

    accepted: the carrier took it. refused: it never will. later: it may, try again. lost: the line broke after the message was
    handed over, nobody knows. untouched: it was not tried.
    """

    intent_id: int
    kind: Literal["accepted", "refused", "later", "lost", "untouched"]
    words: str = ""


class Channel(Protocol):
    """A way to reach people."""

    def send(self, messages: Sequence[Outgoing], may_send: Callable[[], bool], timeout: float) -> Iterator[Answer]: ...

    def can_be_asked(self) -> bool:
        """Whether the carrier knows every message it took, so that absence is proof."""
        ...

    def known(self, message_ids: Sequence[str]) -> set[str]:
        """Which of these messages the carrier has."""
        ...
