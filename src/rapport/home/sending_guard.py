"""The name guard: is this the person who stands before me? Pure functions over names.

Two people of similar name on one day are the common way to write to the wrong one. Odd capitals in a name are the common way to
greet somebody as “Dear PAT”.
"""

import re
from difflib import SequenceMatcher

from rapport.people import names
from rapport.people.queries import Name

CLOSE = 0.82  # of the letters of two whole names, in their order
PARTICLES = frozenset(
    ["af", "al", "av", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e", "el", "i",
     "ibn", "la", "las", "le", "los", "ten", "ter", "van", "von", "y", "zu"]
)  # fmt: skip
_JOINED = re.compile(r"(?:Mc|Mac|De|Del|Des|Di|Du|Fitz|La|Le|Lo|Van|Von)[A-Z][^A-Z]*")
_NUMERALS = frozenset(["II", "III", "IV", "MD", "DO", "RN", "PhD"])
_WORD = re.compile(r"[^\W\d_]+")
INITIALS = 2  # letters that may stand in capitals: JJ


def alike(one: Name, other: Name) -> bool:
    """Whether a hurried reader could take one for the other: nearly the same letters, the same two names turned round, or the
    same family and the same first letter."""
    mine, theirs = (names.plain(f"{each.called} {each.family}") for each in (one, other))
    if not mine or not theirs:
        return False
    if sorted(mine.split()) == sorted(theirs.split()):
        return True
    same_family = names.plain(one.family) == names.plain(other.family) != ""
    if same_family and _first(one.called) == _first(other.called) != "":
        return True
    return SequenceMatcher(None, mine, theirs, autojunk=False).ratio() >= CLOSE


def odd_capitals(text: str) -> str:
    """The name as it is probably meant, when its capitals are odd; empty when they are as names are written."""
    meant = _WORD.sub(lambda found: _meant(found[0]), text)
    return meant if meant != text else ""


def _meant(word: str) -> str:
    if word.upper() == word.lower() or word in PARTICLES or word in _NUMERALS:
        return word  # a script without capitals, or a word that is written like this
    if word[0].isupper() and word[1:] == word[1:].lower():
        return word
    if _JOINED.fullmatch(word) or (word.isupper() and len(word) <= INITIALS):
        return word
    return word.capitalize()


def _first(text: str) -> str:
    return names.plain(text)[:1]
