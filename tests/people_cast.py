"""People for tests: made through the real door, with names nobody has."""

import itertools
from datetime import UTC, date, datetime

from rapport.people import identity
from rapport.people.models import Person
from rapport.people.records import PersonRecord

_numbers = itertools.count(1)
LONG_AGO = datetime(2024, 1, 2, 15, 0, tzinfo=UTC)


def person(*, now: datetime = LONG_AGO, source: str = "test", **fields) -> Person:
    """A person as a source would tell her. Everything not said is made up and different every time."""
    number = next(_numbers)
    record = {
        "identifiers": (("test:Patient", f"P{number}"), ("urn:test:mrn", f"MRN-{number:06}")),
        "given": "Testa",
        "family": f"Persona{_letters(number)}",
        "birth_date": date(1970, 5, 17),
        "sex": "F",
        "language": "en",
        "street": f"{number} Elm Street",
        "city": "Lowell",
        "state": "MA",
        "zip5": "01852",
        "emails": (f"testa.{number}@mail.example",),
        "phones": ((f"978-453-{number % 10000:04}", "mobile"),),
    } | fields
    (match,) = identity.identify(records=[PersonRecord(**record)], source=source, now=now)
    assert match.person_id is not None, match.reasons
    return Person.objects.get(pk=match.person_id)


def _letters(number: int) -> str:
    """1 -> a, 27 -> aa: family names without digits."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(97 + rest) + found
    return found


def pat() -> Person:
    """A patient who consents."""
    return person(given="Pat", family="Rivera", birth_date=date(1971, 3, 8), emails=("pat.rivera@mail.example",))


def quinn() -> Person:
    """A patient who has withdrawn."""
    return person(given="Quinn", family="Okafor", birth_date=date(1964, 11, 30), emails=("quinn.okafor@mail.example",))
