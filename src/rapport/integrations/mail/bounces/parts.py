"""The parts of a mail that matter to a report: status fields, the words for humans, and the message that came back."""

import quopri
import re
from base64 import b64decode
from binascii import Error as NotBase64
from email.message import Message

import msgspec

from rapport.content import plaintext

_MIME = re.compile(r"^(?:content-[\w-]+:.*(?:\n[ \t].*)*|boundary=.*|--\S+)$", re.IGNORECASE | re.MULTILINE)
RETURNED = {
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
}
STATUS = {"message/delivery-status", "message/global-delivery-status", "message/disposition-notification"}
FEEDBACK = "message/feedback-report"


class Parts(msgspec.Struct):
    """All as text with LF."""

    status: str = ""
    words: str = ""
    feedback: str = ""
    returned: str = ""


def parts_of(mail: Message) -> Parts:
    """Read every part once; what lies inside the returned message is not looked into."""
    found = Parts()
    _walk(mail, found)
    return found


def loose(mail: Message) -> Parts:
    """For a mail whose parts can't be told apart, because its boundary is another than it says."""
    text = _raw(mail)
    at = re.search(r"^content-type:[ \t]*(message/rfc822|text/rfc822-headers)", text, re.IGNORECASE | re.MULTILINE)
    told = _MIME.sub("", text[: at.start()] if at else text)
    return Parts(status=told, words=told, returned=text[at.start() :] if at else "")


def _walk(part: Message, found: Parts) -> None:
    kind = part.get_content_type()
    if kind in STATUS:
        found.status += "\n" + _raw(part) + "\n"
    elif kind == FEEDBACK:
        found.feedback += _raw(part) + "\n"
    elif kind == "message/rfc822" and not found.status and (report := _report_in(part)) is not None:
        _walk(report, found)  # a report that was passed on inside another mail
    elif kind in RETURNED and part.get_param("delivery-status") is None:
        found.returned += _raw(part) + "\n"
    elif part.is_multipart():
        for one in part.get_payload():
            if isinstance(one, Message):
                _walk(one, found)
    elif kind == "text/html":
        if not found.words.strip():
            found.words += _untagged(_text(part)) + "\n"
    elif kind.startswith("text/") or not part.get_payload(decode=False) or kind == "application/octet-stream":
        found.words += _text(part) + "\n"


def _report_in(part: Message) -> Message | None:
    inside = part.get_payload()
    first = inside[0] if isinstance(inside, list) and inside else None
    return first if isinstance(first, Message) and first.get_content_type() == "multipart/report" else None


def _raw(part: Message) -> str:
    """The body of a part that the parser takes for messages of their own; decoded where it says that it is encoded."""
    payload = part.get_payload()
    text = "\n".join(str(one) for one in payload) if isinstance(payload, list) else str(payload or "")
    coded = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if coded == "quoted-printable":
        return quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    if coded == "base64":
        try:
            return b64decode(text).decode("utf-8", "replace")
        except (NotBase64, ValueError):
            return text
    return text


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else str(part.get_payload() or "").encode("utf-8", "replace")
    charset = str(part.get_content_charset() or "utf-8")
    try:
        return raw.decode(charset, "replace").replace("\r\n", "\n")
    except (LookupError, ValueError):
        return raw.decode("latin-1").replace("\r\n", "\n")


def _untagged(html: str) -> str:
    return plaintext.from_html(html)
