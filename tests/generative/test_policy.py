"""Over 100,000 random worlds: what a rule forbids is never allowed, a batch answers like one by one, order does not matter, and
one more revocation never turns a no into a yes.

The forbidding rules stand here a second time, in other words than in the gates: short, and read off the reference.
"""

import random
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from rapport.consent import policy, rules
from rapport.consent.gates import GATES
from rapport.consent.policy import Facts
from tests.generative import policy_worlds as worlds

PARTS, EACH = 4, 25_000
SOLD = {"P2", "P3", "P5", "P6", "P7", "P8", "P10", "P13", "P14"}
GIVES = ["authorization", "part2", "permission", "collection", "sharing", "data_use"]


def papers(f: Facts, kind: str) -> list:
    """Papers of a kind that no revocation, day, event or defect has undone; scope is left aside (so: too many, never too few)."""
    return [
        one
        for one in f.papers
        if one.kind == kind
        and one.status == "granted"
        and one.at <= f.at
        and not (one.expires_at and one.expires_at <= f.at)
        and not (one.ended_at and one.ended_at <= f.at)
        and not one.defects
    ]


def said_no(f: Facts) -> bool:
    """The last word about this channel and topic was no, whatever its form."""
    about = [
        one for one in f.consents if one.channel in {f.message.channel, "all"} and one.topic in {f.message.topic, "all"}
    ]
    noes = [one for one in about if one.status == "withdrawn"]
    if not noes:
        return False
    last = max((one.at, one.id) for one in noes)
    return not any(
        one.status == "granted"
        and one.at <= f.at
        and (one.at, one.id) > last
        and not (one.expires_at and one.expires_at <= f.at)
        for one in about
    )


def yes_in_writing(f: Facts) -> bool:
    return any(one.tier == "written" and one.status == "granted" and one.at <= f.at for one in f.consents)


def paid(f: Facts) -> bool:
    return f.message.purpose in {"P1", "P2", "P3", "P5"} and f.message.remunerated


def in_hospice(f: Facts) -> bool:
    return any(
        one.kind == "hospice" and one.at <= f.at and not (one.ended_at and one.ended_at <= f.at)
        for one in f.life_events
    )


def quiet(f: Facts) -> bool:
    """A marketing text or call outside 8 to 21 local time."""
    try:
        local = f.at.astimezone(ZoneInfo(f.timezone or "America/New_York"))
    except Exception:  # noqa: BLE001 - a zone that does not exist is read as the house's own
        local = f.at.astimezone(ZoneInfo("America/New_York"))
    return not 8 <= local.hour < 21


FORBIDS = {
    "the dead": lambda f: f.deceased_at is not None,
    "no address": lambda f: f.contact is None or not f.contact.is_valid,
    "H-01": lambda f: f.message.purpose == "P14",
    "H-02": lambda f: (
        f.message.purpose in {"P6", "P7"} and f.message.uses_patient_data and not papers(f, "authorization")
    ),
    "H-03": lambda f: (
        (paid(f) or f.message.purpose == "P7")
        and f.message.remunerated
        and f.message.uses_patient_data
        and not any(one.says_paid for one in papers(f, "authorization"))
    ),
    "H-04": lambda f: (
        f.message.purpose == "P4"
        and (
            f.drug is None
            or (not f.drug.is_active and (f.drug.ended_at is None or f.at - f.drug.ended_at > timedelta(days=90)))
        )
    ),
    "H-05": lambda f: f.message.purpose == "P8" and f.message.channel != "in_person",
    "H-06": lambda f: f.message.purpose == "P9",
    "H-13": lambda f: "psychotherapy_notes" in f.message.data_classes,
    "H-20": lambda f: "general" in f.message.data_classes and f.message.purpose in {"P10", "P11", "P12", "P13"},
    "H-26": lambda f: (
        not f.message.carrier.is_ours
        and (not f.message.carrier.has_baa or (f.message.carrier.baa_until or date.max) < f.at.date())
    ),
    "U-01": lambda f: "sud_part2" in f.message.data_classes and (f.message.purpose != "P1" or not papers(f, "part2")),
    "X-01": lambda f: (
        "genetic" in f.message.data_classes and f.message.purpose not in {"P1"} and not papers(f, "data_use")
    ),
    "X-02": lambda f: (
        "mental_health" in f.message.data_classes and (f.message.purpose != "P1" or not f.message.clinician_approved)
    ),
    "X-04": lambda f: f.age is not None and f.age < 18 and f.message.purpose in SOLD - {"P14"},
    "T-01": lambda f: (
        f.message.channel in {"sms", "call"}
        and not f.message.answers
        and f.message.purpose in {"P5", "P6", "P7", "P10", "P13"}
        and not yes_in_writing(f)
    ),
    "T-04": lambda f: not f.message.answers and said_no(f),
    "T-05": lambda f: bool(f.message.answers) and (f.asked_at is None or f.at - f.asked_at > timedelta(minutes=5)),
    "T-08": lambda f: (
        f.message.channel in {"sms", "call"} and not f.message.answers and f.message.purpose in SOLD and quiet(f)
    ),
    "G-05": lambda f: (
        f.state == "TX"
        and f.message.purpose in {"P2", "P3", "P5", "P6", "P7"}
        and f.message.channel != "in_person"
        and f.message.uses_patient_data
        and not papers(f, "permission")
    ),
    "G-01": lambda f: (
        f.state == "WA"
        and "consumer_health" in f.message.data_classes
        and bool(f.message.recipient)
        and f.message.purpose not in {"P10", "P12"}
        and not any(one.recipient == f.message.recipient for one in papers(f, "sharing"))
    ),
    "suppressed": lambda f: any(
        one.topic in {"all", f.message.topic} and (one.reason != "unsubscribed" or not f.message.answers)
        for one in f.suppressions
    ),
    "B-01": lambda f: (
        f.payer_class != "commercial"
        and (f.message.gift_cents > 1500 or f.message.gift_is_cash or f.rewards_cents + f.message.gift_cents > 7500)
        and (f.message.gift_cents > 0 or f.message.gift_is_cash)
    ),
    "words": lambda f: not f.message.content.approved or bool(f.message.content.problems),
    "A-02": lambda f: f.message.content.translation == "machine",
    "I-01": lambda f: f.message.content.written_by == "machine" and not f.message.content.has_ai_notice,
    "E-03": lambda f: (
        f.message.channel == "email"
        and f.message.purpose in SOLD
        and (f.message.health.complaint_rate or 0) >= 0.0025
        and f.message.health.delivered >= 100
    ),
    "hospice": lambda f: f.message.purpose in {"P2", "P3", "P13"} and in_hospice(f),
}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_hundred_thousand_worlds(part):
    """Forbidden is never allowed; a batch is like one by one; neither order nor one more revocation opens anything."""
    r = random.Random(f"policy {part}")
    everyone = [worlds.world(r) for _ in range(EACH)]
    verdicts = [policy.decide(one) for one in everyone]
    assert policy.decide_many(everyone) == verdicts
    allowed = [one for one, verdict in zip(everyone, verdicts, strict=True) if verdict.allowed]
    broken = [(name, one) for one in allowed for name, forbids in FORBIDS.items() if forbids(one)]
    assert not broken, broken[:2]
    assert len(allowed) > EACH / 200, "the worlds must also hold some that may be spoken to"
    for one, verdict in zip(everyone, verdicts, strict=True):
        other = shuffled(one, r)
        if other != one:
            assert policy.decide(other) == verdict
            assert policy.facts_json(other) == policy.facts_json(one)
        assert verdict.allowed or not policy.decide(taken_back(one, r)).allowed


