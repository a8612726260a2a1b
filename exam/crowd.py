"""Many people who said yes, and something to be said to each. Also for benchmarks."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from rapport.consent import ledger
from rapport.content import starters
from rapport.content.models import Version
from rapport.messaging import intents
from rapport.people import identity
from rapport.people.records import PersonRecord
from rapport.trust.actors import SYSTEM

TOPIC, PURPOSE = "health_services", "P2"
AT_ONCE = 5_000


def people(many: int, *, now: datetime, report: Callable[..., None]) -> list[int]:
    """So many people with an address of their own and a yes to our news by e-mail; their ids."""
    made: list[int] = []
    for start in range(0, many, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, many))
        records = [
            PersonRecord(
                identifiers=(("crowd:Patient", f"B{number}"),),
                given=f"Given{_letters(number)}",
                family=f"Family{_letters(number)}",
                sex="F",
                zip5="01852",
                state="MA",
                emails=(f"person.{number}@mail{number % 50}.example",),
            )
            for number in numbers
        ]
        known = [one.person_id for one in identity.identify(records=records, source="crowd", now=now)]
        ledger.append(by=SYSTEM, now=now, records=[_yes(one, now) for one in known])
        made += known
        report(f"{len(made):,} of {many:,} people")
    return made


def wording(now: datetime) -> Version:
    """A letter of the house with a name, links and the way out."""
    return starters.load(by=SYSTEM, now=now)["annual-check-up"]


def due(people: Sequence[int], *, cause_id: int, version: Version, now: datetime) -> None:
    """One intent a person, due now."""
    for start in range(0, len(people), AT_ONCE * 4):
        rows = [
            intents.NewIntent(
                cause_id=cause_id,
                person_id=one,
                purpose=PURPOSE,
                topic=TOPIC,
                version_id=version.pk,
                due_at=now,
                trace=uuid.uuid4(),
            )
            for one in people[start : start + AT_ONCE * 4]
        ]
        intents.declare(rows=rows, now=now)


def _yes(person: int, now: datetime) -> ledger.NewRecord:
    return ledger.NewRecord(
        person_id=person, channel="email", topic=TOPIC, status="granted", at=now, via="form", text_version="1",
        source_key=uuid.uuid4(),
    )  # fmt: skip


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))
