"""DKIM (RFC 6376, RFC 8463): relaxed/relaxed, signed when the installation has a key (`keys/dkim.pem`, RSA or Ed25519).

The selector stands in `keys/dkim.selector` (default `rapport`). A relay that signs itself needs no key here.
"""

import base64
import hashlib
import os
import re
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from rapport.kit import home

SIGNED = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
    b"mime-version",
    b"content-type",
)
_FOLD = re.compile(rb"\r\n([ \t])")
_BLANKS = re.compile(rb"[ \t]+")
_TRAILING = re.compile(rb" \r\n")


class WrongKey(ValueError):
    """The key file holds a key that DKIM does not know."""


def signed(raw: bytes, *, domain: str) -> bytes:
    """The message with its signature in front; as it is when there is no key."""
    key, selector = _key(os.environ.get("RAPPORT_HOME", ""))
    return raw if key is None else sign(raw, domain=domain, selector=selector, key=key)


def sign(raw: bytes, *, domain: str, selector: str, key: RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    head, _, body = raw.partition(b"\r\n\r\n")
    headers = _headers(head)
    names = [name for name in SIGNED if name in headers]
    digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
    kind = "rsa-sha256" if isinstance(key, RSAPrivateKey) else "ed25519-sha256"
    value = (
        f"v=1; a={kind}; c=relaxed/relaxed; d={domain}; s={selector}; "
        f"h={':'.join(name.decode() for name in names)}; bh={digest}; b="
    )
    told = b"".join(relaxed_header(name, headers[name]) + b"\r\n" for name in names)
    told += relaxed_header(b"dkim-signature", b" " + value.encode())
    if isinstance(key, RSAPrivateKey):
        signature = key.sign(told, padding.PKCS1v15(), hashes.SHA256())
    else:
        signature = key.sign(hashlib.sha256(told).digest())
    letters = base64.b64encode(signature).decode()
    folded = "\r\n ".join(letters[at : at + 70] for at in range(0, len(letters), 70))
    return f"DKIM-Signature: {value}{folded}\r\n".encode() + raw


def relaxed_header(name: bytes, value: bytes) -> bytes:
    unfolded = _FOLD.sub(rb"\1", value)
    return name.lower().strip() + b":" + _BLANKS.sub(b" ", unfolded).strip()


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.4: blanks as one space, none at the end of a line, no empty lines at the end of the body."""
    lines = _TRAILING.sub(b"\r\n", _BLANKS.sub(b" ", body)).rstrip(b" ")
    end = len(lines)
    while lines.endswith(b"\r\n", 0, end):
        end -= 2
    return lines[:end] + b"\r\n" if end else b""


def _headers(head: bytes) -> dict[bytes, bytes]:
    """Header name in small letters -> value as it stands, the last of a name."""
    found: dict[bytes, bytes] = {}
    for line in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = line.partition(b":")
        found[name.lower()] = value
    return found


@lru_cache(maxsize=4)
def _key(home_named: str) -> tuple[RSAPrivateKey | Ed25519PrivateKey | None, str]:
    file = home.find(home_named or None).keys / "dkim.pem"
    if not file.exists():
        return None, ""
    key = load_pem_private_key(file.read_bytes(), None)
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise WrongKey("keys/dkim.pem must be an RSA or Ed25519 key.")
    selector = file.with_name("dkim.selector")
    return key, selector.read_text().strip() if selector.exists() else "rapport"
