"""SMTP to the relay of the house: one connection for many messages, and an exact account of what may have gone out.

The relay takes a message at the moment it answers the end of DATA. Before that a broken line means "not sent"; after the last
byte left and before the answer it means "nobody knows".

A relay that offers PIPELINING (RFC 2920) gets the words of one message and the envelope of the next in one go: one way there and
back a message in place of four. An envelope that is not followed by words is taken back.

The line is encrypted and the relay's name checked wherever the relay is not on this machine.
"""

import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence

import msgspec
from django.conf import settings

from rapport.kit import http
from rapport.messaging import tracking
from rapport.messaging.carried import Answer, Go, Outgoing
from rapport.messaging.channels.email import dkim, mime
from rapport.messaging.models import MailboxItem

IDLE_SECONDS = 20.0  # a connection unused for longer is not trusted
MESSAGES_PER_CONNECTION = 1_000
EMBEDDED = "x-rapport-mailbox"  # what our own mailbox says in its greeting
_STUFF = re.compile(rb"^\.", re.MULTILINE)
_SLOW_DOWN = re.compile(r"\b4\.7\.\d|rate|too many|throttl", re.IGNORECASE)
_WRONG = (smtplib.SMTPException, OSError)


class Unreachable(ConnectionError):
    """The relay does not answer; nothing was sent."""


class _Envelope(msgspec.Struct):
    """A message whose sender and recipient the relay has taken: its words may follow."""

    message: Outgoing
    raw: bytes


class Smtp:
    """The channel. Keeps one connection a thread."""

    def __init__(self) -> None:
        self._local = threading.local()

    def send(self, messages: Sequence[Outgoing], go: Go, timeout: float) -> Iterator[Answer]:
        """Send in order; what the lease no longer covers stays untouched, and so does the rest after a busy answer."""
        offered: _Envelope | Answer | None = None
        for number, message in enumerate(messages):
            said = offered or _bytes(message)  # before the question whether it may go: nothing slow comes after it
            if not go(message):
                if offered is not None:
                    self.hang_up()  # the line is closed before the words: nothing was said
                yield from (Answer(one.intent_id, "untouched") for one in messages[number:])
                return
            offered = None
            if isinstance(said, bytes):
                said = self._offer(message, said, timeout)
            if isinstance(said, _Envelope):
                following = messages[number + 1] if number + 1 < len(messages) else None
                said, offered = self._hand_over(said, following, go)
            yield said
            if said.kind == "busy":
                self.hang_up()
                yield from (Answer(one.intent_id, "untouched") for one in messages[number + 1 :])
                return

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

    def _offer(self, message: Outgoing, raw: bytes, timeout: float) -> _Envelope | Answer:
        """Name sender and recipient. No word of the message has left when this returns, so over a line that the relay has
        closed since the last message it is done again over a new one."""
        said: _Envelope | Answer
        for is_again in (False, True):
            try:
                relay = self._relay(timeout)
                was_used = self._local.sent > 0
                said = (self._at_once if _pipelines(relay) else self._one_by_one)(relay, message, raw)
            except Unreachable as gone:
                return Answer(message.intent_id, "busy", str(gone))
            except _WRONG as broken:
                said = Answer(message.intent_id, "busy", f"The line to the relay broke ({type(broken).__name__}).")
            if isinstance(said, _Envelope) or said.kind != "busy":
                return said
            self.hang_up()
            if is_again or not was_used:
                break
        return said

    def _at_once(self, relay: smtplib.SMTP, message: Outgoing, raw: bytes) -> _Envelope | Answer:
        relay.send(_envelope(message))
        return self._answered(relay, message, raw)

    def _one_by_one(self, relay: smtplib.SMTP, message: Outgoing, raw: bytes) -> _Envelope | Answer:
        """For a relay that wants to answer before it is told the next thing."""
        for number, command in enumerate(_envelope(message).decode().splitlines()):
            relay.putcmd(command)
            code, said = relay.getreply()
            if code >= 400 or (command == "DATA" and code != 354):
                relay.rset()
                return _refusal(message.intent_id, code, said, is_of_message=number > 0)
        return _Envelope(message, raw)

    def _answered(self, relay: smtplib.SMTP, message: Outgoing, raw: bytes) -> _Envelope | Answer:
        """Read what the relay says to an envelope, command by command."""
        sender, recipient, data = relay.getreply(), relay.getreply(), relay.getreply()
        if data[0] == 354 and sender[0] < 400 and recipient[0] < 400:
            return _Envelope(message, raw)
        if data[0] == 354:  # it waits for words that will not come
            relay.send(b".\r\n")
            relay.getreply()
        relay.rset()
        code, said = next(one for one in (sender, recipient, data) if one[0] >= 400 or one is data)
        return _refusal(message.intent_id, code, said, is_of_message=sender[0] < 400)

    def _hand_over(
        self, envelope: _Envelope, following: Outgoing | None, go: Go
    ) -> tuple[Answer, _Envelope | Answer | None]:
        """The words, with the envelope of the next message behind them where that may go at once."""
        relay, number = self._local.relay, envelope.message.intent_id
        raw = _bytes(following) if following is not None and _pipelines(relay) else None
        if following is None or not isinstance(raw, bytes) or not go.soon(following):
            following, raw = None, None
        try:
            relay.send(_stuffed(envelope.raw) + (_envelope(following) if following is not None else b""))
            code, said = relay.getreply()
        except _WRONG as broken:
            self.hang_up()
            words = f"The line broke while the message was handed over ({type(broken).__name__})."
            return Answer(number, "lost", words), None
        self._local.used_at, self._local.sent = time.monotonic(), self._local.sent + 1
        answer = _verdict(number, code, said)
        if following is None or raw is None:
            return answer, None
        try:
            return answer, self._answered(relay, following, raw)
        except _WRONG:
            self.hang_up()  # the next message was only named: it is offered again over a new line
            return answer, None

    def _relay(self, timeout: float) -> smtplib.SMTP:
        relay = getattr(self._local, "relay", None)
        if relay is not None and (
            time.monotonic() - self._local.used_at > IDLE_SECONDS or self._local.sent >= MESSAGES_PER_CONNECTION
        ):
            self.hang_up()
            relay = None
        if relay is None:
            relay = _dial(timeout)
            self._local.relay, self._local.used_at, self._local.sent = relay, time.monotonic(), 0
        return relay


