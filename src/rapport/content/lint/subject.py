"""Subjects that can be read, and that promise nothing the letter is not (16 CFR 316, 15 USC 7704(a)(2))."""

import re
from collections.abc import Iterator

from rapport.content.lint.findings import Finding, Rule, Wording

LAW = "15 USC 7704(a)(2)"
THREAD = re.compile(r"^\s*(re|fw|fwd|aw|rv|resp)\s*:", re.IGNORECASE)
PRIZE = re.compile(
    r"\byou(?:'ve| have)? (?:just )?(?:won|been selected)\b|\bcongratulations\b.*\b(?:won|winner|prize)\b|\bclaim your (?:prize|reward)\b"
    r"|\bha ganado\b|\breclame su premio\b|\bact now or\b|\baccount (?:has been )?(?:suspended|locked)\b|\bfinal notice\b|\búltimo aviso\b",
    re.IGNORECASE,
)
CARE = re.compile(
    r"\b(?:your|su|sus) (?:(?:test|lab) )?(?:results?|appointment|resultados|cita)\b|\bappointment (?:confirmed|confirmation)\b",
    re.IGNORECASE,
)
MONEY = re.compile(
    r"\b(?:invoice|receipt|payment due|past due|overdue|refund|factura|recibo|pago vencido)\b", re.IGNORECASE
)
LONGEST = 70  # letters that most inboxes show


def line(wording: Wording) -> Iterator[Finding]:
    """A subject there must be, and one line of it."""
    if not wording.subject.strip():
        yield Finding("subject", "error", "subject", "There is no subject.", "Write one.")
    for place, source in (("subject", wording.subject), ("preheader", wording.preheader)):
        if re.search(r"[\r\n]", source):
            yield Finding("header", "error", place, f"The {place} must be one line.", "Take out the line break.")
    if len(wording.subject) > LONGEST:
        message = f"The subject has {len(wording.subject)} letters; most inboxes show about {LONGEST}."
        yield Finding("subject", "warning", "subject", message, "Make it shorter.")


def deceptive(wording: Wording) -> Iterator[Finding]:
    """What pretends to be something else."""
    subject = wording.subject
    if THREAD.search(subject):
        message = "The subject pretends to answer or to pass on a message."
        yield Finding("E-01", "error", "subject", message, "Take out “RE:” or “FW:”.")
    for hit in PRIZE.finditer(f"{subject} {wording.preheader}"):
        message = f"“{hit.group(0)}” is what fraud says, and mailbox providers know it."
        yield Finding("E-01", "error", "subject", message, "Say plainly what the message is.")
    if wording.is_commercial:
        for pattern in (CARE, MONEY):
            for hit in pattern.finditer(subject):
                message = (
                    f"“{hit.group(0)}” promises a message about care or a bill, but this one is about something else."
                )
                yield Finding("E-01", "warning", "subject", message, "Say what it is about.")


def loud(wording: Wording) -> Iterator[Finding]:
    """Capitals and exclamation marks."""
    letters = [one for one in wording.subject if one.isalpha()]
    if len(letters) >= 8 and sum(one.isupper() for one in letters) > 0.7 * len(letters):
        yield Finding("loud", "warning", "subject", "The subject is in capitals.", "Write it as a sentence.")
    marks = wording.subject.count("!") + wording.subject.count("¡")
    if wording.subject.count("!") > 1 or "$$" in wording.subject:
        message = f"{marks} exclamation marks make it look like junk." if marks else "“$$” makes it look like junk."
        yield Finding("loud", "warning", "subject", message, "One at most.")


RULES = (
    Rule("subject", "subject", "A subject of one line that inboxes can show", "RFC 5322", line),
    Rule("E-01 deceptive", "subject", "The subject does not deceive", LAW, deceptive),
    Rule("loud", "subject", "No capitals, no row of exclamation marks", "House rule", loud),
)
