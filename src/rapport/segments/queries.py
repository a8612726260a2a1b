"""Asking 'who?': the answer in people of the record, and its size, parts and reasons for the pages.

`as_of` is an instant (then it is the day of the clinic's zone) or a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from django.conf import settings
from django.db import connection

from rapport.segments import meaning, permission, store
from rapport.segments.columnar import BANDS, Breakdown, Path, Reason
from rapport.segments.days import AsOf
from rapport.segments.language import Misformed, Node, names_segments, parse, say, walk
from rapport.segments.models import Segment, SegmentCount, WarehouseVersion
from rapport.segments.vocabulary import names

SMALLEST_SHOWN = 11

__all__ = [
    "BANDS", "SMALLEST_SHOWN", "Overlap", "breakdown", "count", "counts", "day_of", "freshness", "histories", "history", "is_small", "live",
    "naming", "newest_sizes", "overlaps", "person_ids", "sentence", "sentence_of", "why",
]  # fmt: skip

# A pseudonym that was merged since the warehouse was published stands for the person that is left.
_LIVE = """
WITH RECURSIVE found AS (
    SELECT p.id, p.merged_into_id, p.deceased_at FROM people_person p JOIN unnest(%s::bigint[]) AS wanted(pseudonym) USING (pseudonym)
    UNION
    SELECT p.id, p.merged_into_id, p.deceased_at FROM found JOIN people_person p ON p.id = found.merged_into_id
)
SELECT id FROM found WHERE merged_into_id IS NULL AND deceased_at IS NULL ORDER BY id
"""


@dataclass(frozen=True)
class Overlap:
    """How many people of the question are in another segment too, and how many that has. None: hidden, for it is small."""

    segment: Segment
    both: int | None
    of_them: int | None


def day_of(as_of: datetime | date | AsOf) -> AsOf:
    """The day of the question in the clinic's zone."""
    if isinstance(as_of, AsOf):
        return as_of
    return AsOf.at(as_of, settings.TIME_ZONE) if isinstance(as_of, datetime) else AsOf(as_of, settings.TIME_ZONE)


def person_ids(node: Node, as_of: datetime | date, *, purpose: str) -> list[int]:
    """The living people of whom the node is true, by id, in order, to be chosen for this purpose.

    Raises NotForThisPurpose when the definition uses knowledge that the purpose may not, store.NoWarehouse before the first
    refresh. People outside the session's row scope are not among them.
    """
    permission.check(node, purpose, on=day_of(as_of).day)
    return live(store.in_full().people(meaning.of(node), day_of(as_of)))


def live(pseudonyms: Iterable[int]) -> list[int]:
    """The people of the record behind pseudonyms: merged ones redirected, gone and dead ones left out."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, [list(pseudonyms)])
        return [row[0] for row in cursor.fetchall()]


def count(node: Node, as_of: datetime | date) -> int:
    """How many people the warehouse finds."""
    return store.snapshot().count(meaning.of(node), day_of(as_of))


def counts(node: Node, as_of: datetime | date) -> dict[Path, int]:
    """How many people each node alone holds, by its path from the root."""
    snapshot, meant = store.snapshot(), dict(walk(meaning.of(node)))
    return {path: snapshot.count(meant[path], day_of(as_of)) for path, _part in walk(node)}


def breakdown(node: Node, as_of: datetime | date) -> Breakdown:
    return store.snapshot().breakdown(meaning.of(node), day_of(as_of))


def why(node: Node, pseudonym: int, as_of: datetime | date | AsOf) -> list[Reason]:
    """Node by node, whether it is true of one person, with what stands behind it."""
    written = dict(walk(node))
    found = store.snapshot().why(meaning.of(node), pseudonym, day_of(as_of))
    return [replace(one, node=written[one.path]) for one in found if one.path in written]


def overlaps(
    node: Node, others: Iterable[Segment], as_of: datetime | date, *, purpose: str, may_read_people: bool
) -> list[Overlap]:
    """How many of these people are in other segments too, the most first, what is hidden last.

    A segment whose knowledge this purpose may not use is left out, for "so many of them" would be such a use; so is one that can't
    be read. A number is hidden where it, or what it leaves of either side, is a small cell. Raises Misformed, NotForThisPurpose,
    store.NoWarehouse.
    """
    day, snapshot = day_of(as_of), store.snapshot()
    permission.check(node, purpose, on=day.day)
    here = snapshot.bits(meaning.of(node), day)
    found = []
    for other in others:
        try:
            asked = parse(other.definition)
            permission.check(asked, purpose, on=day.day)
            there = snapshot.bits(meaning.of(asked), day)
        except (Misformed, permission.NotForThisPurpose):
            continue
        both, here_alone, there_alone = (
            int(np.bitwise_count(bits).sum()) for bits in (here & there, here & ~there, there & ~here)
        )
        left = [one for one in (here_alone, there_alone) if one]
        hidden = any(is_small(one, may_read_people=may_read_people) for one in (both, *left))
        shown = (None, None) if hidden else (both, both + there_alone)
        found.append(Overlap(other, *shown))
    return sorted(found, key=lambda one: (-(one.both or 0), one.segment.name))


def naming(segment: Segment) -> list[Segment]:
    """The segments whose definitions name this one."""
    found = []
    for one in Segment.objects.exclude(pk=segment.pk).order_by("name", "pk"):
        try:
            named = names_segments(parse(one.definition))
        except Misformed:
            continue
        if segment.pk in named:
            found.append(one)
    return found


def sentence(node: Node, language: str = "en") -> str:
    """The definition in one sentence, with the clinic's names."""
    return say(node, "es" if language.startswith("es") else "en", names(node))


def sentence_of(segment: Segment, language: str = "en") -> str:
    """What a saved segment says. One that this version of the program can't read says so."""
    try:
        return sentence(parse(segment.definition), language)
    except Misformed as wrong:
        return str(wrong)


def freshness() -> WarehouseVersion | None:
    """The newest version: `data_until` is the instant up to which everything is in."""
    return store.newest()


def history(segment: Segment, limit: int = 60) -> list[SegmentCount]:
    """Sizes of a segment over time, oldest first."""
    return list(reversed(segment.counts.order_by("-counted_at", "-id")[:limit]))


def histories(segments: Iterable[Segment], limit: int = 30) -> dict[int, list[SegmentCount]]:
    """Sizes over time of several segments, oldest first."""
    found: dict[int, list[SegmentCount]] = {}
    wanted = [segment.pk for segment in segments]
    for line in SegmentCount.objects.filter(segment_id__in=wanted).order_by("segment_id", "counted_at", "id"):
        found.setdefault(line.segment_id, []).append(line)
    return {segment: lines[-limit:] for segment, lines in found.items()}


def newest_sizes(segments: Iterable[Segment]) -> dict[int, SegmentCount]:
    """The last count of each of these segments, by the segment's id."""
    counts = SegmentCount.objects.filter(segment_id__in=[segment.pk for segment in segments])
    return {one.segment_id: one for one in counts.order_by("segment_id", "-counted_at", "-id").distinct("segment_id")}


def is_small(people: int, *, may_read_people: bool) -> bool:
    """Small cells are hidden from those who may not open people (house policy after CMS cell-size suppression)."""
    return people < SMALLEST_SHOWN and not may_read_people
