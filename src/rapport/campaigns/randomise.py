"""Who is held out. Pure: the same people, salt and share always give the same control group, in any order and anywhere.

Each person gets the rank of SHA-256(salt, person); the first round(n * percent / 100) ranks are held out. The share is
therefore exact, not only expected, and nobody can steer it: the salt is drawn when the campaign is drafted, before its
audience is known, and the hash shows later that nothing was moved. Halves round up.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256


def holdout_size(people: int, percent: Decimal) -> int:
    """How many of so many are held out: exactly round(n * percent / 100)."""
    return int((Decimal(people) * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def draw(salt: str, person_id: int) -> bytes:
    """The lot of one person in one campaign."""
    return sha256(f"{salt}:{person_id}".encode()).digest()


def held_out(people: Iterable[int], percent: Decimal, salt: str) -> frozenset[int]:
    """The control group among these people."""
    ranked = sorted(set(people), key=lambda person: draw(salt, person))
    return frozenset(ranked[: holdout_size(len(ranked), percent)])
