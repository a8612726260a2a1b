"""Codes by words from the references that ship with the program: ICD-10-CM, and the codes for which our value sets have words.

They are offered after the codes that our own people have. What stands high in ICD-10-CM (M17) is offered with everything below it,
because nobody's record carries it alone.
"""

from dataclasses import dataclass, replace
from functools import cache

from rapport.consent import code_classes
from rapport.segments import value_sets
from rapport.segments.catalogue import SYSTEM, Entry, catalogue
from rapport.segments.catalogue.index import words_of

KEPT_FOR_WORDED = 4
# What a code of a system can be on the timeline; a system that stands nowhere here can be anything.
KINDS = {
    "icd10cm": {"condition", "claim"},
    "cpt": {"procedure", "claim"},
    "hcpcs": {"procedure", "claim"},
    "icd10pcs": {"procedure", "claim"},
    "loinc": {"observation", "procedure"},
    "cvx": {"immunization"},
    "rxnorm": {"medication"},
    "snomed": {"condition", "procedure", "observation"},
}


@dataclass(frozen=True)
class CodeFound:
    """A code to choose: written `system|code` in forms, and `system|code|prefix` when it stands for all that begin so."""

    system: str
    code: str
    label: str
    kind: str
    data_class: str
    prefix: bool = False
    ours: bool = True

    @property
    def key(self) -> str:
        return f"{self.system}|{self.code}{'|prefix' if self.prefix else ''}"


def find(text: str, kind: str = "", limit: int = 12) -> list[CodeFound]:
    """Codes by words or by their beginning: most from ICD-10-CM, and at the end some of those that value sets have words for."""
    worded = [one for one in _worded(text) if _can_be(one.system, kind)]
    listed = [_of_catalogue(one) for one in catalogue().find(text, limit)] if _can_be(SYSTEM, kind) else []
    found = [*listed[: limit - min(len(worded), KEPT_FOR_WORDED)], *worded][:limit]
    return [replace(one, data_class=class_of(one)) for one in found]


def label(system: str, code: str) -> str:
    """What a code is, in the words of the reference; empty for one that no reference has."""
    return catalogue().label(code) if system == SYSTEM else value_sets.words_of(system, code)


def class_of(one: CodeFound) -> str:
    """The strictest class that a code, or everything that begins so, may match."""
    found = "general"
    for touch in code_classes.touched(one.system, one.code, by_beginning=one.prefix):
        found = code_classes.stricter(found, touch.data_class)
    return found


def _of_catalogue(one: Entry) -> CodeFound:
    return CodeFound(SYSTEM, one.code, one.label, "", "general", prefix=catalogue().covers(one.code) > 1, ours=False)


def _worded(text: str) -> list[CodeFound]:
    words = words_of(text)
    if not words:
        return []
    found = []
    for (system, code), (said, written) in _searched().items():
        if all(any(has.startswith(word) for has in said) for word in words) or code.lower().startswith(
            text.strip().lower()
        ):
            found.append(CodeFound(system, code, written, "", "general", ours=False))
    return sorted(found, key=lambda one: (one.system == "snomed", len(one.label), one.system, one.code))


@cache
def _searched() -> dict[tuple[str, str], tuple[frozenset[bytes], str]]:
    """The words of each code that has some and stands in no list of ours, and those words as they are written."""
    whole = {(one.system, one.code) for every in value_sets.all_sets() for one in every.codes if not one.prefix}
    return {
        key: (frozenset(words_of(words)), words[:1].upper() + words[1:])
        for key, words in value_sets.worded().items()
        if key in whole
    }


def _can_be(system: str, kind: str) -> bool:
    return not kind or kind in KINDS.get(system, {kind})
