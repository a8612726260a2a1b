"""SMTP to the relay of the house: one connection for many messages, and an exact account of what may have gone out.

The relay takes a message at the moment it answers the end of DATA. Before that a broken line means "not sent"; after the last
byte left and before the answer it means "nobody knows".
"""

import smtplib
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from django.conf import settings

from rapport.messaging.carried import Answer, Outgoing
from rapport.messaging.channels.email import dkim, mime
from rapport.messaging.models import MailboxItem

IDLE_SECONDS = 20.0  # a connection unused for longer is not trusted
MESSAGES_PER_CONNECTION = 1_000
EMBEDDED = "x-rapport-mailbox"  # what our own mailbox says in its greeting


class Unreachable(ConnectionError):
    """The relay does not answer; nothing was sent."""


class Smtp:
    """The channel. Keeps one connection a thread."""

    def __init__(self) -> None:
        self._local = threading.local()

    def send(self, messages: Sequence[Outgoing], may_send: Callable[[], bool], timeout: float) -> Iterator[Answer]:
        """Send in order; what the lease no longer covers stays untouched."""
        for number, message in enumerate(messages):
            try:
                relay = self._relay(timeout)
            except Unreachable as gone:
                yield from (Answer(one.intent_id, "later", str(gone)) for one in messages[number:])
                return
            if not may_send():
                yield from (Answer(one.intent_id, "untouched") for one in messages[number:])
                return
            yield self._one(relay, message)

    def can_be_asked(self) -> bool:
        """True when the relay is our own mailbox: it keeps every message before it says yes."""
        try:
            return bool(self._relay(5.0).has_extn(EMBEDDED))
        except Unreachable:
            return False

    def known(self, message_ids: Sequence[str]) -> set[str]:
        found = MailboxItem.objects.filter(message_id__in=list(message_ids))
        return set(found.values_list("message_id", flat=True))

    def hang_up(self) -> None:
        """Close the line of this thread."""
        relay = getattr(self._local, "relay", None)
        self._local.relay = None
        if relay is not None:
            relay.close()

    def _one(self, relay: smtplib.SMTP, message: Outgoing) -> Answer:
        number = message.intent_id
        try:
            raw = mime.assemble(message, sender=settings.MAIL_FROM, sender_name=settings.CLINIC_NAME)
        except mime.UnsafeHeader as wrong:
            return Answer(number, "refused", str(wrong))
        raw = dkim.signed(raw, domain=settings.MAIL_FROM.rpartition("@")[2])
        try:
            for code, said in (relay.mail(settings.MAIL_FROM), relay.rcpt(message.address)):
                if code >= 400:
                    relay.rset()
                    return _refusal(number, code, said)
        except (smtplib.SMTPException, OSError) as broken:
            self.hang_up()
            return Answer(number, "later", f"The line to the mail relay broke ({type(broken).__name__}).")
        try:
            code, said = relay.data(raw)
        except smtplib.SMTPDataError as refused:  # the answer to DATA itself: no byte of the message has left
            relay.rset()
            return _refusal(number, refused.smtp_code, refused.smtp_error)
        except (smtplib.SMTPException, OSError) as broken:
            self.hang_up()
            return Answer(
                number, "lost", f"The line broke while the message was handed over ({type(broken).__name__})."
            )
        self._local.used_at, self._local.sent = time.monotonic(), self._local.sent + 1
        return Answer(number, "accepted", _text(said)[:120]) if code == 250 else _refusal(number, code, said)

    def _relay(self, timeout: float) -> smtplib.SMTP:
        relay = getattr(self._local, "relay", None)
        if relay is not None and (
            time.monotonic() - self._local.used_at > IDLE_SECONDS or self._local.sent >= MESSAGES_PER_CONNECTION
        ):
            self.hang_up()
            relay = None
        if relay is None:
            relay = self._dial(timeout)
            self._local.relay, self._local.used_at, self._local.sent = relay, time.monotonic(), 0
        return relay

    def _dial(self, timeout: float) -> smtplib.SMTP:
        try:
            relay = smtplib.SMTP(settings.SMTP_HOST, settings.SMTP_PORT, local_hostname="rapport", timeout=timeout)
            relay.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as gone:
            raise Unreachable(f"The mail relay doesn't answer ({type(gone).__name__}).") from None
        return relay


def _refusal(number: int, code: int, said: bytes | str) -> Answer:
    return Answer(
        number, "later" if 400 <= code < 500 else "refused", f"The mail relay said {code} {_text(said)}"[:200]
    )


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
