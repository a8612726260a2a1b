"""What was typed into the search field: pure reading of text into terms. Nothing here touches the database."""

import re
from dataclasses import dataclass, field
from datetime import date

from rapport.people import contact, names, tokens

_DATE = re.compile(r"(?<![\d/-])(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2}))(?![\d/-])")
_NUMBER = re.compile(r"(?<![\w-])\+?[\d(][\d().\s-]{2,}\d(?![\w-])")
_EMAIL = re.compile(r"\S+@\S*")
_CODE = re.compile(r"(?=\S*\d)[\w-]{4,}")
MOST_TERMS = 6


@dataclass(frozen=True)
class Asked:
    """Each term is a set of tokens of which a person must have one; all terms must hold. `whole` ranks, it doesn't filter."""

    terms: tuple[frozenset[int], ...] = ()
    whole: frozenset[int] = frozenset()
    born: date | None = None
    kinds: tuple[str, ...] = field(default=())

    @property
    def nothing(self) -> bool:
        return not self.terms and self.born is None


def read(text: str, today: date) -> Asked:
    """Words of a name in any order, the start of a word, a phone, an e-mail, an MRN, a birth date; several of them together.

    A two-figure year is taken for the latest one that has been.
    """
    rest, born = _take_date(text.strip()[:200], today)
    terms: list[frozenset[int]] = []
    whole: set[int] = set()
    kinds = ["birth date"] if born else []
    for found in _EMAIL.findall(rest):
        terms.append(_email(found))
        kinds.append("e-mail")
    rest = _EMAIL.sub(" ", rest)
    for found in _NUMBER.findall(rest):
        terms.append(frozenset({tokens.phone_token(tokens.local_digits(found)), tokens.of_identifier(found)}))
        kinds.append("number")
    rest = _NUMBER.sub(" ", rest)
    for found in _CODE.findall(rest):
        terms.append(frozenset({tokens.of_identifier(found)}))
        kinds.append("identifier")
    rest = _CODE.sub(" ", rest)
    for word in [word for word in names.plain(rest).split() if len(word) >= tokens.SHORTEST][:MOST_TERMS]:
        exact = tokens.whole(word)
        terms.append(frozenset({exact} if len(word) > tokens.LONGEST else {exact, tokens.prefix(word)}))
        whole.add(exact)
        kinds.append("name")
    return Asked(tuple(terms), frozenset(whole), born, tuple(kinds))


def _email(found: str) -> frozenset[int]:
    point = contact.email(found)
    value = point.value if point else found.lower()
    return frozenset({tokens.email_token(value if value.partition("@")[2] else value.removesuffix("@"))})


def _take_date(text: str, today: date) -> tuple[str, date | None]:
    found = _DATE.search(text)
    if not found:
        return text, None
    year, month, day, us_month, us_day, us_year = found.groups()
    try:
        if year:
            born = date(int(year), int(month), int(day))
        else:
            born = date(_full_year(us_year, int(us_month), int(us_day), today), int(us_month), int(us_day))
    except ValueError:
        return text, None
    return text[: found.start()] + " " + text[found.end() :], born


def _full_year(typed: str, month: int, day: int, today: date) -> int:
    if len(typed) == 4:
        return int(typed)
    century = today.year - today.year % 100
    year = century + int(typed)
    return year - 100 if (year, month, day) > (today.year, today.month, today.day) else year
