"""What became of a batch, written down: states, receipts and the timeline, only where owner, attempt and state still hold."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from rapport.consent import policy
from rapport.messaging import leases, numbers, pressure, receipts, returns, timeline, tracking
from rapport.messaging.carried import Answer
from rapport.messaging.leases import Terms
from rapport.messaging.models import Intent

TIRED = "Tried {times} times; it waits for somebody to look. {words}"


class SendReport(msgspec.Struct):
    """What one call did, in messages. `throttled`: told to come back by a receiving domain's rate; `busy`: the carrier was away."""

    claimed: int = 0
    sent: int = 0
    suppressed: int = 0
    deferred: int = 0
    throttled: int = 0
    busy: int = 0
    failed: int = 0
    dead: int = 0
    unknown: int = 0
    given_back: int = 0

    @property
    def settled(self) -> int:
        """How many intents moved on; what was given back did not."""
        return self.claimed - self.given_back

    def add(self, other: "SendReport") -> None:
        for field in self.__struct_fields__:
            setattr(self, field, getattr(self, field) + getattr(other, field))


class Batch(msgspec.Struct):
    """Messages that one worker holds, by intent: what was decided about each."""

    owner: str
    now: datetime
    terms: Terms
    report: SendReport
    decided: dict[int, tuple[policy.Facts, policy.Verdict]] = {}

    def told(
        self, intent: Intent, outcome: str, reason: str = "", again: datetime | None = None
    ) -> receipts.NewReceipt:
        receipt = receipts.decided(intent, outcome, *self.decided[intent.pk], reason=reason)
        return receipt if again is None else msgspec.structs.replace(receipt, try_again_at=again)


def refused(batch: Batch, intents: Sequence[Intent]) -> list[Intent]:
    """Write down every no, and every not yet. Returns those that may go."""
    verdicts = {one.pk: batch.decided[one.pk][1] for one in intents}
    waits = [one for one in intents if verdicts[one.pk].only_waits]
    never = [one for one in intents if not verdicts[one.pk].allowed and not verdicts[one.pk].only_waits]
    until = [verdicts[one.pk].try_again_at or batch.now for one in waits]
    written = leases.defer(owner=batch.owner, intents=waits, until=until, count=False)
    told = [batch.told(one, "deferred") for one in waits if one.pk in written]
    batch.report.deferred += len(written)
    written = leases.settle(owner=batch.owner, intents=never, state="suppressed", now=batch.now)
    told += [batch.told(one, "suppressed") for one in never if one.pk in written]
    batch.report.suppressed += len(written)
    receipts.write(told)
    return [one for one in intents if verdicts[one.pk].allowed]


def fail(batch: Batch, intents: Sequence[Intent], reasons: Mapping[int, str]) -> None:
    """These never will go."""
    batch.report.failed += _end(batch, intents, "failed", reasons)


def broken(batch: Batch, intent: Intent, words: str) -> None:
    """Something is wrong with this message itself: a few more attempts, then the dead letters."""
    if intent.attempt >= batch.terms.attempts:
        if leases.settle(owner=batch.owner, intents=[intent], state="dead", now=batch.now):
            tired = TIRED.format(times=intent.attempt, words=words)
            receipts.write([receipts.plain(intent, "dead", tired, batch.now)])
            batch.report.dead += 1
        return
    until = [batch.now + patience(intent.attempt)]
    batch.report.deferred += len(leases.defer(owner=batch.owner, intents=[intent], until=until, count=True))


def results(batch: Batch, intents: Mapping[int, Intent], answers: Sequence[Answer]) -> None:
    """What the carrier said, one answer a message."""
    kinds: dict[str, list[Answer]] = {}
    for answer in answers:
        kinds.setdefault(answer.kind, []).append(answer)
    of = {kind: [intents[one.intent_id] for one in many] for kind, many in kinds.items()}
    words = {one.intent_id: one.words for one in answers}
    _sent(batch, of.get("accepted", []), words)
    fail(batch, of.get("refused", []), words)
    _give_up_numbers(batch, [one for one in kinds.get("refused", []) if one.code])
    later = of.get("later", [])
    _retry(batch, [one for one in later if one.attempt < batch.terms.attempts], words)
    tired = [one for one in later if one.attempt >= batch.terms.attempts]
    said = {one.pk: TIRED.format(times=one.attempt, words=words[one.pk]) for one in tired}
    batch.report.dead += _end(batch, tired, "dead", said)
    _wait(batch, of.get("busy", []), {one.intent_id: one for one in answers})
    batch.report.unknown += _end(batch, of.get("lost", []), "unknown", words)
    batch.report.given_back += len(leases.give_back(owner=batch.owner, intents=of.get("untouched", [])))


def _give_up_numbers(batch: Batch, refused: Sequence[Answer]) -> None:
    """The numbers that the carrier refused as dead, by what it was asked for. Who told it to stop gets no other word instead."""
    points = {}
    for one in refused:
        contact = batch.decided[one.intent_id][0].contact
        if contact is not None and contact.point_id is not None:
            points[contact.point_id] = one.code
    numbers.refused(points=points, now=batch.now)
    returns.end([one.intent_id for one in refused if one.code == numbers.STOPPED], now=batch.now)


def patience(attempt: int) -> timedelta:
    """Twice as long each time, and each message for itself by half as much more or less: a herd does not come back at once."""
    return timedelta(seconds=30 * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - no secret


def _sent(batch: Batch, intents: Sequence[Intent], words: Mapping[int, str]) -> None:
    if not intents:
        return
    written = leases.settle_sent(
        owner=batch.owner,
        intents=intents,
        answers=[words[one.pk] for one in intents],
        message_ids=[tracking.message_id(one.pk) for one in intents],
        now=batch.now,
    )
    done = [one for one in intents if one.pk in written]
    receipts.write([batch.told(one, "sent") for one in done])
    timeline.sent(intents=done, at=batch.now, now=batch.now)
    batch.report.sent += len(done)
    pressure.note_handed_over(sum(1 for one in done if one.channel == pressure.EMAIL), batch.now)


def _retry(batch: Batch, intents: Sequence[Intent], words: Mapping[int, str]) -> None:
    """Not this one, not now: it counts as an attempt."""
    until = {one.pk: batch.now + patience(one.attempt) for one in intents}
    _defer(batch, intents, until, words, count=True)
    batch.report.deferred += len(intents)


def _wait(batch: Batch, intents: Sequence[Intent], answers: Mapping[int, Answer]) -> None:
    """The carrier is away or full: the message keeps its place, and no attempt is counted."""
    until = {}
    for one in intents:
        wait = answers[one.pk].wait
        until[one.pk] = batch.now + timedelta(seconds=wait) if wait else one.due_at
    _defer(batch, intents, until, {number: one.words for number, one in answers.items()}, count=False)
    batch.report.busy += len(intents)


def _defer(
    batch: Batch, intents: Sequence[Intent], until: Mapping[int, datetime], words: Mapping[int, str], *, count: bool
) -> None:
    moments = [until[one.pk] for one in intents]
    written = leases.defer(owner=batch.owner, intents=intents, until=moments, count=count)
    receipts.write([batch.told(one, "deferred", words[one.pk], until[one.pk]) for one in intents if one.pk in written])


def _end(batch: Batch, intents: Sequence[Intent], state: str, words: Mapping[int, str]) -> int:
    written = leases.settle(owner=batch.owner, intents=intents, state=state, now=batch.now)
    receipts.write([batch.told(one, state, words[one.pk]) for one in intents if one.pk in written])
    return len(written)
