"""What rooms above know and a letter may ask: the segments there are, and which of them a person is in.

They say so themselves, once, in their AppConfig.ready; content asks nobody upward.
"""

from collections.abc import Callable

import msgspec


class Offer(msgspec.Struct, frozen=True):
    """A segment that may decide about a block, with the classes of data it reads."""

    id: int
    name: str
    data_classes: tuple[str, ...]


Offers = Callable[[], list[Offer]]
Memberships = Callable[[int], frozenset[int]]
_offers: list[Offers] = []
_memberships: list[Memberships] = []


def register(*, offers: Offers, memberships: Memberships) -> None:
    if offers not in _offers:
        _offers.append(offers)
        _memberships.append(memberships)


def segments() -> list[Offer]:
    """Every segment, by name."""
    return sorted((one for offers in _offers for one in offers()), key=lambda one: one.name.lower())


def segments_of(person_id: int) -> frozenset[int]:
    """Segments that this person is in."""
    return frozenset(one for memberships in _memberships for one in memberships(person_id))
