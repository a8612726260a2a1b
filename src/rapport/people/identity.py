"""Who is this? A batch of records becomes people: recognised, new, doubtful or refused (the rule stands in `rule`).

1. Look up the records by their numbers.
2. Those not recognised by their own number take locks on the buckets of their numbers and keys, in order, and are looked up
   again, now also by match key: two workers that meet the same new person make one.
3. Decide record by record, in memory; a person made by this batch is known to the rest of it.
4. Write in a few statements, whatever the size of the batch.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import connection, transaction

from rapport.kit import ids
from rapport.people import rule, sealed, writing
from rapport.people.draft import LONGEST_IDENTIFIER, Draft, draft, number_digest
from rapport.people.known import Known, World, known_owners, merged_into
from rapport.people.records import Match, PersonRecord
from rapport.people.rule import Seen, Verdict

_LOCK_CLASS, _BUCKETS = 0x50454F50, 256  # advisory locks of this room


@transaction.atomic
def identify(*, records: Sequence[PersonRecord], source: str, now: datetime, fill_only: bool = False) -> list[Match]:
    """One Match a record, in order. With `fill_only` a known person's fields are filled where empty and never overwritten."""
    drafts = [draft(record) for record in records]
    world = World()
    world.load(drafts, by_key=False)
    strangers = [one for one in drafts if world.own(one) is None]
    if strangers:
        _lock(strangers)
        world.load(strangers, by_key=True)
    made = iter(_blank_people(len(strangers)))
    batch = writing.Batch(source=source, now=now, fill_only=fill_only)
    matches = [_settle(one, world, made, batch) for one in drafts]
    batch.write()
    return matches


def owners(*, numbers: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """(system, value) -> the person who has it. Numbers nobody has are left out."""
    digests = {
        (system, value): (system[:LONGEST_IDENTIFIER], number_digest(system, value)) for system, value in numbers
    }
    people = known_owners(set(digests.values()))
    return {number: people[digest] for number, digest in digests.items() if digest in people}


def living(*, person_ids: Iterable[int]) -> dict[int, int]:
    """Person id -> the id she goes by now: her own, or that of the person she was merged into."""
    wanted = set(person_ids)
    became = merged_into(list(wanted))
    return {person: became.get(person, person) for person in wanted}


def _settle(one: Draft, world: World, made: Iterator[Known], batch: writing.Batch) -> Match:
    verdict = rule.decide(one.seen, world.own(one), world.by_identifier(one), world.by_key(one))
    if verdict.refused:
        return Match(person_id=None, is_new=False, rule=verdict.rule, reasons=verdict.reasons)
    is_new = verdict.person_id is None
    known = next(made) if verdict.person_id is None else world.people[verdict.person_id]
    numbers = {
        number: value for number, value in one.numbers.items() if world.numbers.get(number, known.id) == known.id
    }
    if is_new:
        known.seen = _seen_as(one, known.id)
        known.fields = writing.fields_of(one.record)
    batch.take(known, one, numbers, is_new=is_new)
    world.join(known, one)
    _doubt(batch, known, verdict)
    return Match(person_id=known.id, is_new=is_new, rule=verdict.rule, reasons=verdict.reasons, doubts=verdict.doubts)


def _doubt(batch: writing.Batch, known: Known, verdict: Verdict) -> None:
    why = verdict.reasons[0] if verdict.reasons else verdict.rule
    for other in verdict.doubts:
        if other != known.id:
            batch.doubts[max(known.id, other), min(known.id, other)] = why[:200]


def _seen_as(one: Draft, person_id: int) -> Seen:
    seen = one.seen
    return Seen(seen.given, seen.family, seen.birth_date, seen.sex, seen.systems, person_id)


def _blank_people(count: int) -> list[Known]:
    """Ids for as many new people as there could be; data keys are made for those who are written."""
    nobody = Seen("", "", None, "U", {})
    allocated = ids.allocate(table=sealed.PERSON, count=count)
    return [Known(person, uuid.uuid4(), None, {}, nobody, is_new=True) for person in allocated]


def _lock(strangers: Sequence[Draft]) -> None:
    digests = {number[1][0] for one in strangers for number in one.numbers}
    buckets = sorted(digests | {key % _BUCKETS for one in strangers for key in one.keys})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, bucket) FROM unnest(%s::int[]) AS bucket", [_LOCK_CLASS, buckets]
        )
