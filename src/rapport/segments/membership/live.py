"""The live refresh: whoever was written about is asked again in every segment that reads what was written, at once.

One turn, one transaction:

1. Which transactions have come since the last turn (`SeenMark`), and about whom did they write?
2. Their rows are read, and those of the people who live with them (`near`).
3. The reference engine says of each in which segments she is.
4. Against the open stays: enter, leave. The mark moves on in the same transaction, so that a kill forgets nothing.

More people than `AT_MOST` at once (an import) are left to the full refresh: the next version of the warehouse has them all.
A segment that is being refreshed in full at this moment is not waited for; these people are asked for it in the next turn.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection, transaction

from rapport.kit import watch
from rapport.people import erasing
from rapport.segments.days import AsOf
from rapport.segments.membership import stays, touched
from rapport.segments.membership.models import Membership, Reckoning, SeenMark, Why
from rapport.segments.membership.near import near
from rapport.segments.membership.plans import HOUSEHOLD, MEMBER, Plan, plans
from rapport.segments.membership.stays import NOTHING, Changed, Step
from rapport.segments.membership.touched import Change, Changes, Human

AT_MOST = 1_000
_LOCK = 0x4D454D43  # one follower at a time, in whichever process

log = structlog.get_logger("rapport.segments")


@dataclass(frozen=True)
class Turn:
    """What one turn did."""

    people: int = 0
    changed: Changed = NOTHING
    skipped: bool = False


@dataclass
class Follower:
    """Turns again and again; remembers between turns only what it could find out anew."""

    at_most: int = AT_MOST
    _seen: str = ""
    _waiting: dict[int, Changes] = field(default_factory=dict)  # segment -> people still to be asked for it

    def turn(self, *, now: datetime) -> Turn:
        """Everything that was committed since the last turn. Cheap when nothing was."""
        current = watch.point()
        if current == self._seen and not self._waiting:
            return Turn()
        with transaction.atomic():
            if not _only_one():
                return Turn()
            turn = self._follow(current, now)
        self._seen = current
        return turn

    def _follow(self, current: str, now: datetime) -> Turn:
        mark = SeenMark.objects.filter(pk=1).first()
        if mark is None or touched.is_ahead(mark.snapshot, current):
            _mark(current, now)  # whatever was before belongs to the full refresh
            return Turn()
        all_plans = plans(now=now)
        found, skipped = self._found(mark.snapshot, all_plans)
        if skipped or any(found.values()):
            _mark(current, now)
        again, self._waiting = self._waiting, {}
        if not any(found.values()) and not again:
            return Turn(skipped=skipped)
        total, people = Changed(), set[int]()
        for changes in found.values():
            if changes:
                done, busy = settle(changes, all_plans, now=now)
                total, people = total + done, people | set(changes)
                self._wait(busy, changes)
        for plan in all_plans:
            if plan.segment_id in again:
                done, busy = settle(again[plan.segment_id], [plan], now=now)
                total += done
                self._wait(busy, again[plan.segment_id])
        return Turn(len(people), total, skipped)

    def _found(self, mark: str, some: Sequence[Plan]) -> tuple[dict[str, Changes], bool]:
        """What was written from outside, and what stays were written (for segments that ask for those). Too much of one is left out."""
        found: dict[str, Changes] = {}
        skipped = False
        wanted = {"people": touched.tables_of_people()}
        if any(MEMBER in one.tables for one in some if not one.is_list):
            wanted["stays"] = frozenset({MEMBER})
        for name, tables in wanted.items():
            changes = touched.since_snapshot(mark, tables=tables, at_most=self.at_most)
            if changes is None:
                log.info("people_left_to_full_refresh", what=name, more_than=self.at_most)
            found[name], skipped = changes or {}, skipped or changes is None
        return found, skipped

    def _wait(self, segment_ids: Iterable[int], changes: Changes) -> None:
        for segment_id in segment_ids:
            self._waiting.setdefault(segment_id, {}).update(changes)


def settle(
    changes: Changes, some: Sequence[Plan], *, now: datetime, why: Why | None = None
) -> tuple[Changed, Collection[int]]:
    """Ask about these people in the segments that read what was written, and write who enters and leaves.

    `why` is the reason to note where it is not what was written. Also returns the segments that somebody else holds alone.
    """
    tables = {change.table for written in changes.values() for change in written}
    asked = [one for one in some if not (one.whole or one.is_list) and (why is not None or one.is_touched_by(tables))]
    lists = [one for one in some if one.is_list and "profile" in tables]
    if not asked and not lists:
        return Changed(), ()
    together = any(HOUSEHOLD in one.tables for one in asked)
    ids = touched.with_housemates(changes) if together else set(changes)
    humans = touched.humans(sorted(ids))
    verdicts = _verdicts(asked, humans, together, now)
    erasing.keep_out()
    free = stays.beside([one.segment_id for one in (*asked, *lists)])
    staying = _staying(humans, free)
    total = Changed()
    ready = [one for one in asked if one.segment_id in free]
    for one in (*(ready if why else _reckoned(ready)), *(one for one in lists if one.segment_id in free)):
        steps = _steps(one, humans, verdicts.get(one.segment_id), staying[one.segment_id], changes, why)
        if steps:
            stays.stage(steps)
            total += stays.apply(segment_id=one.segment_id, version=one.version, now=now, is_list=one.is_list)
    return total, {one.segment_id for one in (*asked, *lists)} - free


def ask_again(person_ids: Sequence[int], plan: Plan, *, why: Why, now: datetime) -> Changed:
    """These people in one segment, from the record as it stands."""
    return settle({one: [] for one in person_ids}, [plan], now=now, why=why)[0] if person_ids else Changed()


def _verdicts(asked: Sequence[Plan], humans: Sequence[Human], together: bool, now: datetime) -> dict[int, set[int]]:
    """Segment -> the pseudonyms of those of whom it is true."""
    living = {one.pseudonym for one in humans if one.is_living}
    if not asked or not living:
        return {one.segment_id: set() for one in asked}
    ids = [one.id for one in humans]
    if together:
        ids = [one.id for one in touched.humans(sorted(touched.with_housemates(ids)))]
    as_of = AsOf.at(now, settings.TIME_ZONE)
    rows = near(ids, now=now)
    return {one.segment_id: rows.holding(one.node, living, as_of) for one in asked}


def _staying(humans: Sequence[Human], segment_ids: Collection[int]) -> dict[int, set[int]]:
    """Segment -> the records with an open stay. Asked when the locks are held."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Membership.objects.filter(
        person_id__in=[one.id for one in humans], segment_id__in=segment_ids, left_at__isnull=True
    )
    for segment_id, person_id in rows.values_list("segment_id", "person_id"):
        found[segment_id].add(person_id)
    return found


