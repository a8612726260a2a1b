"""Who is held out, and who gets which variant. Pure: the same people, salt and shares always give the same groups, anywhere.

Each person gets the rank of SHA-256(salt, person); the first ranks are held out, and those contacted are cut into variants by
another rank of the same salt. The shares are therefore exact, not only expected: round(n * percent / 100), whatever the size of
the batches in which people are later written to, and nobody can steer them: the salt is drawn when the campaign is drafted,
before its audience is known, and the hash shows later that nothing was moved. Halves round up.

Where people come day by day (birthdays), a share is exact over all days together: `before` says what was drawn until now.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256

NOBODY = (0, 0)


def holdout_size(people: int, percent: Decimal, before: tuple[int, int] = NOBODY) -> int:
    """How many of so many are held out: exactly round(n * percent / 100). `before`: (people, held out) of earlier days."""
    earlier, held = before
    wanted = (Decimal(earlier + people) * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return min(max(int(wanted) - held, 0), people)


def draw(salt: str, person_id: int) -> bytes:
    """The lot of one person in one campaign."""
    return sha256(f"{salt}:{person_id}".encode()).digest()


def ranked(people: Iterable[int], salt: str) -> list[int]:
    """These people in the order of their lots."""
    return sorted(set(people), key=lambda person: draw(salt, person))


def held_out(people: Iterable[int], percent: Decimal, salt: str, before: tuple[int, int] = NOBODY) -> frozenset[int]:
    """The control group among these people."""
    order = ranked(people, salt)
    return frozenset(order[: holdout_size(len(order), percent, before)])


def sizes(people: int, weights: Sequence[Decimal], before: Sequence[int] = ()) -> list[int]:
    """So many people cut by weights, none more than one from its share: largest remainders, the first of equals."""
    earlier = list(before) or [0] * len(weights)
    whole, planned = people + sum(earlier), sum(weights, Decimal(0))
    exact = [max(whole * weight / planned - have, Decimal(0)) for weight, have in zip(weights, earlier, strict=True)]
    scale = people / sum(exact, Decimal(0)) if any(exact) else Decimal(0)
    exact = [one * scale for one in exact]
    found = [int(one) for one in exact]
    rest = sorted(range(len(weights)), key=lambda index: (found[index] - exact[index], index))
    for index in rest[: people - sum(found)]:
        found[index] += 1
    return found


def split(
    people: Iterable[int], shares: Mapping[int, Decimal], salt: str, before: Mapping[int, int] | None = None
) -> dict[int, int]:
    """Person -> variant, in an order in which every beginning is split as the whole is.

    So a campaign that writes to its people in batches of any size never has a batch of one variant.
    """
    order = ranked(people, f"{salt}:variant")
    earlier = [(before or {}).get(variant, 0) for variant in shares]
    cut = sizes(len(order), list(shares.values()), earlier)
    seats, start = [], 0
    for index, (variant, size) in enumerate(zip(shares, cut, strict=True)):
        mine = order[start : start + size]
        seats += [((place + 0.5) / size, index, person, variant) for place, person in enumerate(mine)]
        start += size
    return {person: variant for _at, _index, person, variant in sorted(seats)}
