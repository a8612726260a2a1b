"""Names for the people on a page of the desk, for those who may read people; the look is audited by `people.cards`."""

from collections.abc import Iterable
from datetime import datetime

from rapport.people import queries as people
from rapport.trust.access import StaffRequest


def names(request: StaffRequest, person_ids: Iterable[int], now: datetime) -> dict[int, str]:
    """Person -> name; empty for who may not read people."""
    wanted = sorted(set(person_ids))
    if not wanted or not request.may("people.read"):
        return {}
    return {card.id: card.display for card in people.cards(by=request.user, person_ids=wanted, now=now)}
