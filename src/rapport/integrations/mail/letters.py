"""A mail that came to us, taken apart: who writes, to which message it answers, in what words, and whether a machine wrote it."""

import re
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from functools import cached_property
from hashlib import blake2b

import msgspec

from rapport.consent import wishes
from rapport.integrations.mail import events, quoted
from rapport.integrations.mail.bounces import notices, report
from rapport.integrations.mail.bounces.parts import parts_of
from rapport.integrations.mail.bounces.told import Report
from rapport.messaging import tracking
from rapport.people import contact

_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_REPLY = re.compile(r"^\s*((re|rv|aw|sv|fwd?)\s*:\s*)+", re.IGNORECASE)
LONGEST = 2_000  # letters in which a wish is looked for


class Letter(msgspec.Struct, frozen=True, dict=True):
    """One mail. `intent_id`: the message of ours that it proves to know; `reports`: what hosts report with it, mostly nothing."""

    name: str
    sender: str
    subject: str
    text: str
    automatic: bool
    intent_id: int | None
    reports: tuple[Report, ...]

    @cached_property
    def digest(self) -> bytes | None:
        point = contact.email(self.sender)
        return point.digest() if point is not None and not point.problem else None

    @property
    def is_reply(self) -> bool:
        """Somebody wrote this, and a person should see it."""
        return not (self.reports or self.automatic) and bool(self.sender)

    @cached_property
    def words(self) -> str:
        """What was written: the new text; the subject too where it is not the old one."""
        subject = "" if _REPLY.match(self.subject) else self.subject.strip()
        return "\n".join(filter(None, (subject, quoted.own_words(self.text))))

    def wish(self) -> wishes.Wish:
        """Each line for itself is asked first: a lone “stop” among greetings is one."""
        lines = [line for line in self.words[:LONGEST].split("\n") if line.strip()][:12]
        found = [one for one in map(wishes.read, lines) if one.kind != "none"]
        whole = wishes.read(self.words[:LONGEST])
        stops = [one for one in (*found, whole) if one.kind == "stop"]
        return stops[0] if stops else whole


def letter(raw: bytes) -> Letter:
    """Read one mail. Never raises on bad content."""
    plain = report.plain_lines(raw)
    mail = message_from_bytes(plain)
    reports = tuple(report.read(plain))
    sender = next((address for _, address in getaddresses([_header(mail, "From")]) if "@" in address), "")
    return Letter(
        name=_header(mail, "Message-ID").strip() or blake2b(plain, digest_size=16).hexdigest(),
        sender=sender,
        subject=_header(mail, "Subject"),
        text=parts_of(mail).words,
        automatic=notices.is_automatic(mail) or _is_list(mail),
        intent_id=_intent(mail, plain, bool(reports)),
        reports=tuple(one for one in reports if one.what != "answered"),
    )


def _is_list(mail: Message) -> bool:
    """Newsletters and mailing lists are not written to us."""
    return mail.get("List-Id") is not None or str(mail.get("Precedence", "")).lower() in {"bulk", "list", "junk"}


def _intent(mail: Message, raw: bytes, is_report: bool) -> int | None:
    """By the address it came to, or by the Message-ID it answers; a report may quote ours anywhere."""
    for name in _TO:
        for _, address in getaddresses([str(one) for one in mail.get_all(name, [])]):
            intent = tracking.intent_of_return_path(address) if address.lower().startswith(tracking.BOUNCES) else None
            if intent is not None:
                return intent
    text = (
        raw.decode("utf-8", "replace") if is_report else f"{mail.get('In-Reply-To', '')} {mail.get('References', '')}"
    )
    return events.intent_in(text)


def _header(mail: Message, name: str) -> str:
    told = mail.get(name, "")
    try:
        return str(make_header(decode_header(str(told)))).replace("\n", " ")
    except (HeaderParseError, LookupError, ValueError):
        return str(told).replace("\n", " ")
