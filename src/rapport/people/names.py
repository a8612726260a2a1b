"""Names as they are compared, never as they are shown: pure functions over text."""

import re
import unicodedata

SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "v", "md", "do", "phd", "dds", "rn", "esq"))
# Letters that Unicode does not decompose into a base letter and a mark.
_FOLDED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)
_APOSTROPHES = re.compile(r"['’`´ʼ]")
_GAPS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Folded for comparing: compatibility forms, case, accents and punctuation gone, words one space apart.

    >>> plain("  Íñigo  O’Brien-MÜLLER ")
    'inigo obrien muller'
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_FOLDED)
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return _GAPS.sub(" ", _APOSTROPHES.sub("", bare)).strip()


def words(text: str) -> list[str]:
    """The words of a name without titles after it ("Jr", "III", "MD"), unless nothing else is there."""
    found = plain(text).split()
    kept = [word for word in found if word not in SUFFIXES]
    return kept or found


def match_name(given: str, family: str) -> str:
    """First given name and whole family name, folded: "Mary Ann" and "Mary" agree, "Smith Jr." and "Smith" too."""
    if not (given and family):
        return ""
    first, last = words(given), words(family)
    return f"{first[0]} {''.join(last)}" if first and last else ""


def agree(one: str, other: str) -> bool:
    """Whether two names share a word of three letters or more, or are equal. An absent name contradicts nobody."""
    left, right = set(words(one)), set(words(other))
    if not left or not right or left == right:
        return True
    return any(len(word) > 2 for word in left & right)
