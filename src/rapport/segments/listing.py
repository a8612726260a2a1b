"""The people of a saved segment by id, a page at a time, for those who may open people. Each page is written into the audit trail."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rapport.people.models import Person
from rapport.segments import permission, queries
from rapport.segments.language import parse
from rapport.segments.models import Membership, Segment
from rapport.trust import audit
from rapport.trust.actors import Actor


@dataclass(frozen=True)
class Listed:
    """One page: ids in order, how many there are in sight in all, and the id to go on after (None at the end)."""

    ids: list[int]
    total: int
    next_after: int | None


def _on_the_list(segment: Segment) -> list[int]:
    """From the record: who was just put on or taken off is seen at once. Row security leaves those in sight."""
    staying = Membership.objects.filter(segment=segment, left_at=None).values("person_id")
    return list(Person.objects.filter(pk__in=staying).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def list_people(*, by: Actor, segment: Segment, now: datetime, after: int = 0, limit: int = 200) -> Listed:
    """The people of the segment with an id above `after`, at most `limit`, within the sight of the session.

    Raises Misformed, NotForThisPurpose, store.NoWarehouse.
    """
    node = parse(segment.definition)
    if segment.kind == Segment.Kind.LIST:
        permission.check(node, segment.purpose, on=queries.day_of(now).day)
        everybody = _on_the_list(segment)
    else:
        everybody = queries.person_ids(node, now, purpose=segment.purpose)
    rest = [one for one in everybody if one > after]
    ids = rest[:limit]
    audit.record(
        by=by, verb="segment.people", now=now, thing=f"segment:{segment.slug}", people=ids,
        details={"version": segment.version, "people": len(ids), "after": after},
    )  # fmt: skip
    return Listed(ids, len(everybody), ids[-1] if len(rest) > limit else None)
