"""What decides which blocks of a letter a person sees, read for a whole batch at once."""

from collections.abc import Iterable
from datetime import datetime

from rapport.content import showing
from rapport.people.models import Person, Trait
from rapport.segments.models import Membership


def facts_of(
    people: Iterable[Person], conditions: Iterable[showing.Condition], now: datetime
) -> dict[int, showing.Facts]:
    """The facts about each person, by id. Two queries a batch at most, and none where no block asks."""
    asked = list(conditions)
    if not asked:
        return {}
    kept = {one.pk: one for one in people}
    needed = showing.needed(asked)
    traits: dict[int, dict[str, str]] = {}
    if needed.traits:
        found = Trait.objects.filter(person__in=kept, name__in=needed.traits)
        for person_id, name, text in found.values_list("person_id", "name", "text"):
            traits.setdefault(person_id, {})[name] = text
    segments: dict[int, set[int]] = {}
    if needed.segments:
        stays = Membership.objects.filter(person__in=kept, segment__in=needed.segments, left_at=None)
        for person_id, segment_id in stays.values_list("person_id", "segment_id"):
            segments.setdefault(person_id, set()).add(segment_id)
    return {
        pk: showing.Facts(
            language=one.language,
            age=showing.age_in(one.birth_month, now.date()),
            sex=one.sex,
            location_id=one.home_location_id,
            traits=traits.get(pk, {}),
            segments=frozenset(segments.get(pk, ())),
        )
        for pk, one in kept.items()
    }
