"""Things the door could not even read: a line too long to hold, a damaged archive, a bomb. One landing holds one refusal."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import msgspec

from rapport.integrations.models import Landing
from rapport.integrations.translation import Desk, Problem, Record, Translation

FORM = "refused"


class Refusal(msgspec.Struct, frozen=True):
    """Where it stood and why; the beginning of it, as far as it is worth keeping. `name`: of the file in the delivery."""

    line: int
    path: str
    reason: str
    remedy: str = ""
    excerpt: bytes = b""
    name: str = ""


def pack(refusal: Refusal) -> bytes:
    return msgspec.json.encode(refusal)


def read(raw: bytes, landing: Landing) -> Iterator[Record | Problem]:
    mark = blake2b(raw, digest_size=16).digest()
    try:
        one = msgspec.json.decode(raw, type=Refusal)
    except (msgspec.ValidationError, msgspec.DecodeError):  # the beginning of such a thing, as it is kept in quarantine
        yield Problem(
            1,
            "what could not be opened can't be mended here",
            raw,
            "",
            "",
            "Ask the source to send it again.",
            mark=mark,
        )
        return
    yield Problem(one.line, one.reason, one.excerpt, "", one.path, one.remedy, mark=mark)


def translate(records: Sequence[Record], desk: Desk) -> Translation:
    """There is never anything to translate."""
    return Translation()
