"""Who is in a segment, since when and why: for the person page, for journeys, for pages about a segment.

What the session may not see is not among the answers. `segment` is a Segment or its id.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from rapport.segments.days import AsOf
from rapport.segments.membership.models import Membership, Why
from rapport.segments.models import Segment

_FLOW = """
SELECT day, sum(entered)::int, sum(gone)::int FROM (
    SELECT (entered_at AT TIME ZONE %(zone)s)::date AS day, 1 AS entered, 0 AS gone FROM segments_membership
    WHERE segment_id = %(segment)s AND entered_at >= %(since)s
    UNION ALL
    SELECT (left_at AT TIME ZONE %(zone)s)::date, 0, 1 FROM segments_membership WHERE segment_id = %(segment)s AND left_at >= %(since)s
) AS moves WHERE day > %(before)s AND day <= %(until)s GROUP BY day
"""


@dataclass(frozen=True)
class Stay:
    """One stay of a person in a segment, for her page. `left_at` is None while she is in."""

    segment: Segment
    entered_at: datetime
    why: Why
    kind: str
    trace: uuid.UUID | None
    left_at: datetime | None = None
    left_why: str = ""


@dataclass(frozen=True)
class Entered:
    """Somebody who entered, and is still in."""

    person_id: int
    membership_id: int
    at: datetime
    why: Why
    trace: uuid.UUID | None


@dataclass(frozen=True)
class DayFlow:
    """How many stays began and ended on one day of the clinic's zone."""

    day: date
    entered: int
    left: int


def stays(person_id: int, *, also_past: bool = False) -> list[Stay]:
    """The segments a person is in, newest stay first; with `also_past` those she left too."""
    rows = Membership.objects.filter(person_id=person_id).select_related("segment").order_by("-entered_at", "-id")
    if not also_past:
        rows = rows.filter(left_at=None)
    return [
        Stay(m.segment, m.entered_at, Why(m.entered_why), m.entered_kind, m.entered_trace, m.left_at, m.left_why)
        for m in rows
    ]


def members(segment: Segment | int, after: int = 0, limit: int = 1_000) -> list[int]:
    """Ids of the people who are in now, in order, from the one behind `after`: page by page through a million."""
    rows = Membership.objects.filter(segment=segment, left_at=None, person_id__gt=after).order_by("person_id")
    return list(rows.values_list("person_id", flat=True)[:limit])


def size(segment: Segment | int) -> int:
    """How many are in now."""
    return Membership.objects.filter(segment=segment, left_at=None).count()


def entered_since(segment: Segment | int, at: datetime, *, after: int = 0, limit: int = 10_000) -> list[Entered]:
    """Who entered at this instant or later and is still in, in the order of their stays.

    Whoever reads again and again keeps the last `membership_id` and passes it as `after`: a stay is written after the instant
    that it carries, so a clock alone could miss one.
    """
    rows = Membership.objects.filter(segment=segment, left_at=None, entered_at__gte=at, id__gt=after).order_by("id")
    return [Entered(m.person_id, m.pk, m.entered_at, Why(m.entered_why), m.entered_trace) for m in rows[:limit]]


def is_member(person_id: int, segment: Segment | int) -> bool:
    """Whether a person is in now. A record that was merged is in nothing; ask for the one it became (`identity.living`)."""
    return Membership.objects.filter(segment=segment, person_id=person_id, left_at=None).exists()


def among(person_ids: Sequence[int], segment: Segment | int) -> set[int]:
    """Those of these people who are in now."""
    rows = Membership.objects.filter(segment=segment, person_id__in=person_ids, left_at=None)
    return set(rows.values_list("person_id", flat=True))


def no_more_among(person_ids: Sequence[int], segment: Segment | int) -> set[int]:
    """Those of these people who were in, and are not now."""
    left = Membership.objects.filter(segment=segment, person_id__in=person_ids, left_at__isnull=False)
    return set(left.values_list("person_id", flat=True)) - among(person_ids, segment)


def flow_of(segment: Segment | int, days: int, *, now: datetime) -> list[DayFlow]:
    """Entered and left, day by day, today last. Days on which nothing moved are there too."""
    today = AsOf.at(now, settings.TIME_ZONE).day
    first = today - timedelta(days=days - 1)
    values: dict[str, Any] = {
        "zone": settings.TIME_ZONE,
        "segment": segment.pk if isinstance(segment, Segment) else segment,
        "since": now - timedelta(days=days + 1),
        "before": first - timedelta(days=1),
        "until": today,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FLOW, values)
        found = {day: (entered, left) for day, entered, left in cursor.fetchall()}
    every = [first + timedelta(days=number) for number in range(days)]
    return [DayFlow(day, *found.get(day, (0, 0))) for day in every]
