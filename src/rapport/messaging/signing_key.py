"""The key that signs our letters (DKIM): made once, kept among the keys of the installation, its public half told for the DNS."""

import base64
import os

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rapport.kit import home

BITS = 2048  # what every receiver reads; longer keys do not fit one string of the DNS


class KeyStands(FileExistsError):
    """There is a key already: a new one would make letters that are on their way unreadable proofs."""


def make() -> str:
    """Make the key; returns the words of its DNS record. Raises KeyStands."""
    key = generate_private_key(public_exponent=65537, key_size=BITS)
    pem = key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = home.find().ready().keys / "dkim.pem"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyStands(f"{file.name} stands already; move it away first.") from None
    with os.fdopen(handle, "wb") as out:
        out.write(pem)
    told = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(told).decode()}"
