"""One reason for many people: the sentence of a check without the dates and hours of the single person. Pure."""

import re
from collections import Counter
from collections.abc import Iterable

_OWN = re.compile(r"(?: on [A-Z][a-z]{2} \d{1,2}, \d{4}|; waits until [^.]*)")


def general(reason: str) -> str:
    """ "Said no to health services by e-mail on Oct 24, 2026." as "Said no to health services by e-mail."."""
    return _OWN.sub("", reason)


def together(rows: Iterable[tuple[str, str, str, int]]) -> list[tuple[str, str, str, int]]:
    """(state, gate, reason, people) with like reasons added up, most people first."""
    added: Counter[tuple[str, str, str]] = Counter()
    for state, gate, reason, people in rows:
        added[state, gate, general(reason)] += people
    return [(*key, people) for key, people in sorted(added.items(), key=lambda one: (-one[1], one[0]))]
