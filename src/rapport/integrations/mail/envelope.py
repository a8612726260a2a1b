"""What a landing of this folder holds: one line that says how it came, then the bytes exactly as they came.

The line also names the addresses it is about, in clear: where the body is packed or encoded, an erasure still finds her in it.
"""

from io import BytesIO

import msgspec
from django.core.handlers.wsgi import WSGIRequest


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a report or a mail came. `kind`: events or inbound (by a provider), mail (out of a box)."""

    provider: str
    kind: str
    content_type: str = ""
    headers: dict[str, str] = {}
    about: tuple[str, ...] = ()


KEPT_HEADERS = ("svix-id", "webhook-id", "X-Amz-Sns-Message-Type")


def pack(envelope: Envelope, body: bytes) -> bytes:
    return msgspec.json.encode(envelope) + b"\n" + body


def unpack(raw: bytes) -> tuple[Envelope, bytes]:
    """Raises msgspec.DecodeError or ValidationError for what we did not pack."""
    line, _, body = raw.partition(b"\n")
    return msgspec.json.decode(line, type=Envelope), body


def request_of(envelope: Envelope, body: bytes) -> WSGIRequest:
    """The request again, for a reader that takes requests; its proof was checked at the door."""
    kept = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in envelope.headers.items()}
    return WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": envelope.content_type,
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": "landing",
            "SERVER_PORT": "443",
            "wsgi.url_scheme": "https",
            "wsgi.input": BytesIO(body),
            **kept,
        }
    )
