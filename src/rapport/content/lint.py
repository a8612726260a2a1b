"""What must be right before words go out: each finding says rule, place, remedy and how grave it is."""

import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from rapport.content import fields, words

COMMERCIAL_TOPICS = frozenset({"health_services", "newsletter", "fundraising", "survey"})
TOO_BIG = 102_000  # bytes of HTML at which Gmail cuts a message
_HREFS = re.compile(r'href="([^"]*)"', re.IGNORECASE)
_IMAGES = re.compile(r"<mj-image\b[^>]*>", re.IGNORECASE)


class Finding(msgspec.Struct, frozen=True):
    """One thing to mend. `error` blocks publishing, `warning` does not."""

    rule: str
    severity: Literal["error", "warning"]
    place: str
    message: str
    remedy: str


class Wording(msgspec.Struct, frozen=True):
    """The words to look at."""

    topic: str
    subject: str
    preheader: str
    mjml: str
    text: str
    html: str = ""
    on: date | None = None


def check(wording: Wording) -> list[Finding]:
    """Everything that is wrong, errors first."""
    found = [
        *_liquid(wording),
        *_personal_in_header(wording),
        *_condition_words(wording),
        *_field_classes(wording),
        *_opt_out(wording),
        *_links(wording),
        *_images(wording),
        *_size(wording),
    ]
    return sorted(found, key=lambda one: one.severity != "error")


def _liquid(wording: Wording) -> list[Finding]:
    found = []
    for place, source in _places(wording):
        try:
            strange = words.unknown(source)
        except words.BrokenTemplate as wrong:
            found.append(
                Finding("liquid", "error", place, f"The template can't be read: {_first_line(wrong)}", "Mend it.")
            )
            continue
        for name in strange:
            remedy = "Choose one of the merge fields in the list."
            found.append(Finding("merge-field", "error", place, f"“{name}” is no merge field.", remedy))
    return found


def _personal_in_header(wording: Wording) -> list[Finding]:
    """E-04: the subject and the preheader show on a locked screen and in every log on the way."""
    found = []
    for place, source in (("subject", wording.subject), ("preheader", wording.preheader)):
        for name in sorted(_used(source)):
            field = fields.FIELDS.get(name)
            if field is not None and field.is_personal:
                message = f"The {place} shows on locked screens; {field.label.lower()} may not stand in it."
                found.append(Finding("E-04", "error", place, message, "Say it without the person's name."))
        if re.search(r"[\r\n]", source):
            found.append(
                Finding("header", "error", place, f"The {place} must be one line.", "Take out the line break.")
            )
    if not wording.subject.strip():
        found.append(Finding("subject", "error", "subject", "There is no subject.", "Write one."))
    return found


def _field_classes(wording: Wording) -> list[Finding]:
    """Fields that tell of somebody's care, where no purpose of this topic may use them."""
    if wording.on is None:
        return []
    found = []
    for place, source in _places(wording):
        for one in fields.forbidden_for_topic(_used(source), wording.topic, on=wording.on):
            remedy = "Take it out, or write it under a topic that may use it, such as the person's own care."
            found.append(Finding(one.rule, "error", place, one.sentence, remedy))
    return found


def _condition_words(wording: Wording) -> list[Finding]:
    found = []
    for place, source in (("subject", wording.subject), ("preheader", wording.preheader)):
        for word in condition_words(source):
            message = f"“{word}” in the {place} tells others about somebody's health."
            found.append(Finding("E-04", "error", place, message, "Keep it neutral; say it inside the message."))
    for href in _HREFS.findall(wording.mjml):
        for word in condition_words(re.sub(r"[-_/?=&.]", " ", href)):
            message = f"“{word}” in the address of a link tells others about somebody's health."
            found.append(Finding("E-04", "error", "link", message, "Use an address without it."))
    return found


def _opt_out(wording: Wording) -> list[Finding]:
    body = _used(wording.mjml)
    found = []
    if "links.confirm" in body and wording.topic in COMMERCIAL_TOPICS:
        remedy = "Use another link; this one belongs to the letter that follows a sign-up."
        found.append(Finding("links", "error", "body", "The link that confirms a sign-up leads nowhere here.", remedy))
    if "links.unsubscribe" not in body:
        remedy = "Add a link to {{ links.unsubscribe }}."
        found.append(Finding("E-01", "error", "body", "There is no link to stop these messages.", remedy))
    if "links.preferences" not in body and wording.topic in COMMERCIAL_TOPICS:
        remedy = "Add a link to {{ links.preferences }}."
        found.append(Finding("preferences", "warning", "body", "There is no link to choose what one gets.", remedy))
    if "clinic.address" not in body:
        severity: Literal["error", "warning"] = "error" if wording.topic in COMMERCIAL_TOPICS else "warning"
        remedy = "Add {{ clinic.address }} at the foot."
        found.append(Finding("E-01", severity, "body", "The postal address of the clinic is missing.", remedy))
    if wording.text.strip() and "links.unsubscribe" not in _used(wording.text):
        remedy = "Add {{ links.unsubscribe }} to the text."
        found.append(Finding("E-01", "error", "text", "The plain text has no link to stop these messages.", remedy))
    return found


def _links(wording: Wording) -> list[Finding]:
    found = []
    for href in _HREFS.findall(wording.mjml):
        if href.lower().startswith("http://"):
            message = f"{href[:60]} is not encrypted."
            found.append(Finding("links", "error", "link", message, "Use https."))
        elif not href.lower().startswith(("https://", "mailto:", "tel:", "{{", "#")):
            found.append(Finding("links", "error", "link", f"“{href[:60]}” leads nowhere.", "Give the whole address."))
        elif "{{" in href and not re.fullmatch(r"\{\{\s*links\.[a-z]+\s*\}\}", href):
            message = "A merge field inside an address would put a person into a link."
            found.append(Finding("E-04", "error", "link", message, "Use a plain address or one of the link fields."))
    return found


def _images(wording: Wording) -> list[Finding]:
    found = []
    for image in _IMAGES.findall(wording.mjml):
        if not re.search(r'\balt="', image):
            remedy = 'Add alt="…"; alt="" for mere decoration.'
            found.append(
                Finding("A-03", "error", "image", "A picture has no words for those who can't see it.", remedy)
            )
    return found


def _size(wording: Wording) -> list[Finding]:
    if len(wording.html.encode()) <= TOO_BIG:
        return []
    return [Finding("size", "warning", "body", "Over 102 kB: some mail programs cut it off.", "Make it shorter.")]


def condition_words(text: str) -> list[str]:
    """Words about conditions, drugs and procedures in a text, as they stand there."""
    return [hit.group(0) for hit in _condition_pattern().finditer(text)]


@lru_cache(maxsize=1)
def _condition_pattern() -> re.Pattern[str]:
    lines = (Path(__file__).parent / "condition_words.txt").read_text().splitlines()
    stems = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return re.compile(
        r"\b(?:" + "|".join(re.escape(one).replace(r"\*", r"\w*") for one in stems) + r")\b", re.IGNORECASE
    )


def _places(wording: Wording) -> tuple[tuple[str, str], ...]:
    return (
        ("subject", wording.subject),
        ("preheader", wording.preheader),
        ("body", wording.mjml),
        ("text", wording.text),
    )


def _used(source: str) -> set[str]:
    try:
        return words.used(source)
    except words.BrokenTemplate:
        return set()


def _first_line(wrong: Exception) -> str:
    return str(wrong).splitlines()[0]
