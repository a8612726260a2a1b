"""Value sets: codes that are chosen as one thing ("Mammogram", "Diabetes"), from the YAML files beside this one. Pure; read once.

A set has a slug that segments name and that never changes, a name in English and Spanish, other words it is found by (`also`), the
`source` of its codes, and `unverified: true` where a part of them is from a secondary list or from memory.

- `codes`: system -> codes, either a list or each with short words of our own. An ICD-10-CM code counts as a beginning, as
  everywhere in the house (`consent.codes`), and so does what an asterisk ends; any other is the whole code.
- `takes`: codes that a rule of `consent/rules` has already, so that nothing stands twice: all of its codes, or those that show
  that a programme is `done`, or those that exclude from it for ever (`excluded_by`).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml

from rapport.consent import code_classes
from rapport.consent import rules as rulebook
from rapport.consent.codes import BY_BEGINNING
from rapport.segments.language.nodes import CodeIs

FOLDER = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Key = tuple[str, str]


class BrokenValueSet(ValueError):
    """A file of value sets that can't be read; the program must not offer half of it."""


class ValueSet(msgspec.Struct, frozen=True):
    """One set. `words`: (system, code) -> our short words for it, where there are any."""

    slug: str
    name: str
    name_es: str
    codes: tuple[CodeIs, ...]
    also: str
    source: str
    unverified: bool
    words: Mapping[Key, str]

    def name_in(self, language: str) -> str:
        return self.name_es if language.startswith("es") else self.name

    @property
    def data_classes(self) -> tuple[str, ...]:
        """Every delicate class that a code of it may match: what a purpose is asked about."""
        touched = {
            one.data_class
            for code in self.codes
            for one in code_classes.touched(code.system, code.code, by_beginning=code.prefix)
        }
        return tuple(sorted(touched))


class _Take(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rule: str
    done: str = ""
    excluded_by: bool = False


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    slug: str
    name: str
    name_es: str
    source: str
    also: str = ""
    unverified: bool = False
    takes: tuple[_Take, ...] = ()
    codes: dict[str, list[str] | dict[str, str]] = {}


def all_sets() -> tuple[ValueSet, ...]:
    """Every set, by name."""
    return tuple(_sets().values())


def get(slug: str) -> ValueSet:
    """Raises KeyError for a slug that no set has."""
    return _sets()[slug]


def find(text: str, limit: int = 12) -> list[ValueSet]:
    """Sets by words of either name, of `also` or of the slug, in any order; beginnings suffice. First those that are named so."""
    words = _words(text)
    if not words:
        return []
    found = []
    for one in all_sets():
        named = _words(f"{one.name} {one.name_es}")
        known = [*named, *_words(f"{one.also} {one.slug}")]
        if all(any(has.startswith(word) for has in known) for word in words):
            by_name = sum(any(has.startswith(word) for has in named) for word in words)
            found.append((-by_name, not named[0].startswith(words[0]), len(named), one.name, one))
    return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:-1])[:limit]]


def words_of(system: str, code: str) -> str:
    """Our short words for a code, where a set has some; else empty."""
    return _all_words().get((system, code), "")


def worded() -> Mapping[Key, str]:
    """Every code for which a set has words."""
    return _all_words()


@cache
def _sets() -> dict[str, ValueSet]:
    found: dict[str, ValueSet] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        try:
            told = msgspec.convert(yaml.load(file.read_bytes(), Loader=_LOADER), list[_Told])  # noqa: S506 - both are safe
        except (msgspec.ValidationError, yaml.YAMLError) as wrong:
            raise BrokenValueSet(f"{file.name}: {wrong}") from None
        for one in told:
            if one.slug in found:
                raise BrokenValueSet(f"{file.name}: two sets are called {one.slug}")
            found[one.slug] = _made(one)
    return dict(sorted(found.items(), key=lambda item: item[1].name))


def _made(told: _Told) -> ValueSet:
    words = dict(_told_codes(told))
    if not words:
        raise BrokenValueSet(f"{told.slug}: a set without codes")
    return ValueSet(
        slug=told.slug,
        name=told.name,
        name_es=told.name_es,
        codes=tuple(_code(system, code) for system, code in sorted(words)),
        also=told.also,
        source=told.source,
        unverified=told.unverified,
        words={(system, code.rstrip("*")): said for (system, code), said in words.items() if said},
    )


def _told_codes(told: _Told) -> Iterator[tuple[Key, str]]:
    """((system, code), our words or nothing), the codes of rules first."""
    for take in told.takes:
        yield from _of_rule(take)
    for system, codes in told.codes.items():
        said = codes if isinstance(codes, dict) else dict.fromkeys(codes, "")
        yield from (((system, code), words) for code, words in said.items())


def _of_rule(take: _Take) -> Iterator[tuple[Key, str]]:
    rows = [row for row in rulebook.rows() if row.id == take.rule]
    if not rows:
        raise BrokenValueSet(f"No rule is called {take.rule}")
    told = max(rows, key=lambda row: row.version).parameters
    if take.done:
        parts = [part["codes"] for part in told["done"] if part["words"] == take.done]
    elif take.excluded_by:
        parts = [told["excluded_by"]]
    else:
        parts = [told.get("code_sets") or told["codes"]]
    if not parts:
        raise BrokenValueSet(f"{take.rule} has no part called “{take.done}”")
    for system, codes in parts[0].items():
        said = codes if isinstance(codes, dict) else dict.fromkeys(codes, "")
        yield from (((system, str(code)), words) for code, words in said.items())


def _code(system: str, code: str) -> CodeIs:
    bare = code.rstrip("*")
    return CodeIs(system=system, code=bare, prefix=system in BY_BEGINNING or bare != code)


@cache
def _all_words() -> dict[Key, str]:
    return {key: words for one in all_sets() for key, words in one.words.items()}


def _words(text: str) -> list[str]:
    """In small letters and without accents, so that "cirugia" finds "Cirugía"."""
    bare = "".join(one for one in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(one))
    return re.findall(r"[^\W_]+", bare)
