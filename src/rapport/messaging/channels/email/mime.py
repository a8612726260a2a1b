"""The bytes of an e-mail, assembled by hand: the standard library's classes take twenty times as long.

- Headers are built from checked parts only; a line break in any of them raises, so nothing can be smuggled in.
- The name of the person stands in no header, the address only in To.
- Both parts are quoted-printable; List-Unsubscribe follows RFC 2369 and RFC 8058.
"""

import base64
import re
from binascii import b2a_qp
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from rapport.messaging.carried import Outgoing

_BREAKS = re.compile(r"[\r\n\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f-\uffff]{1,64}@[A-Za-z0-9.-]{1,253}")


class UnsafeHeader(ValueError):
    """A header value holds what no header may hold."""


def assemble(message: Outgoing, *, sender: str, sender_name: str) -> bytes:
    """The whole message, lines ended by CRLF."""
    domain = sender.rpartition("@")[2]
    boundary = f"=_r{message.intent_id:x}_part"
    head = (
        f"From: {_mailbox(message.sender_name or sender_name, sender)}\r\n"
        f"To: <{address(message.address)}>\r\n"
        f"Subject: {_words(message.rendered.subject)}\r\n"
        f"Date: {_date(message.at.replace(microsecond=0))}\r\n"
        f"{_lines(headers(message, domain=domain))}"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    )
    edge = f"--{boundary}\r\n".encode()
    return b"".join(
        (
            head.encode("ascii"),
            edge,
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
            _quoted(message.rendered.text),
            b"\r\n",
            edge,
            b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
            _quoted(message.rendered.html),
            b"\r\n",
            f"--{boundary}--\r\n".encode(),
        )
    )


def headers(message: Outgoing, *, domain: str) -> dict[str, str]:
    """What stands in the head of every message beside sender, recipient, subject and date, by whatever way it goes."""
    return {
        "Message-ID": _plain(message.message_id),
        "List-Unsubscribe": f"<{_plain(message.unsubscribe_url)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<messages.{domain}>",
        "Content-Language": _plain(message.language),
        "Auto-Submitted": "auto-generated",
    }


def checked(value: str) -> str:
    """Free words that hold no line break."""
    if _BREAKS.search(value):
        raise UnsafeHeader("a line break in a header")
    return value


def _lines(named: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in named.items())


def _quoted(text: str) -> bytes:
    """Quoted-printable with CRLF, whatever line ends came in."""
    body = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    return b2a_qp(body, istext=True).replace(b"\n", b"\r\n")


def _plain(value: str) -> str:
    """A header value of plain visible ASCII."""
    if _BREAKS.search(value) or not value.isascii():
        raise UnsafeHeader("a header value with a line break or a strange letter")
    return value


def address(value: str) -> str:
    if _ADDRESS.fullmatch(value) is None:
        raise UnsafeHeader("this address can't stand in a header")
    return value


@lru_cache(maxsize=256)
def _words(value: str) -> str:
    """Free words: as they are when plain and short, else in encoded words of at most 75 letters (RFC 2047)."""
    checked(value)
    if value.isascii() and len(value) < 60 and "=?" not in value:
        return value
    pieces, piece = [], b""
    for letter in value:
        encoded = letter.encode()
        if len(piece) + len(encoded) > 42:
            pieces.append(piece)
            piece = b""
        piece += encoded
    pieces.append(piece)
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(one).decode()}?=" for one in pieces)


@lru_cache(maxsize=16)
def _mailbox(name: str, where: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9 ]{0,60}", name):
        return f"{name} <{address(where)}>".strip()
    return f"{_words(name)} <{address(where)}>"


@lru_cache(maxsize=64)
def _date(at: datetime) -> str:
    return format_datetime(at)
