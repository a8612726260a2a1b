"""Whom does a line of a list mean? By exact identifiers alone, and only where exactly one person in sight answers to them.

- Everything a line says must fit the same person (a name beside a number alone is not compared). A number that nobody has is
  not made up for by an e-mail address: the line may be about somebody we do not know.
- Of an address that several share nobody is meant, unless the name on the line says which of them.
- A record that was merged means the one it became. The dead and the erased are nobody.

Reads only blind indexes; nothing that was asked is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec
from django.db import connection

from rapport.people import contact, tokens
from rapport.people.draft import number_digest
from rapport.people.known import known_owners, merged_into
from rapport.people.models import FindKeys, Person

CHUNK = 1_000
_SYSTEMS = """
WITH RECURSIVE known AS (
    (SELECT system FROM people_identifier ORDER BY system LIMIT 1)
    UNION ALL
    SELECT (SELECT i.system FROM people_identifier i WHERE i.system > known.system ORDER BY i.system LIMIT 1)
    FROM known WHERE known.system IS NOT NULL
) SELECT system FROM known WHERE system IS NOT NULL
"""
_POINTS = """
SELECT c.kind, c.digest, c.person_id FROM unnest(%s::text[], %s::bytea[]) AS asked (kind, digest)
JOIN people_contactpoint c ON c.kind = asked.kind AND c.digest = asked.digest
"""


class Pointer(msgspec.Struct, frozen=True, kw_only=True):
    """What one line says about a person. What it leaves out is empty."""

    person_id: int | None = None
    system: str = ""
    number: str = ""
    email: str = ""
    phone: str = ""
    given: str = ""
    family: str = ""
    birth_date: date | None = None
    sex: str = ""


class Meant(msgspec.Struct, frozen=True):
    """The person who is meant, or why nobody is: unknown, several, contradictory, deceased, unreadable, too_little."""

    person_id: int | None
    problem: str = ""


def meant(pointers: Sequence[Pointer]) -> list[Meant]:
    """One answer a line, in order. A fixed number of queries for every thousand lines."""
    found: list[Meant] = []
    systems = _systems() if any(one.number and not one.system for one in pointers) else []
    for start in range(0, len(pointers), CHUNK):
        found += _meant(pointers[start : start + CHUNK], systems)
    return found


def _meant(pointers: Sequence[Pointer], systems: Sequence[str]) -> list[Meant]:
    asked = [_clues(one, systems) for one in pointers]
    numbers = {clue[1:] for clues in asked for group in clues for clue in group if clue[0] == "number"}
    points = {clue[1:] for clues in asked for group in clues for clue in group if clue[0] == "point"}
    keys = {clue[1] for clues in asked for group in clues for clue in group if clue[0] == "key"}
    ids = {clue[1] for clues in asked for group in clues for clue in group if clue[0] == "id"}
    answers: dict[tuple, set[int]] = {("id", one): {one} for one in ids}
    answers |= {("number", *number): {person} for number, person in known_owners(numbers).items()}
    for kind, digest, person in _points(points):
        answers.setdefault(("point", kind, bytes(digest)), set()).add(person)
    for key, people in _keys(keys).items():
        answers["key", key] = people
    everybody = {person for people in answers.values() for person in people}
    became = merged_into(list(everybody))
    heads = {person: became.get(person, person) for person in everybody}
    seen = dict(Person.objects.filter(pk__in=set(heads.values()), erased_at=None).values_list("pk", "deceased_at"))
    return [_decided(one, clues, answers, heads, seen) for one, clues in zip(pointers, asked, strict=True)]


def _decided(
    one: Pointer,
    clues: list[list[tuple]],
    answers: dict[tuple, set[int]],
    heads: dict[int, int],
    seen: Mapping[int, object],
) -> Meant:
    if not clues:
        said = one.email or one.phone
        return Meant(None, "unreadable" if said else "too_little")
    groups = []
    for group in clues:
        people = {heads[person] for clue in group for person in answers.get(clue, ()) if heads[person] in seen}
        if not people:
            return Meant(None, "unknown")
        groups.append(people)
    both = set.intersection(*groups)
    if not both:
        return Meant(None, "contradictory")
    if len(both) > 1:
        return Meant(None, "several")
    (person,) = both
    return Meant(None, "deceased") if seen[person] is not None else Meant(person)


def _clues(one: Pointer, systems: Sequence[str]) -> list[list[tuple]]:
    """What the line says, as look-ups. Of the look-ups in one group any may find the person; every group must."""
    found: list[list[tuple]] = []
    if one.person_id is not None:
        found.append([("id", one.person_id)])
    if one.number.strip():
        named = [one.system] if one.system else systems
        found.append([("number", system, number_digest(system, one.number)) for system in named])
    points = [point for point in (contact.email(one.email), contact.phone(one.phone)) if point and not point.problem]
    found += [[("point", point.kind, point.digest())] for point in points]
    for sex in [one.sex] if one.sex in {"F", "M", "O"} else ["F", "M", "O"]:
        keys = tokens.match_keys(one.given, one.family, one.birth_date, sex, points)
        if keys and found and not points:
            break  # the number decides; a name alone proves nothing beside it
        if keys:
            found.append([("key", key) for key in keys])
    return _united(found)


def _united(found: list[list[tuple]]) -> list[list[tuple]]:
    """The keys of a name for each possible sex are one group."""
    keys = sorted({clue for group in found for clue in group if clue[0] == "key"})
    return [group for group in found if not group or group[0][0] != "key"] + ([keys] if keys else [])


def _systems() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_SYSTEMS)
        return [row[0] for row in cursor.fetchall()]


def _points(points: set[tuple]) -> list[tuple]:
    if not points:
        return []
    kinds, digests = zip(*points, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_POINTS, [list(kinds), list(digests)])
        return cursor.fetchall()


def _keys(keys: Iterable[int]) -> dict[int, set[int]]:
    wanted = set(keys)
    found: dict[int, set[int]] = {}
    if wanted:
        for person, shared in FindKeys.objects.filter(match_keys__overlap=sorted(wanted)).values_list(
            "person_id", "match_keys"
        ):
            for key in wanted & set(shared):
                found.setdefault(key, set()).add(person)
    return found