def test_every_forbidding_rule_and_every_gate_is_met_by_some_world():
    r = random.Random("met")
    everyone = [worlds.world(r) for _ in range(5_000)]
    assert not [name for name, forbids in FORBIDS.items() if not any(map(forbids, everyone))]
    failing = {gate.gate for one in everyone for gate in policy.decide(one).gates if not gate.passed}
    assert failing == {gate.name for gate in GATES}


def shuffled(one: Facts, r: random.Random) -> Facts:
    names = ("consents", "papers", "suppressions", "said", "life_events", "codes")
    return msgspec.structs.replace(
        one, **{name: tuple(r.sample(getattr(one, name), len(getattr(one, name)))) for name in names}
    )


def taken_back(one: Facts, r: random.Random) -> Facts:
    """The same world after one more revocation."""
    if r.random() < 0.5:
        return msgspec.structs.replace(one, consents=(*one.consents, worlds.consent(r, 50, "withdrawn")))
    paper = worlds.paper(r, 50, r.choice(GIVES), "withdrawn")
    return msgspec.structs.replace(one, papers=(*one.papers, paper))


def test_a_batch_about_one_message_answers_like_one_by_one():
    """The case of a forecast: the same message and moment for all, where the batch remembers answers."""
    r = random.Random("forecast")
    for _ in range(60):
        said, at = worlds.message(r), worlds.moment(r)
        everyone = [worlds.world(r, said, at) for _ in range(200)]
        assert policy.decide_many(everyone) == [policy.decide(one) for one in everyone]


def test_a_gate_depends_on_nothing_but_what_it_says_it_reads():
    """Otherwise the batch would give one person another's answer."""
    r = random.Random("reads")
    book = rules.in_force(date(2026, 6, 1))
    for _ in range(700):
        one = worlds.world(r)
        other = worlds.world(r)
        for gate in GATES:
            foreign = {
                name: getattr(other, name)
                for name in Facts.__struct_fields__
                if name not in {*gate.reads, "message", "at"}
            }
            assert gate.ask(msgspec.structs.replace(one, **foreign), book) == gate.ask(one, book), gate.name


def test_a_wait_ends_at_an_hour_that_is_open_and_in_the_future():
    r = random.Random("waits")
    seen = 0
    for _ in range(20_000):
        one = worlds.world(r)
        verdict = policy.decide(one)
        if verdict.only_waits:
            seen += 1
            assert verdict.try_again_at > one.at
            later = msgspec.structs.replace(one, at=verdict.try_again_at, on_their_way=0, said=())
            assert next(gate for gate in policy.decide(later).gates if gate.gate == "quiet_hours").passed
    assert seen > 20


def test_facts_survive_being_written_down():
    r = random.Random("paper")
    for _ in range(2_000):
        one = worlds.world(r)
        again = policy.facts_from_json(policy.facts_json(one))
        assert policy.decide(again) == policy.decide(one)
        assert policy.facts_json(again) == policy.facts_json(one)
