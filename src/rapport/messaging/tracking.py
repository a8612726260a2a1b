"""Tokens in the links of a message: opaque, signed, and all that a click needs to be understood.

A token is one AES block (kind, link number, version, intent) and a signature over it, 26 bytes in 35 letters. Nothing in it can
be read or guessed from outside, and nothing has to be looked up to check it. A click names a link by number; the address comes
from the published version, so a token can never send anybody elsewhere.
"""

import base64
import binascii
import hmac
import struct
from functools import lru_cache
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

from rapport.kit import home

Kind = Literal["click", "open", "unsubscribe", "book", "preferences", "confirm", "bounce", "trap", "status"]
KINDS: tuple[Kind, ...] = ("click", "open", "unsubscribe", "book", "preferences", "confirm", "bounce", "trap", "status")
BOUNCES = "bounce+"
TEXT = ".sms@"  # in the name of a text, where the name of a letter has "@"
_BLOCK = struct.Struct(">BBHIQ")  # kind, link, spare, version, intent
_SIGNATURE = 10
_LENGTH = 35


class Token(msgspec.Struct, frozen=True):
    """What a token says."""

    kind: Kind
    intent_id: int
    version_id: int
    link: int | None


def token(kind: Kind, intent_id: int, link: int | None = None, version_id: int = 0) -> str:
    """The token of one link of one message."""
    block = _BLOCK.pack(KINDS.index(kind), 255 if link is None else link, 0, version_id, intent_id)
    cipher, key = _keys()
    sealed = cipher.encryptor().update(block)
    return base64.urlsafe_b64encode(sealed + _sign(key, sealed)).decode().rstrip("=")


def read(text: str) -> Token | None:
    """What the token says; None for anything we did not make."""
    if len(text) != _LENGTH:
        return None
    try:
        blob = base64.urlsafe_b64decode(text + "=")
    except (binascii.Error, ValueError):
        return None
    cipher, key = _keys()
    sealed, signature = blob[:16], blob[16:]
    if not hmac.compare_digest(signature, _sign(key, sealed)):
        return None
    kind, link, _, version_id, intent_id = _BLOCK.unpack(cipher.decryptor().update(sealed))
    if kind >= len(KINDS):
        return None
    return Token(KINDS[kind], intent_id, version_id, None if link == 255 else link)


class Links:
    """The addresses of one message; what `content.render` asks for."""

    __slots__ = ("_base", "_intent", "_sign_up", "_version")

    def __init__(self, intent_id: int, version_id: int, sign_up: int = 0) -> None:
        self._base = settings.PUBLIC_URL
        self._intent, self._version, self._sign_up = intent_id, version_id, sign_up

    def click(self, number: int) -> str:
        return f"{self._base}/c/{token('click', self._intent, number, self._version)}"

    def open(self) -> str:
        return f"{self._base}/o/{token('open', self._intent, None, self._version)}.gif"

    def trap(self) -> str:
        """A link that no person sees: who follows it is a machine."""
        return f"{self._base}/t/{token('trap', self._intent, None, self._version)}"

    def book(self) -> str:
        return f"{self._base}/book/{token('book', self._intent, None, self._version)}"

    def unsubscribe(self) -> str:
        """Where these messages are stopped; of the question after a sign-up, where one says that it was somebody else."""
        if self._sign_up:
            return self.confirm()
        return f"{self._base}/u/{token('unsubscribe', self._intent, None, self._version)}"

    def preferences(self) -> str:
        return f"{self._base}/p/{token('preferences', self._intent, None, self._version)}"

    def confirm(self) -> str:
        """Where a sign-up is confirmed; it names the sign-up that caused the message, and not the message."""
        return f"{self._base}/join/{token('confirm', self._sign_up, None, self._version)}"

    def inbox(self) -> str:
        """The door to the person's messages; her birth date opens it."""
        return f"{self._base}/inbox/{token('preferences', self._intent, None, self._version)}"

    def host(self) -> str:
        """Where pictures of ours are fetched."""
        return self._base


def message_id(intent_id: int) -> str:
    """The Message-ID of an intent, the same at every attempt: the key by which a provider can be asked."""
    _, key = _keys()
    domain = settings.MAIL_FROM.rpartition("@")[2]
    return f"<{intent_id}.{hmac.digest(key, b'message-id' + str(intent_id).encode(), 'sha256')[:8].hex()}@{domain}>"


def text_name(message_id: str) -> str:
    """The name of a text message. Its own: the letter of the same intent may have gone before, and is no proof of the text."""
    return message_id.replace("@", TEXT, 1)


def intent_of(message: str) -> int | None:
    """The intent whose Message-ID this is, or whose text is called so; None when it is none of ours."""
    message = message.replace(TEXT, "@", 1)
    number = message.strip().lstrip("<").partition(".")[0]
    if not number.isdigit() or len(number) > 18:
        return None
    return int(number) if hmac.compare_digest(message_id(int(number)).encode(), message.strip().encode()) else None


def return_path(intent_id: int) -> str:
    """The envelope sender of a message: where its bounce comes back to. Small letters and digits alone: hosts change case there."""
    sealed = base64.urlsafe_b64decode(token("bounce", intent_id) + "=")
    return f"{BOUNCES}{base64.b32encode(sealed).decode().rstrip('=').lower()}@{settings.MAIL_FROM.rpartition('@')[2]}"


def intent_of_return_path(address: str) -> int | None:
    """The intent whose return path this is; None when it is none of ours."""
    letters = address.strip().strip("<>").lower().rpartition("@")[0].removeprefix(BOUNCES).upper()
    try:
        sealed = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        return None
    said = read(base64.urlsafe_b64encode(sealed).decode().rstrip("="))
    return said.intent_id if said is not None and said.kind == "bounce" else None


def _sign(key: bytes, sealed: bytes) -> bytes:
    return hmac.digest(key, sealed, "sha256")[:_SIGNATURE]


@lru_cache(maxsize=1)
def _keys() -> tuple[Cipher, bytes]:
    secret = home.secret("tracking").encode()
    block_key = hmac.digest(secret, b"block", "sha256")
    # One block under a key of its own is a permutation, not a mode of operation: it hides, the signature beside it proves.
    return Cipher(algorithms.AES(block_key), modes.ECB()), hmac.digest(secret, b"signature", "sha256")  # noqa: S305