def _reckoned(some: Sequence[Plan]) -> list[Plan]:
    """Those whose stays rest on the definition that was asked. The others wait for the full refresh, which asks about these people too."""
    meanings = dict(Reckoning.objects.filter(pk__in=[one.segment_id for one in some]).values_list("pk", "meaning"))
    return [one for one in some if meanings.get(one.segment_id) == one.meaning]


def _steps(
    plan: Plan, humans: Sequence[Human], holding: set[int] | None, staying: set[int], changes: Changes, why: Why | None
) -> list[Step]:
    """Who enters and who leaves. On a list (`holding` is None) everybody stays who lives."""
    by_head: dict[int, list[Change]] = defaultdict(list)
    for one in humans:
        by_head[one.head] += changes.get(one.id, ())
    found = []
    for one in humans:
        belongs = one.is_living and (one.id in staying if holding is None else one.pseudonym in holding)
        if belongs != (one.id in staying):
            cause = _cause(plan, by_head[one.head])
            reason = why or (Why.EVENT if cause else Why.TIME)
            kind, trace = (cause.kind, cause.trace) if cause and why is None else ("", None)
            found.append(Step(one.pseudonym, belongs, reason, kind, trace))
    return found


def _cause(plan: Plan, written: Sequence[Change]) -> Change | None:
    """Of all that was written the thing that the question mentions; else something in a table that it reads."""
    read = [one for one in written if one.table in plan.tables]
    named = [one for one in read if one.kind in plan.kinds]
    other = [one for one in read if one.table != "profile"]
    return next(iter(named or other or read), None)


def _only_one() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _mark(current: str, now: datetime) -> None:
    SeenMark.objects.update_or_create(pk=1, defaults={"snapshot": current, "moved_at": now})
