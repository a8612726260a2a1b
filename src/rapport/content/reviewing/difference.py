"""What changed between two wordings, word by word, as a person reads it."""

import difflib
import re
from typing import Literal

import msgspec

from rapport.content import compile as compiler
from rapport.content import plaintext
from rapport.content.models import Version

_TOKENS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\s+|[\w'’-]+|[^\w\s]", re.DOTALL)
LONGEST = 20_000  # words beyond which only lines are compared
AROUND = 40  # unchanged words shown on each side


class Part(msgspec.Struct, frozen=True):
    """A run of words that stayed, came or went."""

    kind: Literal["same", "in", "out", "gap"]
    words: str


class Place(msgspec.Struct, frozen=True):
    """One place of the wording with its parts."""

    name: str
    parts: tuple[Part, ...]

    @property
    def is_changed(self) -> bool:
        return any(one.kind in {"in", "out"} for one in self.parts)


def between(before: Version | None, after: Version) -> list[Place]:
    """Every place of both; without an earlier wording everything is new."""
    return [Place(name, tuple(compare(_of(before, name), _of(after, name)))) for name in PLACES]


PLACES = ("subject", "preheader", "letter", "text", "links")


def compare(before: str, after: str) -> list[Part]:
    """The parts of two texts; what stayed is shortened where it is long."""
    old, new = _split(before), _split(after)
    found: list[Part] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            found += _shortened(old[i:j], first=i == 0, last=j == len(old))
            continue
        if i < j:
            found.append(Part("out", "".join(old[i:j])))
        if k < m:
            found.append(Part("in", "".join(new[k:m])))
    return found


def _split(text: str) -> list[str]:
    found = _TOKENS.findall(text)
    return found if len(found) <= LONGEST else text.splitlines(keepends=True)


def _shortened(same: list[str], *, first: bool, last: bool) -> list[Part]:
    if len(same) <= 3 * AROUND:
        return [Part("same", "".join(same))]
    head = [] if first else [Part("same", "".join(same[:AROUND]))]
    tail = [] if last else [Part("same", "".join(same[-AROUND:]))]
    return [*head, Part("gap", ""), *tail]


def _of(version: Version | None, name: str) -> str:
    if version is None:
        return ""
    if name == "letter":
        return plaintext.from_html(_without_numbers(version)) if version.html else ""
    if name == "links":
        return "\n".join(one["url"] if isinstance(one, dict) else one.url for one in version.links)
    if name == "text" and version.html and not version.is_text_own:
        return ""  # made from the letter: it would say everything twice
    return str(getattr(version, name))


def _without_numbers(version: Version) -> str:
    """Tracked links are numbered, and a new link would change every number after it; they are compared by address."""
    seen = version.html.replace(compiler.TRAP, "")  # nobody sees it, so nobody reviews it
    return re.sub(r'href="\{\{ track\.link\[\d+\] \}\}"', "", seen)
