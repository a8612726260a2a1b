"""How delicate a code is, by the sets of `rules/data_classes.yaml`. Pure; asked for every event and fact on arrival.

- Of several codes on one record the strictest class wins.
- A drug is also asked by its name, and so is whatever came without a code that we know: the words give the class away.
- A code of an unknown system and what is no code at all is general: nothing can be chosen by it, and its words were asked.
- A criterion is as delicate as every code it may match: a beginning that covers a delicate code touches its class.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from rapport.consent import rules as rulebook
from rapport.consent.codes import Code, CodeSet

GENERAL = "general"
END_OF_LIFE = "end_of_life"
# Of several classes on one record the one with the strictest rules wins.
STRICTNESS = (
    GENERAL, END_OF_LIFE, "consumer_health", "genetic", "reproductive", "hiv_sti", "mental_health", "minor_confidential", "abuse",
    "psychotherapy_notes", "sud_part2",
)  # fmt: skip
_RANK = {name: rank for rank, name in enumerate(STRICTNESS)}
_WORD = re.compile(r"[^\W\d_][\w]*")


class Touched(msgspec.Struct, frozen=True, order=True):
    """A class that a criterion may match, and one code that shows it."""

    data_class: str
    system: str
    code: str


class _Sets(msgspec.Struct, frozen=True):
    codes: CodeSet
    names: dict[str, str]
    tags: dict[str, str]
    edition: str


def class_of(codes: Iterable[Code], names: Iterable[str] = ()) -> str:
    """The strictest class among these (system, code) and the words of these names."""
    sets = _sets()
    strictest = GENERAL
    for system, code in codes:
        found = sets.codes.find(system, code)
        if found is not None:
            strictest = stricter(strictest, sets.tags.get(found, found))
    for name in names:
        strictest = stricter(strictest, sets.tags.get(found := _of_name(name, sets), found))
    return strictest


def stricter(one: str, other: str) -> str:
    """Of two classes the one with the stricter rules; a class we don't know counts as strict."""
    return other if _RANK.get(other, len(STRICTNESS)) > _RANK.get(one, len(STRICTNESS)) else one


def is_known(system: str) -> bool:
    """Whether the sets speak about this system, so that a code of it which is not in them is general."""
    return system in _KNOWN_SYSTEMS


def names_asked(kind: str, label: str, codes: Iterable[Code]) -> tuple[str, ...]:
    """The words of a record that count beside its codes: a drug's name, and whatever has no code that says what it is."""
    if label and (kind == "medication" or not any(system in _KNOWN_SYSTEMS for system, _ in codes)):
        return (label,)
    return ()


def touched(system: str, code: str, *, by_beginning: bool = False) -> frozenset[Touched]:
    """Every delicate class that a criterion on this code (or on all codes that begin so) may match, with a code of it each."""
    sets = _sets()
    found = sets.codes.find(system, code)
    classes = {found: code} if found not in {None, GENERAL} else {}
    if by_beginning:
        for one, data_class in sorted(sets.codes.below(system, code).items()):
            if data_class != GENERAL:
                classes.setdefault(data_class, one)
    return frozenset(Touched(str(data_class), system, one) for data_class, one in classes.items())


def edition() -> str:
    """Names the sets as they stand: another edition means that what is known must be tagged again."""
    return _sets().edition


def _of_name(name: str, sets: _Sets) -> str:
    words = [word.lower() for word in _WORD.findall(name or "")]
    found = [sets.names[word] for word in words if word in sets.names]
    if not found or GENERAL in found:
        return GENERAL  # a name that lifts (nirmatrelvir beside ritonavir) says what the drug is for
    return max(found, key=lambda one: _RANK.get(one, len(STRICTNESS)))


@lru_cache(maxsize=1)
def _sets() -> _Sets:
    """The newest rows: one of each class."""
    newest: dict[str, rulebook.Rule] = {}
    for row in rulebook.rows():
        if row.kind == "data_class" and row.effective_to is None:
            name = row.parameters["data_class"]
            if name not in newest or row.version > newest[name].version:
                newest[name] = row
    meanings: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for data_class in sorted(newest, key=lambda one: _RANK.get(one, len(STRICTNESS))):
        told = newest[data_class].parameters
        for system, codes in told["code_sets"].items():
            meanings.setdefault(system, {}).update(dict.fromkeys(map(str, codes), data_class))
        names.update({str(word).lower(): data_class for word in told.get("names", ())})
    digest = hashlib.sha256(msgspec.json.encode([meanings, names], order="deterministic")).hexdigest()
    return _Sets(
        codes=CodeSet(meanings),
        names=names,
        tags={one: row.parameters["tag"] for one, row in newest.items() if "tag" in row.parameters},
        edition=f"codes-{digest[:16]}",
    )


_KNOWN_SYSTEMS = frozenset({"icd10cm", "snomed", "rxnorm", "loinc", "cpt", "hcpcs", "cvx"})
