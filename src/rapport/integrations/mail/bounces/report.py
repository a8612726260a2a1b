"""Reading mail that reports on mail: status notifications (RFC 3464), complaints (RFC 5965), and what odd hosts write in their place.

1. Line ends become LF; the parts of the mail are told apart: status fields, words, and the message that came back.
2. A complaint says so by its type (or is one of the two old kinds that do not).
3. Status fields give one report a recipient. Without them the words are read: addresses, and what stands by each.
4. `rules` gives the reason.
"""

import re
from email import message_from_bytes
from email.message import Message

import msgspec

from rapport.integrations.mail.bounces import notices, rules, words
from rapport.integrations.mail.bounces.parts import Parts, loose, parts_of
from rapport.integrations.mail.bounces.told import Report

_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{2,60})[ \t]*:[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_BLOCK = re.compile(r"\n[ \t]*\n")
_TYPED = re.compile(r"^\s*(?:rfc822|x-[\w-]+|unknown|smtp|dns|x400|utf-8|addr-type)\s*;\s*", re.IGNORECASE)
_KIND = re.compile(r"^\s*[\w. -]{1,30}?\s*;\s*")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+\.?[\w-]+|\"[^\"\n]{1,64}\"@[\w.-]+")
_MBOX = re.compile(rb"\n\n?From [^\n]{1,200} \d{4}[^\n]{0,8}\n(?=[A-Z][\w-]*:)")
_REFUSED = re.compile(
    r"was automatically rejected ?:(.{3,300})", re.IGNORECASE | re.DOTALL
)  # by a filter of the mailbox
DELIVERED = {"deliverable", "delivered", "relayed", "expanded"}


def read(raw: bytes) -> list[Report]:
    """One report a recipient, in order; empty for mail that is no report. Several mails of a mbox are read one by one."""
    return [told for one in _MBOX.split(plain_lines(raw)) for told in _of_one(one)]


def _of_one(raw: bytes) -> list[Report]:
    mail = message_from_bytes(raw)
    parts = parts_of(mail)
    if not (parts.words.strip() or parts.status.strip()):
        parts = loose(mail)
    return (
        notices.complaints(mail, parts)
        or notices.of_amazon(parts)
        or notices.automatic(mail, parts)
        or _by_fields(mail, parts)
        or _by_words(mail, parts)
    )


def plain_lines(raw: bytes) -> bytes:
    """LF at the end of each line, whatever came in; without the line that a mbox puts first."""
    text = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text.partition(b"\n")[2] if text.startswith(b"From ") else text


def _by_fields(mail: Message, parts: Parts) -> list[Report]:
    text = parts.status
    if "final-recipient:" not in text.lower() and "final-recipient:" in parts.words.lower():
        text = parts.words
    found = []
    for block in _BLOCK.split(text.strip("\n")):
        fields = {name.lower(): " ".join(value.split()) for name, value in _FIELD.findall(block)}
        named = fields.get("final-recipient") or fields.get("original-recipient") or fields.get("x-actual-recipient")
        if named:
            found.append(_of_fields(fields, _bare(named), mail, parts))
    return found


def _of_fields(fields: dict[str, str], recipient: str, mail: Message, parts: Parts) -> Report:
    action = fields.get("action", "").lower().split(" ")[0].strip("();,")
    status = rules.status_in(fields.get("status", ""))
    said = _KIND.sub("", fields.get("diagnostic-code", ""), count=1).strip()
    near = words.near(recipient, parts.words)
    if action in DELIVERED or status.startswith("2"):
        return Report(
            what="delivered", reason="delivered", recipient=recipient, status=status, reply=rules.reply_in(said)
        )
    own = rules.status_in(rules.squeezed(said))
    command = words.command(near)
    comment = fields.get("status", "").partition("(")[2]
    refused = _REFUSED.search(parts.words)
    judged = (
        rules.judge(refused.group(1))
        if refused
        else rules.judge(f"{said} {comment}", status=own or status, command=command)
    )
    if judged.reason in {rules.UNDEFINED, *rules.VAGUE} or not said:
        other = rules.judge(near or parts.words, status=own or status, command=command)
        if other.reason != rules.UNDEFINED and (judged.reason == rules.UNDEFINED or not rules.is_vague(other)):
            judged = msgspec.structs.replace(other, reply=judged.reply or other.reply)
    if judged.reason == rules.UNDEFINED:
        judged = rules.by_codes(status=own or status, reply=judged.reply, delayed=action == "delayed")
    doubtful = {"5.2", "5.3", "5.7"} | ({"5.0", "4.0", ""} if said and command != "transcript" else set())
    if judged.reason == "userunknown" and command != "rcpt" and (own or status)[:3] in doubtful:
        judged = msgspec.structs.replace(
            judged, reason="filtered", hard=False
        )  # a code that does not bear the words out
    return Report(
        what="bounced", reason=judged.reason, recipient=recipient, status=own or status or judged.status, reply=judged.reply,
        hard=judged.hard,
    )  # fmt: skip


def _bare(value: str) -> str:
    """The address in a typed field."""
    text = _TYPED.sub("", value)
    found = _ADDRESS.search(text)
    return (found.group() if found else text).strip("<> ")


def _by_words(mail: Message, parts: Parts) -> list[Report]:
    if not words.is_from_a_host(mail, parts):
        return []
    found = []
    for recipient, said in words.by_recipient(parts, str(mail.get("To", ""))):
        near = words.near(recipient, said)
        judged = rules.judge(near, command=words.command(near))
        if judged.reason == rules.UNDEFINED:
            judged = rules.judge(said, command=words.command(said))
        if judged.reason == rules.UNDEFINED:
            whole = rules.judge(f"{parts.words}\n{mail.get('Subject', '')}", command=words.command(parts.words))
            judged = msgspec.structs.replace(
                whole, status=judged.status or whole.status, reply=judged.reply or whole.reply
            )
        if judged.reason == rules.UNDEFINED:
            judged = rules.by_codes(status=judged.status, reply=judged.reply)
        found.append(
            Report(
                what="bounced", reason=judged.reason, recipient=recipient, status=judged.status, reply=judged.reply,
                hard=judged.hard,
            )
        )  # fmt: skip
    return found
