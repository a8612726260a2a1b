"""What is remembered about each version of the warehouse: names of codes that appeared, and the sizes of the saved segments."""

from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection
from psycopg import sql

from rapport.segments import meaning, permission, store
from rapport.segments.days import AsOf
from rapport.segments.language import Misformed, parse
from rapport.segments.models import Membership, Segment, SegmentCount

CODED = ("condition", "procedure", "observation", "medication", "immunization", "claim")
_LEARN = sql.SQL(
    "INSERT INTO segments_codename (kind, code_system, code, label, data_class) "
    "SELECT r.kind, r.code_system, r.code, max(r.label), coalesce(max(r.data_class) FILTER (WHERE r.data_class <> 'general'), 'general') "
    "FROM people_event r WHERE {} AND r.kind = ANY(%s) AND r.code <> '' GROUP BY 1, 2, 3 "
    "ON CONFLICT (kind, code_system, code) DO UPDATE SET "
    "label = CASE WHEN segments_codename.label = '' THEN EXCLUDED.label ELSE segments_codename.label END, "
    "data_class = CASE WHEN segments_codename.data_class = 'general' THEN EXCLUDED.data_class ELSE segments_codename.data_class END "
    "WHERE segments_codename.label = '' OR (segments_codename.data_class = 'general' AND EXCLUDED.data_class <> 'general')"
)
_FLOWS = """
UPDATE segments_segmentcount c SET entered = flow.entered, "left" = flow.gone FROM (
    SELECT c.id,
        (SELECT count(*) FROM segments_membership m
         WHERE m.segment_id = c.segment_id AND m.entered_at <= c.counted_at AND m.entered_at > coalesce(p.at, '-infinity')) AS entered,
        (SELECT count(*) FROM segments_membership m
         WHERE m.segment_id = c.segment_id AND m.left_at <= c.counted_at AND m.left_at > coalesce(p.at, '-infinity')) AS gone
    FROM segments_segmentcount c CROSS JOIN LATERAL (
        SELECT max(b.counted_at) AS at FROM segments_segmentcount b WHERE b.segment_id = c.segment_id AND b.counted_at < c.counted_at
    ) AS p WHERE c.counted_at = %s
) AS flow WHERE flow.id = c.id AND (c.entered, c."left") <> (flow.entered, flow.gone)
"""

log = structlog.get_logger("rapport.segments")


def learn_codes(some: sql.Composable | None) -> int:
    """Remember what the codes of these events (None: of all) are called. Labels stay in PostgreSQL: the warehouse has no use for them."""
    with connection.cursor() as cursor:
        cursor.execute(_LEARN.format(some or sql.SQL("true")), [list(CODED)])
        return int(cursor.rowcount)


def note_sizes(*, now: datetime) -> int:
    """Count every saved segment in the newest version; a line is kept when the number or the day is new."""
    snapshot = store.snapshot()
    as_of = AsOf.at(now, settings.TIME_ZONE)
    before = _last_counts()
    lines = []
    for segment in Segment.objects.all():
        try:
            node = parse(segment.definition)
            permission.check(node, segment.purpose, on=as_of.day)
            people = _on_list(segment) if segment.kind == Segment.Kind.LIST else snapshot.count(meaning.of(node), as_of)
        except Misformed:
            log.warning("segment_unreadable", segment=segment.pk)
            continue
        except permission.NotForThisPurpose:
            log.warning("segment_not_permitted", segment=segment.pk)
            continue
        last = before.get(segment.pk)
        same = last is not None and (last.people, last.segment_version) == (people, segment.version)
        if last is None or not same or AsOf.at(last.counted_at, settings.TIME_ZONE) != as_of:
            lines.append(_line(segment, snapshot.version, people, now))
    SegmentCount.objects.bulk_create(lines, ignore_conflicts=True)
    note_flows(now=now)
    return len(lines)


def note_flows(*, now: datetime) -> None:
    """On the lines of this instant: how many stays began and ended since the line before."""
    with connection.cursor() as cursor:
        cursor.execute(_FLOWS, [now])


def _on_list(segment: Segment) -> int:
    return Membership.objects.filter(segment=segment, left_at=None).count()


def note_size(segment: Segment, *, now: datetime) -> int | None:
    """Count one segment now. None while there is no warehouse."""
    try:
        snapshot = store.snapshot()
    except store.NoWarehouse:
        return None
    people = snapshot.count(meaning.of(parse(segment.definition)), AsOf.at(now, settings.TIME_ZONE))
    SegmentCount.objects.bulk_create([_line(segment, snapshot.version, people, now)], ignore_conflicts=True)
    return people


def _line(segment: Segment, version: int, people: int, now: datetime) -> SegmentCount:
    return SegmentCount(
        segment=segment, segment_version=segment.version, warehouse_version=version, people=people, counted_at=now
    )


def _last_counts() -> dict[int, SegmentCount]:
    newest = SegmentCount.objects.order_by("segment_id", "-counted_at", "-id").distinct("segment_id")
    return {one.segment_id: one for one in newest}
