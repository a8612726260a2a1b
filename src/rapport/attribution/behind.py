"""The visits behind a number of a result, page by page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from rapport.attribution.models import Conversion
from rapport.campaigns.models import Campaign
from rapport.people import queries as people
from rapport.trust.actors import Actor

A_PAGE = 50
ONLY = {
    "objective": {"meets_objective": True},
    "new_patients": {"is_new_patient": True},
    "responded": {"meets_objective": True, "responded": True},
}


@dataclass(frozen=True)
class Wish:
    """Which visits: of an arm, and of one way to count; empty means all."""

    arm: str = ""
    only: str = ""
    page: int = 1


@dataclass(frozen=True)
class Found:
    """One page of visits."""

    rows: list[Conversion]
    total: int
    pages: int


def visits(campaign: Campaign, wish: Wish) -> Found:
    """The visits, newest first."""
    found: QuerySet[Conversion] = Conversion.objects.filter(campaign=campaign, **ONLY.get(wish.only, {}))
    if wish.arm in ("contact", "holdout"):
        found = found.filter(assignment__arm=wish.arm)
    total, start = found.count(), (wish.page - 1) * A_PAGE
    rows = list(found.select_related("assignment").order_by("-at", "-id")[start : start + A_PAGE])
    return Found(rows, total, max(1, -(-total // A_PAGE)))


def names(found: Found, *, by: Actor, now: datetime) -> dict[int, str]:
    """Display names of those on the page, one audit line for all."""
    return {
        card.id: card.display for card in people.cards(by=by, person_ids=[row.person_id for row in found.rows], now=now)
    }
