"""Keyed tokens: what a person can be found by, and what two records must share to be one person.

A token is a keyed hash, so the index says nothing without the key of the installation. Find tokens:
- of every word of a name the whole word, and its first 2 to 12 letters (search as you type);
- of a phone number all digits, the last seven and the last four; of an e-mail address the whole and the part before the @;
- of an identifier its value without blanks and dashes.
Match keys never rest on a shared e-mail address or phone alone: the name is in each of them.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from rapport.people import names
from rapport.people.contact import Point
from rapport.trust import sealing

SHORTEST, LONGEST = 2, 12


@lru_cache(maxsize=65536)
def of_word(word: str) -> tuple[int, ...]:
    """Tokens of one word of a name: whole first, then its prefixes."""
    prefixes = [word[:n] for n in range(SHORTEST, min(len(word), LONGEST) + 1)]
    return (whole(word), *[sealing.token("find:prefix", prefix) for prefix in prefixes])


def whole(word: str) -> int:
    return sealing.token("find:word", word)


def prefix(word: str) -> int:
    return sealing.token("find:prefix", word[:LONGEST])


def of_names(texts: Iterable[str]) -> set[int]:
    return {token for text in texts for word in names.plain(text).split() for token in of_word(word)}


def of_phone(value: str) -> set[int]:
    digits = local_digits(value)
    parts = {digits, digits[-7:], digits[-4:]} if len(digits) >= 7 else {digits}
    return {phone_token(part) for part in parts if len(part) >= 4}


def phone_token(digits: str) -> int:
    return sealing.token("find:phone", digits)


def of_email(value: str) -> set[int]:
    return {email_token(part) for part in (value, value.partition("@")[0])}


def email_token(text: str) -> int:
    return sealing.token("find:email", text)


def of_identifier(value: str) -> int:
    return sealing.token("find:identifier", re.sub(r"[\W_]+", "", value).casefold())


def local_digits(value: str) -> str:
    """Digits without the country code of the NANP: +1 617 555 0100 and 617-555-0100 are one number."""
    digits = re.sub(r"\D", "", value)
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def find_tokens(texts: Iterable[str], points: Iterable[Point], identifiers: Iterable[tuple[str, str]]) -> set[int]:
    """Everything by which this person can be found."""
    found = of_names(texts)
    for point in points:
        found |= of_email(point.value) if point.kind == "email" else of_phone(point.value)
    return found | {of_identifier(value) for _, value in identifiers}


def match_keys(given: str, family: str, birth_date: date | None, sex: str, points: Iterable[Point]) -> dict[int, str]:
    """Key -> rule. Empty without a whole name: a family shares its phone, its surname and sometimes its birthday."""
    name = names.match_name(given, family)
    if not name:
        return {}
    keys = {}
    if birth_date is not None and sex != "U":
        keys[sealing.token("match:birth", f"{name}|{birth_date.isoformat()}|{sex}")] = "birth date, name and sex"
    for point in points:
        if not point.problem:
            word = "e-mail" if point.kind == "email" else "phone"
            keys[sealing.token(f"match:{point.kind}", f"{name}|{point.value}")] = f"{word} and name"
    return keys
