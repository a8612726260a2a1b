"""How delicate a code is: a versioned list of code sets (delicate.json), read once."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

GENERAL = "general"
# Of several classes on one record the one with the strictest rules wins.
STRICTNESS = (
    GENERAL, "consumer_health", "genetic", "reproductive", "hiv_sti", "mental_health", "minor_confidential", "abuse",
    "psychotherapy_notes", "sud_part2",
)  # fmt: skip


class CodeSets(msgspec.Struct, frozen=True):
    version: str
    prefixes: dict[str, dict[str, list[str]]]
    codes: dict[str, dict[str, dict[str, str]]]
    note: str = ""


@cache
def code_sets() -> CodeSets:
    return msgspec.json.decode(Path(__file__).with_name("delicate.json").read_bytes(), type=CodeSets)


@cache
def _whole() -> dict[tuple[str, str], str]:
    sets = code_sets().codes
    return {
        (system, code): name for system, classes in sets.items() for name, codes in classes.items() for code in codes
    }


@cache
def _prefixes() -> dict[str, tuple[tuple[str, str], ...]]:
    sets = code_sets().prefixes
    return {
        system: tuple(
            sorted(((prefix, name) for name, many in classes.items() for prefix in many), key=lambda p: -len(p[0]))
        )
        for system, classes in sets.items()
    }


def class_of(codes: Iterable[tuple[str, str]]) -> str:
    """The strictest class among these (system, code)."""
    found = {_one(system, code) for system, code in codes}
    return max(found, key=STRICTNESS.index, default=GENERAL) if found else GENERAL


def _one(system: str, code: str) -> str:
    whole = _whole().get((system, code))
    if whole:
        return whole
    dotted = code if "." in code or len(code) <= 3 or system != "icd10cm" else f"{code[:3]}.{code[3:]}"
    return next((name for prefix, name in _prefixes().get(system, ()) if dotted.startswith(prefix)), GENERAL)
