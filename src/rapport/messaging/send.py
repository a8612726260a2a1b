"""The one door out. Every message takes these steps and no other way (DESIGN, “The send, exactly”):

1. claim due intents of a channel with SKIP LOCKED, lane by lane, and commit.
2. look at the monotonic clock: if most of the lease is gone, give the batch up.
3. in a fresh transaction gather facts and decide, as of now; write receipts for every no; compose what may go; find a moment for
   each by the rates of channel and receiving domain; one audit line for the batch; commit.
4. flight by flight: note durably that sending begins, then send, with a Message-ID that never changes and a socket timeout far
   below the lease. Before each message the lease and the age of the decision are looked at again; what they no longer cover goes
   back to the queue.
5. write results and receipts of a flight together with the beginning of the next, only where owner, attempt and state still hold.
6. `reap` takes expired leases: what had not begun goes back to the queue, what had is unknown until there is proof.

A carrier that is away is left alone for a while (`breakers`), other channels go on. What fails again and again is tried by itself,
and ends with the dead letters for a person to look at.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from rapport.consent import policy
from rapport.messaging import (
    breakers,
    compose,
    deliver,
    facts,
    failpoints,
    leases,
    outcomes,
    pacing,
    pressure,
    settling,
)
from rapport.messaging.carried import Answer, Outgoing
from rapport.messaging.leases import HOUSE, Lease, Terms
from rapport.messaging.models import Intent
from rapport.messaging.settling import Batch, SendReport
from rapport.trust import audit
from rapport.trust.actors import System

__all__ = ["SendReport", "reap", "send_due"]
log = structlog.get_logger(__name__)


class _Task(msgspec.Struct):
    """One worker's share of a channel."""

    owner: str
    channel: str
    now: datetime
    terms: Terms
    lanes: dict[int, int | None]
    is_probe: bool = False


class _Ready(msgspec.Struct):
    """What may go: the messages in the order in which they go."""

    batch: Batch
    intents: dict[int, Intent]
    messages: list[Outgoing]


def send_due(*, owner: str, now: datetime, limit: int, terms: Terms = HOUSE) -> SendReport:
    """Send what is due, at most `limit` messages, in chunks, channel by channel in turn. `owner` must be one process."""
    mine = f"{owner}/{uuid.uuid4().hex[:12]}"[-60:]
    total, busy = SendReport(), list(deliver.channels())
    while busy and total.claimed < limit:
        held = pressure.paused()
        for channel in tuple(busy):
            task = _Task(mine, channel, now, terms, pressure.lanes(channel, held=held, now=now))
            done = _turn(task, limit - total.claimed)
            total.add(done)
            if not done.claimed or done.given_back or done.busy or total.claimed >= limit:
                busy.remove(channel)
    return total


def _turn(task: _Task, limit: int) -> SendReport:
    """One chunk of a channel, if its carrier is there and its rate leaves room; then one of those that failed before, alone."""
    most = min(task.terms.chunk, limit)
    room = pacing.room(task.channel)
    most = most if room is None else min(most, room)
    gate = breakers.ask(task.channel) if most > 0 else "shut"
    if gate == "shut":
        return SendReport()
    task.is_probe = gate == "probe"
    report = _chunk(task, limit=1 if task.is_probe else most)
    if not (task.is_probe or report.busy or report.given_back) and limit > report.claimed:
        report.add(_chunk(task, limit=1, alone=True))
    return report


def _chunk(task: _Task, *, limit: int, alone: bool = False) -> SendReport:
    report = SendReport()
    lease = Lease(task.terms)
    with transaction.atomic(durable=True):
        claimed = leases.claim(
            owner=task.owner, channel=task.channel, lanes=task.lanes, now=task.now, limit=limit, terms=task.terms,
            alone=alone,
        )  # fmt: skip
    report.claimed = len(claimed)
    if not claimed:
        return report
    failpoints.reach("after_claim")
    if not lease.holds():
        with transaction.atomic(durable=True):
            report.given_back = len(leases.give_back(owner=task.owner, intents=claimed))
        return report
    lease.decided_now()
    for ready in _decided(task, claimed, lease, report):
        _fly(task, ready, lease)
    return report


def _decided(task: _Task, claimed: Sequence[Intent], lease: Lease, report: SendReport) -> Iterator[_Ready]:
    """Step 3 for all at once; where one of them breaks it, for each by itself, so that one breaks for itself alone."""
    try:
        with transaction.atomic(durable=True):
            ready = _decide(task, claimed, lease, report)
            failpoints.reach("after_decide")
    except DatabaseError:
        raise
    except Exception as broken:  # noqa: BLE001 - whatever is wrong with one message must not hold up the others
        if len(claimed) > 1:
            for one in claimed:
                yield from _decided(task, [one], lease, report)
            return
        log.error("message_broken", error=type(broken).__name__)
        with transaction.atomic(durable=True):
            batch = Batch(task.owner, task.now, task.terms, report)
            settling.broken(batch, claimed[0], f"It could not be written ({type(broken).__name__}).")
        return
    yield ready


