"""Reports that are not about delivery: complaints (ARF and the two kinds without it), Amazon's notices, automatic answers."""

import re
from email.message import Message
from typing import Any

import msgspec

from rapport.integrations.mail.bounces import rules
from rapport.integrations.mail.bounces.parts import Parts
from rapport.integrations.mail.bounces.told import Report

_TYPE = re.compile(r"^feedback-type[ \t]*:[ \t]*([\w-]+)", re.IGNORECASE | re.MULTILINE)
_WHOM = re.compile(
    r"^(?:original-rcpt-to|removal-recipient|x-hmxmroriginalrecipient)[ \t]*:[ \t]*<?([^\s<>]+)",
    re.IGNORECASE | re.MULTILINE,
)
_TO = re.compile(r"^to[ \t]*:.*?<?([^\s<>\"]+@[\w.-]+)", re.IGNORECASE | re.MULTILINE)
_COMPLAINT = re.compile(r"complaint about message from|abuse report|email feedback report", re.IGNORECASE)
_BUTTON = re.compile(r"sent this e-?mail to unsubscribe from the message", re.IGNORECASE)
_AWAY = re.compile(
    r"out of (the )?office|auto(matic)?[- ]?(reply|response|answer)|automatic e-?mail|vacation|on (holiday|leave|annual)|away from|"
    r"respuesta autom[aá]tica|fuera de (la )?oficina|auto:|abwesen|absence|autorespon",
    re.IGNORECASE,
)  # fmt: skip
_REPORTS = re.compile(r"mailer-?daemon|postmaster|mail delivery|<>", re.IGNORECASE)
_AMAZON = re.compile(r"\{\s*\"(?:notificationType|eventType)\"", re.IGNORECASE)


def complaints(mail: Message, parts: Parts) -> list[Report]:
    """A person pressed “this is spam”, or asked her host to opt her out."""
    typed = _TYPE.search(parts.feedback) or (_TYPE.search(parts.words) if _is_feedback(mail) else None)
    if _BUTTON.search(parts.words):
        whom = _TO.search(f"To: {mail.get('From', '')}")
        return [
            Report(
                what="complained", reason="feedback", recipient=whom.group(1) if whom else "", feedback_type="opt-out"
            )
        ]
    old = str(mail.get("X-HmXmrOriginalRecipient", "")).strip() or _COMPLAINT.match(str(mail.get("Subject", "")))
    if typed is None and not _is_feedback(mail) and not old:
        return []
    found = _WHOM.search(parts.feedback) or _WHOM.search(str(mail)) or _TO.search(parts.returned)
    kind = typed.group(1).lower() if typed else "abuse"
    return [Report(what="complained", reason="feedback", recipient=found.group(1) if found else "", feedback_type=kind)]


def _is_feedback(mail: Message) -> bool:
    return str(mail.get_param("report-type") or "").lower() == "feedback-report"


def automatic(mail: Message, parts: Parts) -> list[Report]:
    """A machine answers for somebody who is away."""
    if not is_automatic(mail):
        return []
    sender = re.search(r"[^\s<>\"]+@[\w.-]+", str(mail.get("From", "")))
    return [Report(what="answered", reason="vacation", recipient=sender.group() if sender else "")]


def is_automatic(mail: Message) -> bool:
    """By what RFC 3834 asks of machines, and by what older ones write into the subject."""
    if _REPORTS.search(str(mail.get("From", ""))):
        return False
    said = str(mail.get("Auto-Submitted", "no")).strip().lower()
    if said.startswith("auto-replied") or mail.get("X-Autoreply") or mail.get("X-Autorespond"):
        return True
    if str(mail.get("X-Auto-Response-Suppress", "")).strip() and _AWAY.search(str(mail.get("Subject", ""))):
        return True
    told = (
        mail.get("X-Apple-Action", "").upper() == "VACATION" or str(mail.get("Precedence", "")).lower() == "auto_reply"
    )
    return told or _AWAY.search(str(mail.get("Subject", ""))) is not None


def of_amazon(parts: Parts) -> list[Report]:
    """Amazon's own notice, one JSON object, sent by mail."""
    found = _AMAZON.search(parts.words)
    if found is None:
        return []
    try:
        told = msgspec.json.decode(_first_object(parts.words[found.start() :].replace("\n", "")), type=dict[str, Any])
    except msgspec.DecodeError:
        return []
    kind = str(told.get("notificationType") or told.get("eventType") or "").lower()
    found_at = told.get(kind)
    about: dict[str, Any] = found_at if isinstance(found_at, dict) else {}
    if kind == "bounce":
        return [_bounce(one, about) for one in about.get("bouncedRecipients", []) if isinstance(one, dict)]
    if kind == "complaint":
        kind = str(about.get("complaintFeedbackType") or "abuse")
        whom = [str(one.get("emailAddress", "")) for one in about.get("complainedRecipients", [])]
        return [Report(what="complained", reason="feedback", recipient=one, feedback_type=kind) for one in whom]
    said = str(about.get("smtpResponse", ""))
    status, reply = rules.status_in(said), rules.reply_in(said)
    return [
        Report(what="delivered", reason="delivered", recipient=str(one), status=status, reply=reply)
        for one in about.get("recipients", [])
    ]


def _bounce(one: dict[str, Any], about: dict[str, Any]) -> Report:
    said = str(one.get("diagnosticCode") or f"{about.get('bounceType', '')} {about.get('bounceSubType', '')}")
    judged = rules.judge(said, status=str(one.get("status", "")))
    if judged.reason == rules.UNDEFINED:
        judged = rules.by_codes(status=judged.status, reply=judged.reply)
    return Report(
        what="bounced", reason=judged.reason, recipient=str(one.get("emailAddress", "")), status=judged.status,
        reply=judged.reply, hard=judged.hard,
    )  # fmt: skip


def _first_object(text: str) -> str:
    """Up to the brace that closes the first one."""
    depth, quoted, escaped = 0, False, False
    for at, letter in enumerate(text):
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = quoted
        elif letter == '"':
            quoted = not quoted
        elif not quoted and letter in "{}":
            depth += 1 if letter == "{" else -1
            if depth == 0:
                return text[: at + 1]
    return text
