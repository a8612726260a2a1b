"""What the policy must know about many people at once: a handful of set-based queries a batch, none a person.

A person who was merged is asked about under the record that is kept; statements, addresses and messages of every record of
that human being count. A minor is addressed through a parent or guardian, unless the care is her own; whoever asked to be
reached only one way is asked about there.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from rapport.consent.policy import Facts, Message
from rapport.messaging import confirming
from rapport.messaging import known as reading
from rapport.messaging import message as messages
from rapport.messaging.known import Known
from rapport.messaging.models import Intent

BATCH = 5_000


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One message that may be sent; `intent_id` is None while it is only being planned."""

    person_id: int
    message: Message
    intent_id: int | None = None
    asked_at: datetime | None = None
    point_id: int | None = None


def gather(intents: Sequence[Intent], now: datetime) -> list[Facts]:
    """Facts for each intent, in order."""
    said = messages.of_intents(intents, now)
    targets = [
        Target(
            person_id=one.person_id,
            message=message,
            intent_id=one.pk,
            asked_at=one.created_at if message.answers else None,
            point_id=confirming.point_of(one) if message.answers else None,
        )
        for one, message in zip(intents, said, strict=True)
    ]
    return _facts(targets, now)


def addressed(many: Iterable[tuple[int, Facts]]) -> dict[int, int | None]:
    """(intent, its facts) -> the contact point that was judged: where the message goes, and nowhere else."""
    return {number: one.contact.point_id for number, one in many if one.contact is not None}


def gather_message(person_ids: Sequence[int], message: Message, now: datetime) -> list[Facts]:
    """Facts for one planned message to each of these people, in order."""
    return [one for batch in batches(person_ids, message, now) for one in batch]


def batches(person_ids: Sequence[int], message: Message, now: datetime) -> Iterator[list[Facts]]:
    """The same, some thousands at a time: what a forecast over a million people asks, without holding them all."""
    for start in range(0, len(person_ids), BATCH):
        yield _facts([Target(person_id=one, message=message) for one in person_ids[start : start + BATCH]], now)


def gather_kinds(person_id: int, many: Sequence[Message], now: datetime) -> list[Facts]:
    """Facts for several planned messages to one person, in order: the person is read once a channel, not once a message."""
    return _facts([Target(person_id=person_id, message=one) for one in many], now)


def _facts(targets: Sequence[Target], now: datetime) -> list[Facts]:
    """People are read once for each kind of question: a channel, a drug, a programme, and who is to be addressed."""
    asked: dict[tuple, list[Target]] = defaultdict(list)
    for one in targets:
        asked[_question(one)].append(one)
    known = {
        question: reading.read(
            message=many[0].message, person_ids={one.person_id for one in many}, now=now, point_id=many[0].point_id
        )
        for question, many in asked.items()
    }
    return [_of(one, known[_question(one)], now) for one in targets]


def _question(target: Target) -> tuple:
    message = target.message
    return (
        target.point_id,
        message.channel,
        message.drug,
        message.programme,
        "minor_confidential" in message.data_classes,
    )


def _of(target: Target, known: Known, now: datetime) -> Facts:
    person = known.people[target.person_id]
    root = person.root
    contact = known.contacts.get(root)
    said = known.said.get(root, ())
    return Facts(
        person_id=target.person_id,
        at=now,
        message=target.message,
        deceased_at=person.deceased_at,
        age=age_of(person.birth_month, now.date()),
        state=person.state,
        timezone=person.timezone,
        area_state=contact.area_state if contact else "",
        area_timezone=contact.area_timezone if contact else "",
        in_eu=person.country in EU,
        payer_class=known.payers.get(root, ""),
        contact=contact.fact if contact else None,
        consents=tuple(known.consents.get(root, ())),
        papers=tuple(known.papers.get(root, ())),
        suppressions=_about(contact.digest, known.suppressed.get(root, ())) if contact else (),
        said=tuple(one.fact for one in said if one.fact is not None and one.intent_id != target.intent_id),
        on_their_way=_on_their_way(said, target),
        life_events=tuple(known.life_events.get(root, ())),
        codes=tuple(known.codes.get(root, ())),
        drug=known.drugs.get(root),
        rewards_cents=known.rewards.get(root, 0),
        preference=known.preferences.get(root),
        asked_at=target.asked_at,
    )


def _on_their_way(said: Iterable[reading.Said], target: Target) -> int:
    """Of two that are claimed at once the older goes first, so that neither waits for the other for ever."""
    number = target.intent_id
    return sum(
        1
        for one in said
        if one.fact is None and one.channel == target.message.channel and number is not None and one.intent_id < number
    )


def _about(digest: bytes, listed: Iterable[tuple[bytes, Any]]) -> tuple:
    return tuple(fact for other, fact in listed if other == digest)


def age_of(birth_month: date | None, on: date) -> int | None:
    """Full years, as if born on the last day of the month: nobody is taken for of age too early."""
    if birth_month is None:
        return None
    return on.year - birth_month.year - (on.month <= birth_month.month)


EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)  # members of the EU and of the EEA, where the GDPR applies
