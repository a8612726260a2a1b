"""What the lint looks at, and what it says."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Literal

import msgspec

from rapport.content import words
from rapport.content.lint import page

Severity = Literal["error", "warning"]
COMMERCIAL_TOPICS = frozenset({"health_services", "newsletter", "fundraising", "survey"})

_LANG = re.compile(r'<mjml\b[^<>]*\blang="([^"]*)"')


class Finding(msgspec.Struct, frozen=True):
    """One thing to mend. `error` blocks publishing, `warning` does not."""

    rule: str
    severity: Severity
    place: str
    message: str
    remedy: str


class SenderState(msgspec.Struct, frozen=True):
    """What the world's name servers say of our sending domain. None: nobody has looked."""

    domain: str
    spf: bool | None = None
    dkim: bool | None = None
    dmarc: bool | None = None


class Wording(msgspec.Struct, frozen=True):
    """The words to look at. `data_classes`: delicate classes these words are about; `written_by` as on a version."""

    topic: str
    subject: str
    preheader: str
    mjml: str
    text: str
    html: str = ""
    on: date | None = None
    language: str = ""  # empty: what the letter itself says
    channel: str = "email"
    data_classes: tuple[str, ...] = ()
    written_by: str = "people"
    sender: SenderState | None = None

    @property
    def is_commercial(self) -> bool:
        return self.topic in COMMERCIAL_TOPICS

    @property
    def spoken(self) -> str:
        """The language of the words, two letters."""
        return (self.language or self.says_language or "en")[:2].lower()

    @property
    def says_language(self) -> str:
        """What the letter says of its language."""
        said = _LANG.search(self.mjml)
        return said.group(1) if said else ""

    def places(self) -> tuple[tuple[str, str], ...]:
        """Everything an author writes, by place."""
        return (("subject", self.subject), ("preheader", self.preheader), ("body", self.mjml), ("text", self.text))


Look = Callable[[Wording], Iterable[Finding]]


class Rule(msgspec.Struct, frozen=True):
    """One line of the table of rules."""

    code: str
    theme: str
    name: str
    authority: str
    look: Look


def used(source: str) -> set[str]:
    """The merge fields of a source; none where it can't be read, which is a finding of its own."""
    try:
        return words.used(source)
    except words.BrokenTemplate:
        return set()


@lru_cache(maxsize=64)
def seen(html: str) -> page.Page:
    """The compiled page, read once for all rules."""
    return page.read(html)
