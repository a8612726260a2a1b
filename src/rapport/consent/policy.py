"""May this be said to this person, now? Facts in, verdict with reasons out. No framework, no clock, no database.

Fifteen gates stand in the order of the handbook (`rules/gates.yaml`). The first that fails decides, but every gate is asked and
its verdict kept. The order of facts does not matter, and one more revocation never turns a no into a yes.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec

from rapport.consent import rules as rulebook
from rapport.consent.gates import GATES, later_opening
from rapport.consent.policy_facts import (
    CarrierFact,
    CodeFact,
    ConsentFact,
    ContactFact,
    ContentFact,
    DrugFact,
    Facts,
    GateVerdict,
    HealthFact,
    LifeFact,
    Message,
    PaperFact,
    PreferenceFact,
    SaidFact,
    SuppressionFact,
    Verdict,
)
from rapport.consent.rules import Rules

__all__ = [
    "CarrierFact", "CodeFact", "ConsentFact", "ContactFact", "ContentFact", "DrugFact", "Facts", "GateVerdict", "HealthFact",
    "LifeFact", "Message", "PaperFact", "PreferenceFact", "SaidFact", "SuppressionFact", "Verdict", "decide", "decide_many",
    "facts_from_json", "facts_json", "is_commercial",
]  # fmt: skip


def decide(facts: Facts, rules: Rules | None = None) -> Verdict:
    """The verdict on one message to one person at `facts.at`."""
    rules = rules or rulebook.in_force(facts.at.date())
    return _verdict(facts, rules, tuple([gate.ask(facts, rules) for gate in GATES]))


def decide_many(many: Iterable[Facts], rules: Rules | None = None) -> list[Verdict]:
    """The same answers as `decide`, for a batch: equal questions are asked once."""
    desks: dict[tuple[Message, datetime], _Desk] = {}
    found = []
    for facts in many:
        key = (facts.message, facts.at)
        desk = desks.get(key)
        if desk is None:
            desk = desks[key] = _Desk(rules or rulebook.in_force(facts.at.date()))
        found.append(desk.decide(facts))
    return found


def is_commercial(purpose: str, on: datetime) -> bool:
    """Whether mail of this purpose falls under CAN-SPAM, the caps and the quiet hours. Unknown purposes do."""
    known = rulebook.in_force(on.date()).purposes.get(purpose)
    return known is None or known.commercial


def facts_json(facts: Facts) -> bytes:
    """The facts as one canonical text: what a receipt keeps and hashes."""
    ordered = {
        name: tuple(sorted(getattr(facts, name), key=_as_json))
        for name in ("consents", "papers", "suppressions", "said", "life_events", "codes")
        if len(getattr(facts, name)) > 1
    }
    return msgspec.json.encode(msgspec.structs.replace(facts, **ordered) if ordered else facts)


def facts_from_json(text: bytes | str) -> Facts:
    return msgspec.json.decode(text, type=Facts)


class _Desk:
    """One message at one moment: what was answered once is not thought about again."""

    __slots__ = ("known", "rules")

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.known: list[dict[Any, GateVerdict]] = [{} for _ in GATES]

    def decide(self, facts: Facts) -> Verdict:
        answers = []
        for ask, read, known in zip(_ASK, _READ, self.known, strict=True):
            key = read(facts)
            answer = known.get(key)
            if answer is None:
                answer = ask(facts, self.rules)
                if len(known) < MOST_REMEMBERED:
                    known[key] = answer
            answers.append(answer)
        return _verdict(facts, self.rules, tuple(answers))


MOST_REMEMBERED = 10_000
_ASK = [gate.ask for gate in GATES]
_READ: Sequence[Callable[[Facts], Any]] = [attrgetter(*gate.reads) if gate.reads else lambda _: None for gate in GATES]
_CONSENT = [gate.name for gate in GATES].index("consent")


def _verdict(facts: Facts, rules: Rules, gates: tuple[GateVerdict, ...]) -> Verdict:
    reasons = tuple([one.reason for one in gates if not one.passed])
    if not reasons:
        return Verdict(True, "", reasons, gates, None, _evidence(gates), rules.version)
    failed = next(one for one in gates if not one.passed)
    return Verdict(
        False, failed.gate, reasons, gates, _try_again(facts, rules, failed), _evidence(gates), rules.version
    )


def _evidence(gates: tuple[GateVerdict, ...]) -> tuple[int, ...]:
    """The records of the ledger that the answer rests on, in the order of the gates."""
    first = gates[_CONSENT].evidence
    others = [number for one in gates if one.evidence and one.gate != "consent" for number in one.evidence]
    return first + tuple(dict.fromkeys(number for number in others if number not in first)) if others else first


def _try_again(facts: Facts, rules: Rules, failed: GateVerdict) -> datetime | None:
    """A wait only helps when the gate that decided says so; then the time must also lie in the person's open hours."""
    if failed.try_again_at is None:
        return None
    return later_opening(facts, rules, failed.try_again_at)


def _as_json(value: Any) -> bytes:
    return msgspec.json.encode(value)
