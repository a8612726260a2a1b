"""The key that signs our letters (DKIM): made once, kept among the keys of the installation, its public half told for the DNS."""

import base64
import os

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from rapport.kit import home

BITS = 2048  # what every receiver reads; longer keys do not fit one string of the DNS


class KeyStands(FileExistsError):
    """There is a key already: a new one would make letters that are on their way unreadable proofs."""


class PublicHalf(msgspec.Struct, frozen=True):
    """What the world may know of the key: its kind, the letters of it, and the selector under which it is published."""

    kind: str
    letters: str
    selector: str

    def record(self) -> str:
        """The words of its DNS record."""
        return f"v=DKIM1; k={self.kind}; p={self.letters}"


def make() -> PublicHalf:
    """Make the key. Raises KeyStands."""
    key = generate_private_key(public_exponent=65537, key_size=BITS)
    pem = key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = home.find().ready().keys / "dkim.pem"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyStands(f"{file.name} stands already; move it away first.") from None
    with os.fdopen(handle, "wb") as out:
        out.write(pem)
    half = public_half()
    assert half is not None
    return half


def selector() -> str:
    """The name under which the key is published."""
    named = home.find().keys / "dkim.selector"
    return named.read_text().strip() if named.exists() else "rapport"


def public_half() -> PublicHalf | None:
    """Of the key that signs; None where this installation does not sign."""
    file = home.find().keys / "dkim.pem"
    if not file.exists():
        return None
    public = load_pem_private_key(file.read_bytes(), None).public_key()
    if isinstance(public, RSAPublicKey):
        return PublicHalf(
            "rsa", _letters(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)), selector()
        )
    return PublicHalf("ed25519", _letters(public.public_bytes(Encoding.Raw, PublicFormat.Raw)), selector())


def _letters(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
