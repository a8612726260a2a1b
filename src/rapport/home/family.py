"""Who lives with this person and who may act for them."""

from typing import Any

from django.db.models import Q

from rapport.home.ask import Ask
from rapport.people import queries
from rapport.people.models import Relationship


def fill(ask: Ask) -> dict[str, Any]:
    today = ask.now.date()
    valid = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    own = list(Relationship.objects.filter(valid, person_id=ask.person_id))
    toward = list(Relationship.objects.filter(valid, other_id=ask.person_id))
    households = {one.household_id for one in own if one.household_id}
    housemates = list(Relationship.objects.filter(valid, household_id__in=households).exclude(person_id=ask.person_id))
    others = (
        {one.other_id for one in own if one.other_id}
        | {one.person_id for one in toward}
        | {one.person_id for one in housemates}
    )
    cards = queries.cards(by=ask.by, person_ids=sorted(others), now=ask.now) if others else []
    by_id = {card.id: card for card in cards}
    lines = [(by_id[one.other_id], one.get_kind_display(), one.scope) for one in own if one.other_id in by_id]
    lines += [(by_id[one.person_id], one.get_kind_display(), one.scope) for one in toward if one.person_id in by_id]
    mates = [(by_id[one.person_id], one.get_kind_display(), "") for one in housemates if one.person_id in by_id]
    return {"lines": lines, "mates": mates}
