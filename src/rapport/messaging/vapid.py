"""Who we are towards the push services (RFC 8292): one key pair of the installation, made at first use (`keys/push.pem`)."""

import base64
import contextlib
import os
import secrets
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from django.conf import settings
from py_vapid import Vapid02

from rapport.kit import home

LASTS = 12 * 3600  # seconds; services take at most a day


def headers(endpoint: str, now: float) -> dict[str, str]:
    """The proof for one push service."""
    parts = urlsplit(endpoint)
    claims = {"sub": settings.PUSH_CONTACT, "aud": f"{parts.scheme}://{parts.netloc}", "exp": int(now) + LASTS}
    return dict(_pair(_file()).sign(claims))


def public_key() -> str:
    """What the browser is given when it subscribes: the point, uncompressed, in URL-safe base64."""
    point = _pair(_file()).public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def _file() -> Path:
    return home.find().ready().keys / "push.pem"


@lru_cache(maxsize=4)
def _pair(file: Path) -> Vapid02:
    if not file.exists():
        _make(file)
    return Vapid02.from_pem(file.read_bytes())


def _make(file: Path) -> None:
    """Complete or absent, and the first writer wins."""
    pair = Vapid02()
    pair.generate_keys()
    draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(pair.private_pem())
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
