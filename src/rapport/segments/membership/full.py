"""The full refresh: the whole set that the warehouse finds against the open stays, and only the difference is written.

For one segment:

1. The warehouse is asked by one compiled statement. The open stays are read as pseudonyms. Both are sorted arrays; what is in
   one and not in the other is the difference.
2. One transaction, with the stays of this segment for us alone. If somebody reckoned with newer knowledge meanwhile, or the
   definition changed, nothing is done.
3. Whoever was written about after the watermark of the warehouse is left out: about them the record knows better. The live
   refresh has asked about them; where the definition or the day is new, they are asked again here.
4. Leave, enter, note how far we came. Killed before the end, nothing has happened.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import structlog
from django.conf import settings
from django.db import connection, transaction
from numpy.typing import NDArray
from psycopg import sql

from rapport.people import erasing
from rapport.segments import history, pull, store
from rapport.segments.days import AsOf
from rapport.segments.language import All
from rapport.segments.membership import live, stays, touched
from rapport.segments.membership.models import Reckoning, Why
from rapport.segments.membership.plans import MEMBER, Plan, plans
from rapport.segments.membership.stays import Changed
from rapport.segments.models import Segment, WarehouseVersion

ASKED_AGAIN = 5_000  # people written about since the watermark who are asked from the record after a new definition

_STAYING = """
SELECT coalesce(string_agg(int8send(p.pseudonym), ''), '') FROM segments_membership m JOIN people_person p ON p.id = m.person_id
WHERE m.segment_id = %s AND m.left_at IS NULL
"""
_LEAVE_OUT = "DELETE FROM pg_temp.staying s USING people_person p WHERE p.pseudonym = s.pseudonym AND p.id IN ({})"
_BY_EVENT = (
    "UPDATE pg_temp.staying s SET why = 'event' FROM people_person p WHERE p.pseudonym = s.pseudonym AND p.id IN ({})"
)

log = structlog.get_logger("rapport.segments")


@dataclass(frozen=True)
class _Knowledge:
    """What the answer of a full refresh rests on."""

    version: WarehouseVersion
    as_of: AsOf


@dataclass(frozen=True)
class _Difference:
    """The pseudonyms that the warehouse finds and who has no open stay, and the other way round."""

    entering: NDArray[np.int64]
    leaving: NDArray[np.int64]

    @property
    def is_empty(self) -> bool:
        return not (len(self.entering) or len(self.leaving))


def refresh_due(*, now: datetime) -> Changed:
    """Every segment whose warehouse, day or definition is newer than its last reckoning. Cheap when there is none."""
    newest = store.newest()
    if newest is None:
        return Changed()
    known = {one.pk: one for one in Reckoning.objects.all()}
    due = [one for one in plans(now=now) if _is_due(one, known.get(one.segment_id), newest, _day(now))]
    return refresh(due, now=now) if due else Changed()


def refresh(due: Iterable[Plan], *, now: datetime) -> Changed:
    """These segments against the newest warehouse. A segment that fails is told, and does not hold up the others."""
    engine = store.in_full()
    version = WarehouseVersion.objects.get(pk=engine.version)
    total = Changed()
    for plan in sorted(due, key=lambda one: MEMBER in one.tables):
        try:
            total += _refresh(plan, engine, _Knowledge(version, _day(now)), now)
        except Exception as error:
            log.error("segment_not_refreshed", segment=plan.segment_id, error=type(error).__name__)
            if connection.in_atomic_block:
                raise
    history.note_flows(now=now)
    return total


def _day(now: datetime) -> AsOf:
    return AsOf.at(now, settings.TIME_ZONE)


def _is_due(plan: Plan, last: Reckoning | None, newest: WarehouseVersion, as_of: AsOf) -> bool:
    if last is None:
        return True
    if plan.is_list:
        return last.warehouse_version != newest.number
    return (last.warehouse_version, last.meaning, last.on_day) != (newest.number, plan.meaning, as_of.day)


def _refresh(plan: Plan, engine: store.Answers, known: _Knowledge, now: datetime) -> Changed:
    difference = _difference(plan, engine, known.as_of)
    with transaction.atomic():
        erasing.keep_out()
        stays.alone(plan.segment_id)
        segment = Segment.objects.filter(pk=plan.segment_id).only("version").first()
        last = Reckoning.objects.filter(pk=plan.segment_id).first()
        if segment is None or segment.version != plan.version or _is_older(known, last):
            return Changed()
        why = _why(plan, last)
        stays.stage_many(entering=difference.entering.tolist(), leaving=difference.leaving.tolist(), why=why)
        if why is Why.TIME and last is not None and not difference.is_empty:
            _run(_BY_EVENT, touched.since_version(_seen(last), tables=plan.tables))
        since = touched.since_version(pull.seen_by(known.version), tables=plan.tables)
        if not (plan.whole or difference.is_empty):
            _run(_LEAVE_OUT, since)
        changed = stays.apply(segment_id=plan.segment_id, version=plan.version, now=now, is_list=plan.is_list)
        if not (plan.whole or plan.is_list) and (why is not Why.TIME or _is_new_day(last, known)):
            changed += live.ask_again(_some(since), plan, why=why, now=now)
        Reckoning.objects.update_or_create(
            pk=plan.segment_id,
            defaults={
                "segment_version": plan.version, "warehouse_version": known.version.number, "watermark": known.version.watermark,
                "seen": known.version.seen, "meaning": plan.meaning, "on_day": known.as_of.day, "reckoned_at": now,
            },
        )  # fmt: skip
    return changed


def _difference(plan: Plan, engine: store.Answers, as_of: AsOf) -> _Difference:
    """From a list only the dead and the gone leave, and nobody enters."""
    asked = All() if plan.is_list else plan.node
    wanted = np.asarray(engine.people(asked, as_of), dtype=np.int64)
    staying = _staying(plan.segment_id)
    leaving = np.setdiff1d(staying, wanted, assume_unique=True)
    entering = np.setdiff1d(wanted, staying, assume_unique=True)
    return _Difference(entering[:0] if plan.is_list else entering, leaving)


def _staying(segment_id: int) -> NDArray[np.int64]:
    """The pseudonyms of those with an open stay, as one string of bytes: a million rows are not worth a million objects."""
    with connection.cursor() as cursor:
        cursor.execute(_STAYING, [segment_id])
        return np.sort(np.frombuffer(cursor.fetchone()[0], dtype=">i8").astype(np.int64))


def _is_older(known: _Knowledge, last: Reckoning | None) -> bool:
    """Whether somebody came here with a newer warehouse or on a later day while we were reckoning."""
    return last is not None and (
        last.warehouse_version > known.version.number
        or (last.warehouse_version == known.version.number and last.on_day > known.as_of.day)
    )


def _why(plan: Plan, last: Reckoning | None) -> Why:
    """Where neither the segment nor its meaning is new: the time, but for those who were written about since."""
    if last is None:
        return Why.FIRST_COUNT
    return Why.DEFINITION if last.meaning != plan.meaning else Why.TIME


def _is_new_day(last: Reckoning | None, known: _Knowledge) -> bool:
    return last is None or last.on_day != known.as_of.day


def _seen(last: Reckoning) -> pull.Seen:
    return pull.Seen(last.watermark, last.seen, last.reckoned_at)


def _run(statement: str, people: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(people))


def _some(people: sql.Composable) -> list[int]:
    """Nobody, where they are so many that the next version has to do it."""
    with connection.cursor() as cursor:
        cursor.execute(people + sql.SQL(" LIMIT {}").format(sql.Literal(ASKED_AGAIN + 1)))
        found = [row[0] for row in cursor.fetchall()]
    return found if len(found) <= ASKED_AGAIN else []
