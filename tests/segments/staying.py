"""Looking at stays, and bringing them up to date, for the tests of who is in a segment."""

from datetime import datetime

from rapport.segments import sync
from rapport.segments.language import Happened, Last
from rapport.segments.membership import full
from rapport.segments.models import Membership, Segment
from rapport.trust.actors import System

BY = System("test")
OPENED = Happened("message_opened", within=Last(30))


def stays(segment: Segment) -> list[tuple]:
    """(person, open?, why in, kind, why out) of all stays, oldest first."""
    rows = Membership.objects.filter(segment=segment).order_by("id")
    return [(m.person_id, m.left_at is None, m.entered_why, m.entered_kind, m.left_why) for m in rows]


def inside(segment: Segment | int) -> set[int]:
    return set(Membership.objects.filter(segment=segment, left_at=None).values_list("person_id", flat=True))


def reckon(now: datetime) -> None:
    """The warehouse catches up, then the stays."""
    sync.refresh(now=now)
    full.refresh_due(now=now)
