"""The policy: decisions per second and core, one by one and in batch form, against the bare reading of the same facts as JSON.

People are made as a forecast meets them: one message and one moment, each person with an address, statements of different days,
some papers, some messages had lately; three in ten are refused somewhere. BENCH_PEOPLE of them (100,000). `worlds` are the random
worlds of the tests, where no two share a message: the worst case of the batch. CPU seconds of this process, best of three.
"""

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

from rapport.consent import policy
from rapport.consent.policy import (
    ConsentFact,
    ContactFact,
    Facts,
    LifeFact,
    Message,
    PaperFact,
    PreferenceFact,
    SaidFact,
)

AT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
YEAR = 365 * 24 * 60
ROUNDS = 3


def run(report: Callable[..., None]) -> dict[str, Any]:
    people = int(os.environ.get("BENCH_PEOPLE", "100000"))
    everyone = clinic(people)
    texts = [policy.facts_json(one) for one in everyone[: people // 5]]
    policy.decide_many(everyone[:1000])
    policy.decide(everyone[0])
    batch = rate(lambda: policy.decide_many(everyone), people)
    report(f"batch {batch:,.0f} a second and core")
    single = rate(lambda: [policy.decide(one) for one in everyone[: people // 5]], people // 5)
    report(f"one by one {single:,.0f}")
    read = rate(lambda: [policy.facts_from_json(one) for one in texts], len(texts))
    report(f"reading the facts {read:,.0f}")
    verdicts = policy.decide_many(everyone)
    assert verdicts[: people // 5] == [policy.decide(one) for one in everyone[: people // 5]]
    worst = worlds(people // 10)
    policy.decide_many(worst[:500])
    random_worlds = rate(lambda: policy.decide_many(worst), len(worst))
    return {
        "people": people,
        "batch_per_s": round(batch),
        "single_per_s": round(single),
        "random_worlds_batch_per_s": round(random_worlds),
        "reading_the_facts_per_s": round(read),
        "batch_to_reading": round(batch / read, 3),
        "batch_to_single": round(batch / single, 2),
        "allowed": sum(one.allowed for one in verdicts),
        "gates": len(verdicts[0].gates),
    }


def rate(what: Callable[[], object], count: int) -> float:
    """Per second of CPU, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = process_time()
        what()
        best = min(best, process_time() - started)
    return count / best


def clinic(people: int) -> list[Facts]:
    r = random.Random("bench")
    said = Message(
        channel="email", purpose="P2", topic="health_services", cause="campaign:1", data_classes=("general",)
    )
    return [_person(r, number, said) for number in range(people)]


def _person(r: random.Random, number: int, said: Message) -> Facts:
    then = [AT - timedelta(minutes=r.randrange(YEAR)) for _ in range(4)]
    withdrawn = r.random() < 0.12
    return Facts(
        person_id=number,
        at=AT,
        message=said,
        deceased_at=then[3] if r.random() < 0.01 else None,
        age=r.randrange(18, 95),
        state=r.choice(["MA", "MA", "MA", "NH", "CT", "FL"]),
        timezone="America/New_York",
        contact=ContactFact(True, point_id=number) if r.random() < 0.93 else None,
        consents=(
            ConsentFact(4 * number, "email", "health_services", "granted", then[0]),
            ConsentFact(4 * number + 1, "sms", "care", "granted", then[1]),
            *([ConsentFact(4 * number + 2, "email", "all", "withdrawn", then[2])] if withdrawn else []),
        ),
        papers=(PaperFact(id=4 * number + 3, kind="authorization", status="granted", at=then[3], purposes=("P7",)),)
        if r.random() < 0.03
        else (),
        said=(SaidFact(AT - timedelta(hours=r.randrange(24, 700)), "email", "P2", "health_services"),)
        if r.random() < 0.3
        else (),
        life_events=(LifeFact("complaint", then[1]),) if r.random() < 0.01 else (),
        preference=PreferenceFact(at_most=1) if r.random() < 0.02 else None,
    )


def worlds(count: int) -> list[Facts]:
    from tests.generative import policy_worlds

    r = random.Random("bench worlds")
    return [policy_worlds.world(r) for _ in range(count)]