def _decide(task: _Task, claimed: Sequence[Intent], lease: Lease, into: SendReport) -> _Ready:
    """Everything here stands or falls together; the report is written to when all of it stood."""
    asked = facts.gather(claimed, task.now)
    verdicts = policy.decide_many(asked)
    decided = {one.pk: (known, verdict) for one, known, verdict in zip(claimed, asked, verdicts, strict=True)}
    batch = Batch(task.owner, task.now, task.terms, SendReport(), decided)
    may = settling.refused(batch, claimed)
    composed = compose.compose(may, facts.addressed((one.pk, decided[one.pk][0]) for one in may), task.now)
    settling.fail(batch, [one for one in may if one.pk in composed.problems], composed.problems)
    ready = [one for one in may if one.pk in composed.messages]
    going = _find_moments(task, ready, composed.messages, lease, batch.report)
    if going:
        said = {"messages": len(going), "causes": sorted({f"{one.cause}:{one.cause_id}" for one in going})}
        people = sorted({one.person_id for one in going})
        audit.record(by=System("send"), verb="message.send", now=task.now, people=people, details=said)
    into.add(batch.report)
    batch.report = into
    return _Ready(batch, {one.pk: one for one in going}, [composed.messages[one.pk] for one in going])


def _find_moments(
    task: _Task, ready: Sequence[Intent], messages: dict[int, Outgoing], lease: Lease, report: SendReport
) -> list[Intent]:
    """A moment for each by the rate of its receiving domain, then of the channel; who finds none comes back later."""
    if not ready:
        return []
    names = pacing.domains({one.pk: messages[one.pk].address for one in ready}) if task.channel == "email" else {}
    by_name: dict[str, list[Intent]] = {}
    for one in ready:
        by_name.setdefault(names.get(one.pk, ""), []).append(one)
    given = pacing.take({name: len(many) for name, many in by_name.items() if name})
    moments: dict[int, float] = {}
    late: dict[int, float] = {}
    for name, many in by_name.items():
        slots = given.get(name)
        for number, one in enumerate(many):
            after = slots.at(number) if slots else 0.0
            (late if slots and number >= slots.many else moments)[one.pk] = after
    going = sorted((one for one in ready if one.pk in moments), key=lambda one: (moments[one.pk], one.due_at, one.pk))
    slots = pacing.take({task.channel: len(going)}).get(task.channel)
    if slots is not None:
        moments = {one.pk: max(moments[one.pk], slots.at(number)) for number, one in enumerate(going)}
        report.given_back += len(leases.give_back(owner=task.owner, intents=going[slots.many :]))
        going = going[: slots.many]
    waits = [one for one in ready if one.pk in late]
    until = [task.now + timedelta(seconds=late[one.pk]) for one in waits]
    report.throttled += len(leases.defer(owner=task.owner, intents=waits, until=until, count=False))
    lease.schedule(moments if slots or given else {})
    return going


def _fly(task: _Task, ready: _Ready, lease: Lease) -> None:
    """Steps 4 and 5. The results of a flight are written in the transaction that begins the next one."""
    answers: list[Answer] = []
    left, is_over = ready.messages, False
    while left or answers:
        flight = [] if is_over or not lease.is_fresh() else left[: task.terms.flight]
        begun = _through_an_outage(partial(_between_flights, task, ready, answers, flight, left), task.terms)
        if answers:
            failpoints.reach("after_commit")
        answers, left = [], left[task.terms.flight :] if flight else []
        if flight:
            failpoints.reach("after_begin")
            ours = [one for one in flight if one.intent_id in begun]
            answers = deliver.deliver(task.channel, ours, lease, task.terms.socket_seconds)
            is_over = _look_at_the_carrier(task, answers)


@transaction.atomic(durable=True)
def _between_flights(
    task: _Task,
    ready: _Ready,
    answers: Sequence[Answer],
    flight: Sequence[Outgoing],
    left: Sequence[Outgoing],
) -> set[int]:
    """Write what became of the last flight and note that the next one begins; without a next one, give back what is left.

    Returns who of the flight is still ours.
    """
    batch = msgspec.structs.replace(ready.batch, report=SendReport())
    if answers:
        settling.results(batch, ready.intents, answers)
    rest = [ready.intents[one.intent_id] for one in left] if not flight else []
    batch.report.given_back += len(leases.give_back(owner=task.owner, intents=rest))
    begun = leases.begin(owner=task.owner, intents=[ready.intents[one.intent_id] for one in flight], now=task.now)
    failpoints.reach("before_commit" if answers else "before_begin")
    transaction.on_commit(partial(ready.batch.report.add, batch.report))
    return begun


def _through_an_outage(step: Callable[[], set[int]], terms: Terms) -> set[int]:
    """What the carrier said is known here and nowhere else: while the database is away, wait for it, as long as the lease would last.

    A second time is safe: states are written only where owner, attempt and state still hold, and a receipt only with its state.
    """
    until = time.monotonic() + terms.lease_seconds
    while True:
        try:
            return step()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.25)


def _look_at_the_carrier(task: _Task, answers: Sequence[Answer]) -> bool:
    """True when nothing more should be handed to it now: it is away, full, or lost what it was given and took nothing."""
    away = [one for one in answers if one.kind == "busy"]
    worked = any(one.kind == "accepted" for one in answers)
    if not away and not worked:
        away = [one for one in answers if one.kind == "lost"]
    if away:
        breakers.failed(task.channel, reason=away[0].words, wait=max(one.wait for one in away), worked=worked)
        return True
    if task.is_probe and any(one.kind != "untouched" for one in answers):
        breakers.worked(task.channel)
    return False


reap = outcomes.reap
