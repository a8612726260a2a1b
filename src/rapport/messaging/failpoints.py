"""Named places in the send where a test can make the process sleep or die. Refused in production.

`FAILPOINTS=after_claim:sleep:4,before_commit@2:exit` - at the second passing of `before_commit` the process is gone at once,
as if killed: no clean-up runs. Actions: `sleep:SECONDS`, `exit`.
"""

import os
import time
from collections import Counter
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NAMES = frozenset(
    {
        "after_claim",
        "after_decide",
        "before_begin",
        "after_begin",
        "after_accept",
        "before_commit",
        "after_commit",
        "before_switch",
    }
)
_passes: Counter[str] = Counter()


def reach(name: str) -> None:
    """The program came to this place."""
    if not settings.FAILPOINTS:
        return
    _passes[name] += 1
    for place, number, action, amount in _armed(settings.FAILPOINTS, settings.PRODUCTION):
        if place == name and number in {0, _passes[name]}:
            if action == "sleep":
                time.sleep(amount)
            else:
                os._exit(99)


@lru_cache(maxsize=8)
def _armed(spec: str, production: bool) -> tuple[tuple[str, int, str, float], ...]:
    if production:
        raise ImproperlyConfigured("FAILPOINTS is for tests; production refuses it.")
    return tuple(_read(one) for one in spec.split(",") if one.strip())


def _read(one: str) -> tuple[str, int, str, float]:
    place, _, rest = one.strip().partition(":")
    name, _, number = place.partition("@")
    action, _, amount = rest.partition(":")
    if name not in NAMES or action not in {"sleep", "exit"}:
        raise ImproperlyConfigured(f"“{one}” is no failpoint; known places: {', '.join(sorted(NAMES))}.")
    return name, int(number or 0), action, float(amount or 0)
