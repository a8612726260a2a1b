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
    """Codes of several systems, each with what it means here. `find` looks at most as often as the code is long."""

    __slots__ = ("_meanings",)

    def __init__(self, meanings: Mapping[str, Mapping[str, str]]) -> None:
        self._meanings = {
            _known(system): {plain(_known(system), code): meaning for code, meaning in codes.items()}
            for system, codes in meanings.items()
        }

    @classmethod
    def of(cls, codes: Mapping[str, Iterable[str]]) -> "CodeSet":
        """A set that only says whether a code is in it: each means itself."""
        return cls({system: {code: code for code in many} for system, many in codes.items()})

    def find(self, system: str, code: str) -> str | None:
        """What the code means; of several beginnings the longest. None for a code that is not in the set."""
        known = _known(system)
        meanings = self._meanings.get(known)
        text = plain(known, code) if meanings else ""
        if not text or meanings is None:
            return None
        if known not in BY_BEGINNING:
            return meanings.get(text)
        for length in range(len(text), 0, -1):
            found = meanings.get(text[:length])
            if found is not None:
                return found
        return None

    def below(self, system: str, beginning: str) -> dict[str, str]:
        """Every entry that a beginning of a code would cover, with its meaning."""
        known = _known(system)
        start = plain(known, beginning)
        return {code: meaning for code, meaning in self._meanings.get(known, {}).items() if code.startswith(start)}

    def any_of(self, codes: Iterable[Code]) -> Code | None:
        """The first of these codes that is in the set."""
        return next((one for one in codes if self.find(*one) is not None), None)

    def codes(self, system: str) -> list[str]:
        """The entries of one system."""
        return sorted(self._meanings.get(_known(system), {}))

    def systems(self) -> list[str]:
        return sorted(self._meanings)


def _known(system: Any) -> str:
    """ICD-10 without a clinical modification is read by the same beginnings."""
    name = system.lower() if isinstance(system, str) else ""
    return "icd10cm" if name in BY_BEGINNING else name
