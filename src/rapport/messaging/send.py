"""The one door out. Every message takes these steps and no other way (DESIGN, “The send, exactly”):

1. claim due intents with SKIP LOCKED and commit.
2. look at the monotonic clock: if most of the lease is gone, give the batch up.
3. in a fresh transaction gather facts and decide, as of now; write receipts for every no; compose what may go;
   note durably that sending begins; one audit line for the batch; commit.
4. send, with a Message-ID that never changes and a socket timeout far below the lease. Before each message the lease and the
   age of the decision are looked at again; what they no longer cover goes back to the queue.
5. write results and receipts in one transaction, only where owner, attempt and state still hold.
6. `reap` takes expired leases: what had not begun goes back to the queue, what had is unknown until there is proof.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from rapport.consent import policy
from rapport.messaging import compose, deliver, facts, failpoints, leases, outcomes, receipts, timeline
from rapport.messaging.carried import Answer, Outgoing
from rapport.messaging.leases import HOUSE, Lease, Terms
from rapport.messaging.models import Intent
from rapport.trust import audit
from rapport.trust.actors import System


class SendReport(msgspec.Struct):
    """What one call did, in messages."""

    claimed: int = 0
    sent: int = 0
    suppressed: int = 0
    deferred: int = 0
    failed: int = 0
    unknown: int = 0
    given_back: int = 0

    @property
    def settled(self) -> int:
        """How many intents moved on; what was given back did not."""
        return self.claimed - self.given_back

    def add(self, other: "SendReport") -> None:
        for field in self.__struct_fields__:
            setattr(self, field, getattr(self, field) + getattr(other, field))


class _Ready(msgspec.Struct):
    """A batch that may go: its decisions and messages by intent id."""

    intents: dict[int, Intent]
    decided: dict[int, tuple[policy.Facts, policy.Verdict]]
    messages: list[tuple[str, Outgoing]]


def send_due(*, owner: str, now: datetime, limit: int, terms: Terms = HOUSE) -> SendReport:
    """Send what is due, at most `limit` messages, in chunks. `owner` must be one process."""
    mine = f"{owner}/{uuid.uuid4().hex[:12]}"[-60:]
    total = SendReport()
    while total.claimed < limit:
        done = _chunk(owner=mine, now=now, limit=min(terms.chunk, limit - total.claimed), terms=terms)
        total.add(done)
        if not done.claimed or done.given_back or _carrier_is_down(done):
            break
    return total


def _carrier_is_down(done: SendReport) -> bool:
    return done.claimed > 0 and done.sent == 0 and done.deferred == done.claimed


def _chunk(*, owner: str, now: datetime, limit: int, terms: Terms) -> SendReport:
    report = SendReport()
    lease = Lease(terms)
    with transaction.atomic(durable=True):
        claimed = leases.claim(owner=owner, now=now, limit=limit, terms=terms)
    report.claimed = len(claimed)
    if not claimed:
        return report
    failpoints.reach("after_claim")
    if not lease.holds():
        with transaction.atomic(durable=True):
            report.given_back = len(leases.give_back(owner=owner, intents=claimed))
        return report
    lease.decided_now()
    with transaction.atomic(durable=True):
        ready = _decide(owner=owner, claimed=claimed, now=now, report=report)
        failpoints.reach("after_decide")
    failpoints.reach("after_begin")
    answers = deliver.deliver(ready.messages, lease)
    with transaction.atomic(durable=True):
        _write(owner=owner, ready=ready, answers=answers, now=now, terms=terms, report=report)
        failpoints.reach("before_commit")
    failpoints.reach("after_commit")
    return report


def _decide(*, owner: str, claimed: Sequence[Intent], now: datetime, report: SendReport) -> _Ready:
    """Step 3. Everything here stands or falls together."""
    asked = facts.gather(claimed, now)
    verdicts = policy.decide_many(asked)
    decided = {one.pk: (known, verdict) for one, known, verdict in zip(claimed, asked, verdicts, strict=True)}
    waits = [one for one in claimed if decided[one.pk][1].only_waits]
    never = [one for one in claimed if not decided[one.pk][1].allowed and not decided[one.pk][1].only_waits]
    may = [one for one in claimed if decided[one.pk][1].allowed]

    written = leases.defer(
        owner=owner, intents=waits, until=[decided[one.pk][1].try_again_at or now for one in waits], count=False
    )
    receipts.write([receipts.decided(one, "deferred", *decided[one.pk]) for one in waits if one.pk in written])
    report.deferred += len(written)
    written = leases.settle(owner=owner, intents=never, state="suppressed", now=now)
    receipts.write([receipts.decided(one, "suppressed", *decided[one.pk]) for one in never if one.pk in written])
    report.suppressed += len(written)

    begun = leases.begin(owner=owner, intents=may, now=now)
    going = [one for one in may if one.pk in begun]
    to = facts.addressed((one.pk, decided[one.pk][0]) for one in going)
    composed = compose.compose(going, to, now)
    broken = [one for one in going if one.pk in composed.problems]
    _fail(owner=owner, intents=broken, decided=decided, reasons=composed.problems, now=now, report=report)
    ready = [one for one in going if one.pk in composed.messages]
    if ready:
        people = sorted({one.person_id for one in ready})
        said = {"messages": len(ready), "causes": sorted({f"{one.cause}:{one.cause_id}" for one in ready})}
        audit.record(by=System("send"), verb="message.send", now=now, people=people, details=said)
    return _Ready({one.pk: one for one in ready}, decided, [(one.channel, composed.messages[one.pk]) for one in ready])


def _write(
    *, owner: str, ready: _Ready, answers: Sequence[Answer], now: datetime, terms: Terms, report: SendReport
) -> None:
    """Step 5."""
    by_kind: dict[str, list[Answer]] = {}
    for answer in answers:
        by_kind.setdefault(answer.kind, []).append(answer)
    _sent(owner=owner, ready=ready, answers=by_kind.get("accepted", []), now=now, report=report)
    words = {one.intent_id: one.words for one in answers}
    later = [ready.intents[one.intent_id] for one in by_kind.get("later", [])]
    tired = [one for one in later if one.attempt >= terms.attempts]
    refused = [ready.intents[one.intent_id] for one in by_kind.get("refused", [])] + tired
    _fail(owner=owner, intents=refused, decided=ready.decided, reasons=words, now=now, report=report)
    _retry(
        owner=owner,
        ready=ready,
        intents=[one for one in later if one.attempt < terms.attempts],
        words=words,
        now=now,
        report=report,
    )
    lost = [ready.intents[one.intent_id] for one in by_kind.get("lost", [])]
    written = leases.settle(owner=owner, intents=lost, state="unknown", now=now)
    receipts.write([_carrier(one, "unknown", ready, words) for one in lost if one.pk in written])
    report.unknown += len(written)
    untouched = [ready.intents[one.intent_id] for one in by_kind.get("untouched", [])]
    report.given_back += len(leases.give_back(owner=owner, intents=untouched))


def _sent(*, owner: str, ready: _Ready, answers: Sequence[Answer], now: datetime, report: SendReport) -> None:
    intents = [ready.intents[one.intent_id] for one in answers]
    if not intents:
        return
    messages = {message.intent_id: message for _, message in ready.messages}
    written = leases.settle_sent(
        owner=owner,
        intents=intents,
        answers=[one.words for one in answers],
        message_ids=[messages[one.pk].message_id for one in intents],
        now=now,
    )
    done = [one for one in intents if one.pk in written]
    receipts.write([receipts.decided(one, "sent", *ready.decided[one.pk]) for one in done])
    timeline.sent(intents=done, at=now, now=now)
    report.sent += len(done)


def _retry(
    *, owner: str, ready: _Ready, intents: Sequence[Intent], words: dict[int, str], now: datetime, report: SendReport
) -> None:
    """The carrier can't now: wait twice as long each time, spread a little so that a herd does not come back at once."""
    until = [now + timedelta(seconds=30 * 2**one.attempt + one.pk % 17) for one in intents]
    written = leases.defer(owner=owner, intents=intents, until=until, count=True)
    again = dict(zip((one.pk for one in intents), until, strict=True))
    receipts.write(
        [
            msgspec.structs.replace(_carrier(one, "deferred", ready, words), try_again_at=again[one.pk])
            for one in intents
            if one.pk in written
        ]
    )
    report.deferred += len(written)


def _fail(
    *,
    owner: str,
    intents: Sequence[Intent],
    decided: dict[int, tuple[policy.Facts, policy.Verdict]],
    reasons: dict[int, str],
    now: datetime,
    report: SendReport,
) -> None:
    written = leases.settle(owner=owner, intents=intents, state="failed", now=now)
    receipts.write(
        [
            receipts.decided(one, "failed", *decided[one.pk], reason=reasons[one.pk])
            for one in intents
            if one.pk in written
        ]
    )
    report.failed += len(written)


def _carrier(intent: Intent, outcome: str, ready: _Ready, words: dict[int, str]) -> receipts.NewReceipt:
    return receipts.decided(intent, outcome, *ready.decided[intent.pk], reason=words[intent.pk])


reap = outcomes.reap
