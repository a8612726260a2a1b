"""Sets of codes, as the rules write them: ICD-10-CM by its beginning, every other system by the whole code. Pure.

A code is asked in one written form (`plain`): capitals, no blanks, and in ICD-10-CM the dot after the third place. What is no
code at all (empty, too long, no text) is in no set, and never an error: a feed may not stop at somebody's typing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Code = tuple[str, str]
BY_BEGINNING = frozenset({"icd10cm", "icd10"})
LONGEST = 40


def plain(system: str, code: Any) -> str:
    """The one way in which we write a code; empty for what is none."""
    if not isinstance(code, str):
        return ""
    text = "".join(code.split()).upper()
    if not text or len(text) > LONGEST:
        return ""
    if system in BY_BEGINNING and len(text) > 3:
        bare = text.replace(".", "")
        return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare
    return text


class CodeSet:
    """Codes of several systems, each with what it means here. `find` looks at most as often as the code is long.

    An entry counts as a beginning in ICD-10-CM, and wherever an asterisk ends it; elsewhere it is the whole code.
    """

    __slots__ = ("_beginnings", "_whole")

    def __init__(self, meanings: Mapping[str, Mapping[str, str]]) -> None:
        self._whole: dict[str, dict[str, str]] = {}
        self._beginnings: dict[str, dict[str, str]] = {}
        for told, codes in meanings.items():
            system = _known(told)
            for code, meaning in codes.items():
                begins = system in BY_BEGINNING or code.endswith("*")
                into = self._beginnings if begins else self._whole
                into.setdefault(system, {})[plain(system, code.rstrip("*"))] = meaning

    @classmethod
    def of(cls, codes: Mapping[str, Iterable[str]]) -> "CodeSet":
        """A set that only says whether a code is in it: each means itself."""
        return cls({system: {code: code for code in many} for system, many in codes.items()})

    def find(self, system: str, code: str) -> str | None:
        """What the code means; of several beginnings the longest. None for a code that is not in the set."""
        known = _known(system)
        beginnings, whole = self._beginnings.get(known), self._whole.get(known)
        if beginnings is None and whole is None:
            return None
        text = plain(known, code)
        if whole is not None and text in whole:
            return whole[text]
        if beginnings is not None:
            for length in range(len(text), 0, -1):
                found = beginnings.get(text[:length])
                if found is not None:
                    return found
        return None

    def below(self, system: str, beginning: str) -> dict[str, str]:
        """Every entry that a beginning of a code would cover, with its meaning."""
        known = _known(system)
        start = plain(known, beginning)
        entries = self._beginnings.get(known, {}) | self._whole.get(known, {})
        return {code: meaning for code, meaning in entries.items() if code.startswith(start)}

    def any_of(self, codes: Iterable[Code]) -> Code | None:
        """The first of these codes that is in the set."""
        return next((one for one in codes if self.find(*one) is not None), None)


def _known(system: Any) -> str:
    """ICD-10 without a clinical modification is read by the same beginnings."""
    name = system.lower() if isinstance(system, str) else ""
    return "icd10cm" if name in BY_BEGINNING else name