def _dial(timeout: float) -> smtplib.SMTP:
    """A new line: encrypted unless the relay is on this machine, with our name given where one is asked for."""
    relay: smtplib.SMTP | None = None
    try:
        relay = _connect(timeout)
        relay.ehlo_or_helo_if_needed()
        if settings.SMTP_TLS == "starttls" or (settings.SMTP_TLS != "tls" and not http.is_loopback(settings.SMTP_HOST)):
            relay.starttls(context=ssl.create_default_context())
            relay.ehlo_or_helo_if_needed()
        if settings.SMTP_USER:
            relay.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
    except _WRONG as gone:
        if relay is not None:
            relay.close()
        raise Unreachable(f"The mail relay doesn't answer ({type(gone).__name__}).") from None
    assert relay.sock is not None
    relay.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return relay


def _connect(timeout: float) -> smtplib.SMTP:
    host, port = settings.SMTP_HOST, settings.SMTP_PORT
    if settings.SMTP_TLS == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, local_hostname="rapport", timeout=timeout, context=context)
    return smtplib.SMTP(host, port, local_hostname="rapport", timeout=timeout)


def _bytes(message: Outgoing) -> bytes | Answer:
    """The signed message; the answer to it where it can't be one."""
    try:
        raw = mime.assemble(message, sender=settings.MAIL_FROM, sender_name=settings.CLINIC_NAME)
    except mime.UnsafeHeader as wrong:
        return Answer(message.intent_id, "refused", str(wrong))
    except Exception as broken:  # noqa: BLE001 - one message that can't be put into bytes must not hold up the others
        return Answer(message.intent_id, "later", f"It could not be put into bytes ({type(broken).__name__}).")
    return dkim.signed(raw, domain=settings.MAIL_FROM.rpartition("@")[2])


def _envelope(message: Outgoing) -> bytes:
    """What comes back undelivered goes to an address of this very message, and so names it."""
    return f"MAIL FROM:<{tracking.return_path(message.intent_id)}>\r\nRCPT TO:<{message.address}>\r\nDATA\r\n".encode()


def _stuffed(raw: bytes) -> bytes:
    """With doubled dots at the beginnings of lines, and the lone dot at the end (RFC 5321, 4.5.2). Lines end with CRLF already."""
    return _STUFF.sub(b"..", raw) + (b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n")


def _pipelines(relay: smtplib.SMTP) -> bool:
    return bool(relay.has_extn("pipelining"))


def _verdict(number: int, code: int, said: bytes | str) -> Answer:
    """What the answer to the end of the words means. One that is neither yes nor no leaves it open."""
    if 200 <= code < 300:
        return Answer(number, "accepted", _text(said)[:120])
    if 400 <= code < 600:
        return _refusal(number, code, said)
    return Answer(number, "lost", f"The mail relay answered {code}; that is neither yes nor no.")


def _refusal(number: int, code: int, said: bytes | str, *, is_of_message: bool = True) -> Answer:
    """5xx never; 4xx to a recipient or to the words: this message later; 421, or a no before there was a recipient: nobody now."""
    words = f"The mail relay said {code} {_text(said)}"[:200]
    if not is_of_message or code == 421 or not 400 <= code < 600:
        return Answer(number, "busy", words)
    if code < 500:
        return Answer(number, "busy" if _SLOW_DOWN.search(words) else "later", words)
    return Answer(number, "refused", words)


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
