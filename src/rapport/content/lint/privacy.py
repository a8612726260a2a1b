"""What strangers may see: locked screens, logs on the way, addresses of links and pictures, words read aloud."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from rapport.content import fields
from rapport.content.lint.findings import Finding, Rule, Wording, used

HERE = Path(__file__).parent
HREFS = re.compile(r'href="([^"]*)"', re.IGNORECASE)
SOURCES = re.compile(r'\b(?:src|background-url)="([^"]*)"', re.IGNORECASE)
ALTS = re.compile(r'\balt="([^"]*)"', re.IGNORECASE)
# Words that name a delicate service without naming an illness. For words of that class they wait until the letter is open.
QUIET = {
    "mental_health": ("therap*", "counsel*", "behavioral health", "mood", "stress", "terapia", "consejer*"),
    "psychotherapy_notes": ("therap*", "counsel*", "terapia"),
    "sud_part2": ("recovery", "sober*", "detox*", "drinking", "treatment program*", "recuperaci*"),
    "hiv_sti": ("prep", "testing", "exposure", "pruebas"),
    "reproductive": ("birth control", "family planning", "ivf", "pregnan*", "embaraz*", "planificaci* familiar"),
    "abuse": ("safe home", "safety at home", "violence", "violencia", "shelter"),
    "genetic": ("dna", "gene*", "hereditary", "family history", "herencia", "heredit*"),
    "minor_confidential": ("teen*", "adolescen*"),
    "end_of_life": ("hospice", "palliative", "comfort care", "hospicio", "paliativ*"),
}


def personal(wording: Wording) -> Iterator[Finding]:
    """E-04: the subject and the preheader show on a locked screen and in every log on the way."""
    for place, source in (("subject", wording.subject), ("preheader", wording.preheader)):
        for name in sorted(used(source)):
            field = fields.FIELDS.get(name)
            if field is not None and field.is_personal:
                message = f"The {place} shows on locked screens; {field.label.lower()} may not stand in it."
                yield Finding("E-04", "error", place, message, "Say it without the person's name.")


def conditions(wording: Wording) -> Iterator[Finding]:
    """Words about somebody's health where others read them."""
    for place, source in (("subject", wording.subject), ("preheader", wording.preheader)):
        for word in condition_words(source):
            message = f"“{word}” in the {place} tells others about somebody's health."
            yield Finding("E-04", "error", place, message, "Keep it neutral; say it inside the message.")
    for place, what, source in _outside(wording):
        for word in condition_words(source):
            message = f"“{word}” in {what} tells others about somebody's health."
            yield Finding("E-04", "error", place, message, _REMEDY[place])


def quiet(wording: Wording) -> Iterator[Finding]:
    """X-02: words for a delicate class may not name it before they are opened."""
    for place, what, source in (
        ("subject", "the subject", wording.subject),
        ("preheader", "the preheader", wording.preheader),
        *_outside(wording),
    ):
        for word in quiet_words(source, wording.data_classes):
            message = f"“{word}” in {what} gives a delicate matter away before the message is opened."
            yield Finding("X-02", "error", place, message, "Say “a message from your care team” or the like.")


def quiet_words(text: str, data_classes: Iterable[str]) -> list[str]:
    """Words that name a delicate service without naming an illness, of the classes that a text is about."""
    wanted = [one for one in sorted(data_classes) if one in QUIET]
    return sorted({hit.group(0) for one in wanted for hit in _quiet(one).finditer(text)})


def condition_words(text: str) -> list[str]:
    """Words about conditions, drugs and procedures in a text, as they stand there."""
    return [hit.group(0) for hit in _conditions().finditer(text)]


_REMEDY = {
    "link": "Use an address without it.",
    "picture": "Give the picture's file a neutral name.",
    "alt": "Describe what is seen without naming it.",
}


def _outside(wording: Wording) -> Iterator[tuple[str, str, str]]:
    """(place, in words, its words) of what leaves the letter: addresses of links and pictures, and words for a picture."""
    for href in HREFS.findall(wording.mjml):
        yield "link", "the address of a link", spaced(href)
    for source in SOURCES.findall(wording.mjml):
        yield "picture", "the file name of a picture", spaced(source)
    for alt in ALTS.findall(wording.mjml):
        yield "alt", "the words for a picture", alt


def spaced(address: str) -> str:
    """An address as words."""
    return re.sub(r"[-_/?=&.+]", " ", unquote(address))


@lru_cache(maxsize=1)
def _conditions() -> re.Pattern[str]:
    lines = (HERE / "condition_words.txt").read_text().splitlines()
    return _any([line.strip() for line in lines if line.strip() and not line.startswith("#")])


@lru_cache(maxsize=32)
def _quiet(name: str) -> re.Pattern[str]:
    return _any(list(QUIET[name]))


def _any(stems: list[str]) -> re.Pattern[str]:
    ways = "|".join(re.escape(one).replace(r"\*", r"\w*") for one in stems)
    return re.compile(rf"\b(?:{ways})\b", re.IGNORECASE)


RULES = (
    Rule(
        "E-04 names", "privacy", "No name and nothing of a person in subject and preheader", "45 CFR 164.502", personal
    ),
    Rule(
        "E-04 conditions",
        "privacy",
        "No condition, drug or procedure in subject, preheader, links, file names, words for pictures",
        "45 CFR 164.502",
        conditions,
    ),
    Rule(
        "X-02", "privacy", "Words for a delicate class name it nowhere before they are opened", "House rule X-02", quiet
    ),
)
