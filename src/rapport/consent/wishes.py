"""What a few words mean: stop, help, start, keep only this, or none of these. Typed or spoken, English or Spanish.

The phrases are rules (`rules/wishes.yaml`); this module only compares. Nothing but letters and digits counts: case, accents,
punctuation, blanks and emoji never change the answer. What might be a stop and is not surely one asks for a person (`review`).
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Literal

import msgspec

from rapport.consent import rules
from rapport.consent.rules import Rule

Kind = Literal["stop", "help", "start", "narrow", "none"]
ORDER: tuple[Kind, ...] = ("stop", "narrow", "help", "start")  # the first that fits is meant
LONGEST = 4_000  # letters looked at; a text message has at most 1,600
SLIP = 0.85  # what a typing error leaves of the confidence
_SHORT, _LONG = 4, 9  # from so many letters on one slip, two slips may be forgiven
_PIECES = re.compile(r"\.\.\.?|!\(|[()\[\]|^$]|[^\s()\[\]|^$.!]+")
_SYNTAX = {
    "(": "(?:",
    ")": ")",
    "[": "(?:",
    "]": ")?",
    "|": "|",
    "^": "^",
    "$": "$",
    "!(": "(?!",
    "..": r"(?:\w+ ){0,2}",
    "...": r"(?:\w+ ){0,4}",
}
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")


class Wish(msgspec.Struct, frozen=True):
    """What was understood. `confidence` is 0 to 1; `matched` the phrase of the rule, never the person's own words.

    `scope`: what the words speak about (all, care, appointment, a topic); empty when they do not say.
    `review`: a person should look at it before anything else, whatever the kind.
    """

    kind: Kind
    confidence: float
    matched: str = ""
    scope: str = ""
    rule: str = ""
    rule_version: int = 0
    language: str = ""
    review: bool = False


NOTHING = Wish("none", 0.0)


class _Phrases(msgspec.Struct, frozen=True):
    """One row, ready to compare."""

    rule: Rule
    patterns: tuple[tuple[str, re.Pattern[str]], ...]

    @property
    def parameters(self) -> dict:
        return self.rule.parameters

    def wish(self, kind: Kind, phrase: str, *, slips: bool = False) -> Wish:
        told = self.parameters
        return Wish(
            kind=kind,
            confidence=round(told["confidence"] * (SLIP if slips else 1.0), 2),
            matched=phrase,
            scope=told.get("scope", ""),
            rule=self.rule.id,
            rule_version=self.rule.version,
            language=told.get("language", ""),
            review=told.get("review", False),
        )


class _Book(msgspec.Struct, frozen=True):
    """Every row of one day, by what it is for."""

    wishes: tuple[_Phrases, ...]
    first: tuple[_Phrases, ...]
    innocent: tuple[_Phrases, ...]
    alarms: tuple[_Phrases, ...]
    courtesies: frozenset[str]
    lookalikes: frozenset[str]


def read(text: str, *, spoken: bool = False, on: date | None = None) -> Wish:
    """What these words mean, by the rules of a day (`on`; the newest rules when it is not given). `spoken`: from a transcript."""
    book = _book(on)
    words = plain(text)
    rest, vetoed = _without(words, book.first)
    found = _best(rest, book, spoken=spoken)
    if found is not None:
        return msgspec.structs.replace(found, review=found.review or (vetoed is not None and vetoed.review))
    if vetoed is not None:
        return vetoed
    calm, innocent = _without(words, book.innocent)
    alarm = _within(calm, book.alarms)
    if alarm is not None:
        return msgspec.structs.replace(alarm, review=True)
    return innocent or NOTHING


def plain(text: str) -> str:
    """Small letters without accents, one blank after each word; single letters in a row are one word (s.t.o.p.)."""
    flat = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text[:LONGEST])).casefold()
    kept = (one for one in flat if unicodedata.category(one) not in {"Mn", "Cf"})
    words = "".join(one if one.isascii() and one.isalnum() else " " for one in kept).split()
    if len(words) > 2 and all(len(one) == 1 for one in words):
        words = ["".join(words)]
    return "".join(f"{one} " for one in words)


def _best(words: str, book: _Book, *, spoken: bool) -> Wish | None:
    command = _command(words, book.courtesies)
    for kind in ORDER:
        rows = [one for one in book.wishes if one.parameters["wish"] == kind]
        rows = [one for one in rows if not (spoken and one.parameters.get("typed_only"))]
        for row in rows:
            found = _alone(row, (words, command), kind) if row.parameters["how"] == "alone" else _in(row, words, kind)
            if found is not None:
                return found
        if not spoken:
            slipped = next((one for row in rows if (one := _slipped(row, words, command, book, kind))), None)
            if slipped is not None:
                return slipped
    return None


def _alone(row: _Phrases, texts: Sequence[str], kind: Kind) -> Wish | None:
    for phrase, pattern in row.patterns:
        if any(pattern.fullmatch(one) for one in texts):
            return row.wish(kind, phrase)
    return None


def _in(row: _Phrases, words: str, kind: Kind) -> Wish | None:
    for phrase, pattern in row.patterns:
        if pattern.search(words):
            return row.wish(kind, phrase)
    return None


def _within(words: str, rows: Sequence[_Phrases]) -> Wish | None:
    return next((found for row in rows if (found := _in(row, words, "none"))), None)


def _without(words: str, rows: Sequence[_Phrases]) -> tuple[str, Wish | None]:
    """The text with these phrases taken out, and what the gravest of them says."""
    said: Wish | None = None
    for row in rows:
        for phrase, pattern in row.patterns:
            left = pattern.sub("", words)
            if left == words:
                continue
            words = left
            if said is None or row.parameters.get("review"):
                said = row.wish("none", phrase)
    return words, said


def _slipped(row: _Phrases, words: str, command: str, book: _Book, kind: Kind) -> Wish | None:
    """A single command word with a slip of the finger; inside a sentence only long words."""
    if not row.parameters.get("typos"):
        return None
    written = command.split()
    alone = row.parameters["how"] == "alone"
    if alone and len(written) != 1:
        return None
    for phrase in row.parameters["phrases"]:
        if " " in phrase or len(phrase) < (_SHORT if alone else _LONG):
            continue
        slips = 2 if len(phrase) >= _LONG else 1
        for word in written if alone else words.split():
            if word not in book.lookalikes and slips_between(word, phrase) <= slips:
                return row.wish(kind, phrase, slips=True)
    return None


def _command(words: str, courtesies: frozenset[str]) -> str:
    """The words without courtesies and repetitions: "STOP stop please" is "stop"."""
    kept: list[str] = []
    for word in words.split():
        if word not in courtesies and kept[-1:] != [word]:
            kept.append(word)
    return "".join(f"{one} " for one in kept)


def slips_between(word: str, meant: str) -> int:
    """How many slips of a finger lie between two words: a letter left out, added, taken for another, or two swapped."""
    if abs(len(word) - len(meant)) > 2:
        return 9
    before: list[int] = []
    last = list(range(len(meant) + 1))
    for row, letter in enumerate(word, 1):
        this = [row]
        for column, other in enumerate(meant, 1):
            cost = min(last[column] + 1, this[-1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == meant[column - 2] and word[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            this.append(cost)
        before, last = last, this
    return last[-1]


def _pattern(phrase: str) -> re.Pattern[str]:
    parts = (_SYNTAX.get(piece) or f"{re.escape(piece)} " for piece in _PIECES.findall(phrase))
    return re.compile(f"(?<![^ ])(?:{''.join(parts)})")


@lru_cache(maxsize=16)
def _book(on: date | None) -> _Book:
    rows = [one for one in rules.rows() if one.kind == "wish" and _holds(one, on)]
    read_rows = [_Phrases(one, tuple((text, _pattern(text)) for text in one.parameters["phrases"])) for one in rows]

    def of(*wishes: str, first: bool = False) -> tuple[_Phrases, ...]:
        return tuple(
            one
            for one in read_rows
            if one.parameters["wish"] in wishes and bool(one.parameters.get("first", False)) == first
        )

    def words(wish: str) -> frozenset[str]:
        return frozenset(text for one in of(wish) for text in one.parameters["phrases"])

    return _Book(of(*ORDER), of("none", first=True), of("none"), of("alarm"), words("courtesy"), words("lookalike"))


def _holds(rule: Rule, on: date | None) -> bool:
    return rule.is_in_force(on) if on is not None else rule.effective_to is None
