"""How fast a no works: from the moment it was said to its row in the ledger, and to the last waiting message that it stopped.

Both are measured, not promised: the first from the two times on the row, the second from the messages of that person, channel
and topic that were waiting when the row was written. A message that began after the row is a breach and is shown as one.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from statistics import median

import msgspec

from rapport.consent.models import ConsentRecord
from rapport.messaging.models import Intent

WINDOW = timedelta(days=90)
A_LIST = 500
SLOW = timedelta(days=1)
_STOPPING = ("consent", "objection", "do_not_contact")
_STOPPED = (Intent.State.SUPPRESSED, Intent.State.STOPPED)


class Revocation(msgspec.Struct, frozen=True):
    """One no, with what it took. Durations in seconds; `stopped_in` is None when nothing was waiting or all still waits."""

    record: ConsentRecord
    written_in: float
    stopped: int
    stopped_in: float | None
    waiting: int
    sent_after: int


class Summary(msgspec.Struct, frozen=True):
    """All of them together. None where there is nothing to measure."""

    count: int
    median: float | None
    worst: float | None
    stop_median: float | None
    stop_worst: float | None
    sent_after: int


def revocations(*, now: datetime) -> list[Revocation]:
    """The newest of the last 90 days, by when they were written."""
    rows = ConsentRecord.objects.filter(status="withdrawn", recorded_at__gt=now - WINDOW, recorded_at__lte=now)
    records = list(rows.order_by("-recorded_at", "-id")[:A_LIST])
    intents = _intents(records, now)
    regained = _regained(records)
    return [_measured(one, intents[one.person_id], regained[one.person_id]) for one in records]


def summary(found: list[Revocation]) -> Summary:
    written = [one.written_in for one in found]
    stops = [one.stopped_in for one in found if one.stopped_in is not None]
    return Summary(
        count=len(found),
        median=median(written) if written else None,
        worst=max(written, default=None),
        stop_median=median(stops) if stops else None,
        stop_worst=max(stops, default=None),
        sent_after=sum(one.sent_after for one in found),
    )


def _measured(record: ConsentRecord, intents: list[Intent], grants: list[ConsentRecord]) -> Revocation:
    mine = [one for one in intents if _covers(record, one) and one.created_at <= record.recorded_at]
    stopped = [one for one in mine if one.state in _STOPPED and one.settled_at and one.settled_at >= record.recorded_at]
    last = max((one.settled_at for one in stopped if one.settled_at), default=None)
    return Revocation(
        record=record,
        written_in=max((record.recorded_at - record.at).total_seconds(), 0.0),
        stopped=len(stopped),
        stopped_in=(last - record.recorded_at).total_seconds() if last else None,
        waiting=sum(one.state == Intent.State.QUEUED for one in mine),
        sent_after=sum(_is_breach(record, one, grants) for one in intents if _covers(record, one)),
    )


def _is_breach(record: ConsentRecord, intent: Intent, grants: list[ConsentRecord]) -> bool:
    """It began after the no was written, and no newer yes stood in between."""
    if intent.state != Intent.State.SENT or intent.begun_at is None or intent.begun_at <= record.recorded_at:
        return False
    return not any(record.recorded_at <= one.recorded_at <= intent.begun_at and _covers(one, intent) for one in grants)


def _covers(record: ConsentRecord, intent: Intent) -> bool:
    """A no about this channel and topic, or about every one. A paper taken back stops nothing by itself."""
    return (
        record.kind in _STOPPING
        and record.channel in {"all", intent.channel}
        and (record.topic in {"all", intent.topic} or record.kind == "do_not_contact")
    )


def _intents(records: list[ConsentRecord], now: datetime) -> dict[int, list[Intent]]:
    found: dict[int, list[Intent]] = defaultdict(list)
    people = {one.person_id for one in records}
    rows = Intent.objects.filter(person_id__in=people, created_at__gt=now - 2 * WINDOW)
    for one in rows.only("person_id", "channel", "topic", "state", "begun_at", "settled_at", "created_at"):
        found[one.person_id].append(one)
    return found


def _regained(records: list[ConsentRecord]) -> dict[int, list[ConsentRecord]]:
    found: dict[int, list[ConsentRecord]] = defaultdict(list)
    people = {one.person_id for one in records}
    for one in ConsentRecord.objects.filter(person_id__in=people, kind="consent", status="granted"):
        found[one.person_id].append(one)
    return found
