"""Acting on a wish: stop at once, keep only visit reminders, bring back what a stop took.

1. `revoke` withdraws in every channel that the rule ties together (text messages and automated calls) and puts the number on the
   suppression list, also one that belongs to nobody we know. Words spoken on a call or typed by a clerk come here too.
2. `narrow` answers our question about scope: care may go on, the rest stays stopped.
3. `bring_back` (START) restores what the stop took and nothing else: a consent that was not there before is never invented.
4. `told_the_carrier`: a stop that the carrier keeps and we never heard. Nothing goes to the number until its START.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from rapport.consent import ledger, suppressions
from rapport.consent.models import ConsentRecord, Suppression
from rapport.consent.queries import TOPICS
from rapport.consent.revocation import EVERYTHING, reach_of
from rapport.consent.wishes import Wish
from rapport.people.models import ContactPoint
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor

PHONE = "phone"
ALLOWED_WITHOUT_A_YES = frozenset({"care", "billing", "survey"})
TEXT_VERSION = "wish-1"
STOP, NARROW, START = "stop", "narrow", "start"
CARRIER = "carrier"


class NotAStop(ValueError):
    """Only a wish to stop revokes."""


class Revoked(msgspec.Struct, frozen=True):
    """What a stop did. `addresses`: how many numbers are newly on the suppression list."""

    people: tuple[int, ...]
    record_ids: tuple[int, ...]
    topics: tuple[str, ...]
    channels: tuple[str, ...]
    addresses: int
    rule: str
    rule_version: int
    at: datetime


class Restored(msgspec.Struct, frozen=True):
    """What was brought back: people with at least one statement, the statements, the numbers taken off the list."""

    people: tuple[int, ...]
    record_ids: tuple[int, ...]
    addresses: int

    @property
    def nothing(self) -> bool:
        return not (self.people or self.addresses)


class _Answered(msgspec.Struct, frozen=True):
    """What somebody said after a stop, and when the stops came."""

    what: str
    stopped_at: Sequence[datetime]
    evidence: dict[str, Any]
    now: datetime


@transaction.atomic
def revoke(
    *,
    by: Actor,
    person_ids: Sequence[int],
    channel: str,
    wish: Wish,
    evidence: dict[str, Any],
    now: datetime,
    number: bytes | None = None,
    locale: str = "en",
) -> Revoked:
    """Stop. `channel`: how the wish came (sms, call, desk); `number`: the digest of the number that asked, else all their numbers.

    Everybody in `person_ids` is taken at their word: whoever shares a number shares the stop.
    """
    if wish.kind != STOP:
        raise NotAStop(f"the wish is {wish.kind}")
    reach = reach_of(wish, now.date())
    told = {**evidence, "wish": wish.matched, "confidence": wish.confidence, "rule": f"{wish.rule}@{wish.rule_version}"}
    written = _write(
        [
            ledger.NewRecord(
                person_id=person, channel=one, topic=topic, status="withdrawn", at=now, via=via(channel, STOP),
                text_version=TEXT_VERSION, source_key=_key(channel, STOP, str(person), one, topic, now.isoformat()), evidence=told,
                locale=locale,
            )
            for person in sorted(set(person_ids))
            for one in reach.channels
            for topic in reach.topics
        ],
        now,
    )  # fmt: skip
    digests = [number] if number is not None else _numbers(person_ids)
    addresses = sum(
        suppressions.put(kind=PHONE, digests=digests, topic=topic, reason="unsubscribed", now=now)
        for topic in reach.topics
    )
    done = Revoked(
        tuple(sorted(set(person_ids))), written, reach.topics, reach.channels, addresses, reach.rule, reach.rule_version, now
    )  # fmt: skip
    said = {
        "came_by": channel, "topics": list(done.topics), "channels": list(done.channels), "records": list(done.record_ids),
        "addresses": addresses, "rule": f"{done.rule}@{done.rule_version}",
    }  # fmt: skip
    audit.record(by=by, verb="consent.revoke", now=now, people=list(done.people), details=said)
    return done


@transaction.atomic
def narrow(
    *,
    by: Actor,
    person_ids: Sequence[int],
    number: bytes,
    stopped_at: Sequence[datetime],
    wish: Wish,
    now: datetime,
    evidence: dict[str, Any] | None = None,
) -> Restored:
    """The answer to our question: this kind of message may go on, everything else stays stopped. `stopped_at`: when the stops came."""
    keep = tuple(one for one in reach_of(wish, now.date()).narrow_to if one == wish.scope)
    if not keep or not stopped_at:
        return Restored((), (), 0)
    records = _restoring(person_ids, keep, _Answered(NARROW, stopped_at, evidence or {}, now))
    lifted = _lift(number, stopped_at, now) if records else 0
    if lifted:
        for topic in TOPICS:
            if topic not in keep:
                suppressions.put(kind=PHONE, digests=[number], topic=topic, reason="unsubscribed", now=now)
    return _restored(by, "consent.narrow", records, lifted, now)


@transaction.atomic
def bring_back(
    *,
    by: Actor,
    person_ids: Sequence[int],
    number: bytes,
    stopped_at: Sequence[datetime],
    now: datetime,
    evidence: dict[str, Any] | None = None,
) -> Restored:
    """START: what stood before the stops of this number stands again. `stopped_at`: when its stops and narrowings came."""
    answered = _Answered(START, stopped_at, evidence or {}, now)
    records = _restoring(person_ids, TOPICS, answered) if stopped_at else []
    lifted = _lift(number, stopped_at, now) + _standing(number, CARRIER).update(lifted_at=now)
    return _restored(by, "consent.bring_back", records, lifted, now)


@transaction.atomic
def told_the_carrier(*, by: Actor, numbers: Sequence[bytes], evidence: dict[str, Any], now: datetime) -> int:
    """The carrier refuses our texts to these numbers (digests), which told it to stop. Returns how many are newly on the list.

    It is a revocation like any other, and reaches us without its words: the number is held back, the ledger stays as it is.
    """
    listed = suppressions.put(kind=PHONE, digests=numbers, topic=EVERYTHING, reason=CARRIER, now=now)
    people = sorted(
        set(ContactPoint.objects.filter(kind=PHONE, digest__in=numbers).values_list("person_id", flat=True))
    )
    said = {**evidence, "kind": PHONE, "topic": EVERYTHING, "reason": CARRIER, "addresses": listed}
    audit.record(by=by, verb="consent.suppress", now=now, people=people, details=said)
    return listed


def via(channel: str, what: str) -> str:
    """What stands in the ledger as the way a statement came: sms_stop, call_stop, sms_start."""
    return f"{channel}_{what}"


def _restoring(person_ids: Sequence[int], topics: Sequence[str], answered: _Answered) -> list[ledger.NewRecord]:
    channels = reach_of(Wish("stop", 1.0), answered.now.date()).channels
    told = ConsentRecord.objects.filter(person_id__in=list(person_ids), kind="consent").order_by("-at", "-id")
    by_person: dict[int, list[ConsentRecord]] = {}
    for one in told:
        by_person.setdefault(one.person_id, []).append(one)
    return [
        _again(before, person, channel, topic, answered)
        for person, history in sorted(by_person.items())
        for channel in channels
        for topic in topics
        for before in _taken(history, channel, topic, answered)
    ]


def _taken(
    history: Sequence[ConsentRecord], channel: str, topic: str, answered: _Answered
) -> list[ConsentRecord | None]:
    """The statements a stop took and that may stand again, newest first; None stands for "never asked, and allowed without a yes"."""
    said = [one for one in history if one.channel in {channel, "all"} and one.topic in {topic, EVERYTHING}]

    def is_the_stop(one: ConsentRecord) -> bool:
        return one.status == "withdrawn" and one.via == via("sms", STOP) and one.at in answered.stopped_at

    if not said or not is_the_stop(said[0]):
        return []
    before = [one for one in said if not is_the_stop(one)]
    if not before:
        return [None] if topic in ALLOWED_WITHOUT_A_YES else []
    standing: dict[str, ConsentRecord | None] = {}
    for one in before:
        if one.status != "granted":
            break
        if one.expires_at is None or one.expires_at > answered.now:
            standing.setdefault(one.tier, one)
    return list(standing.values())


def _again(
    before: ConsentRecord | None, person: int, channel: str, topic: str, answered: _Answered
) -> ledger.NewRecord:
    tier = before.tier if before else "express"
    return ledger.NewRecord(
        person_id=person, channel=channel, topic=topic, status="granted", at=answered.now,
        via=via("sms", answered.what), tier=tier,
        text_version=before.text_version if before else TEXT_VERSION, locale=before.locale if before else "en",
        expires_at=before.expires_at if before else None, contact_point_id=before.contact_point_id if before else None,
        sender=before.sender if before else "all",
        evidence={**answered.evidence, "brings_back": before.pk if before else None},
        source_key=_key("sms", answered.what, str(person), channel, topic, tier, answered.now.isoformat()),
    )  # fmt: skip


def _restored(by: Actor, verb: str, records: Sequence[ledger.NewRecord], lifted: int, now: datetime) -> Restored:
    written = _write(records, now)
    people = tuple(sorted({one.person_id for one in records}))
    done = Restored(people, written, lifted)
    if not done.nothing:
        audit.record(
            by=by, verb=verb, now=now, people=list(people), details={"records": list(written), "addresses": lifted}
        )
    return done


def _lift(number: bytes, stopped_at: Sequence[datetime], now: datetime) -> int:
    """Off the list, where it was the person's own stop that put the number there."""
    return _standing(number, "unsubscribed").filter(at__in=list(stopped_at)).update(lifted_at=now)


def _standing(number: bytes, reason: str) -> QuerySet[Suppression]:
    return Suppression.objects.filter(kind=PHONE, digest=number, reason=reason, lifted_at__isnull=True)


def _write(records: Sequence[ledger.NewRecord], now: datetime) -> tuple[int, ...]:
    ledger.write(records=records, now=now)
    keys = [one.source_key for one in records]
    return tuple(
        ConsentRecord.objects.filter(source_key__in=keys).order_by("id").values_list("pk", flat=True) if keys else ()
    )


def _numbers(person_ids: Sequence[int]) -> list[bytes]:
    found = ContactPoint.objects.filter(person_id__in=list(person_ids), kind=PHONE).values_list("digest", flat=True)
    return sorted({bytes(one) for one in found})


def _key(*parts: str) -> uuid.UUID:
    return sealing.source_key("wish", *parts)
