"""May this be said to this person, now? Facts in, verdict with reasons out. No framework, no clock, no database.

Gates stand in the order of the handbook. The first that fails decides, but every gate is evaluated and its verdict kept:

- deceased: nobody writes to the dead.
- contact: there is an address, and it works.
- hipaa_purpose: the purpose is known, fits topic and channel, and marketing has an authorization.
- consent: the latest statement about this channel and topic; expired is absent.
- suppression: the address is not on the list of addresses never to be used.
- frequency: not more commercial messages than one person should get.
- quiet_hours: in the person's own local time; outside it waits.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from rapport.consent import rules as rulebook
from rapport.consent.policy_facts import ConsentFact, ContactFact, Facts, GateVerdict, SuppressionFact, Verdict
from rapport.consent.policy_gates import GATES, later_opening
from rapport.consent.rules import Rules

__all__ = [
    "ConsentFact",
    "ContactFact",
    "Facts",
    "GateVerdict",
    "SuppressionFact",
    "Verdict",
    "decide",
    "decide_many",
    "is_commercial",
]


def decide(facts: Facts, rules: Rules | None = None) -> Verdict:
    """The verdict on one message to one person at `facts.at`."""
    rules = rules or rulebook.in_force(facts.at.date())
    gates = tuple(gate(facts, rules) for gate in GATES)
    failed = next((one for one in gates if not one.passed), None)
    return Verdict(
        allowed=failed is None,
        gate="" if failed is None else failed.gate,
        reasons=tuple(one.reason for one in gates if not one.passed),
        gates=gates,
        try_again_at=_try_again(facts, rules, failed),
        consent_ids=gates[_CONSENT].evidence,
        rules_version=rules.version,
    )


def decide_many(many: Iterable[Facts], rules: Rules | None = None) -> list[Verdict]:
    """The same answers as `decide`, for a batch."""
    return [decide(facts, rules) for facts in many]


def is_commercial(purpose: str, on: datetime) -> bool:
    """Whether mail of this purpose falls under CAN-SPAM, the caps and the quiet hours. Unknown purposes do."""
    known = rulebook.in_force(on.date()).purposes.get(purpose)
    return known is None or known.commercial


def facts_json(facts: Facts) -> bytes:
    """The facts as one canonical text: what a receipt keeps and hashes."""
    ordered = msgspec.structs.replace(
        facts,
        consents=tuple(sorted(facts.consents, key=lambda one: one.id)),
        suppressions=tuple(sorted(facts.suppressions, key=lambda one: (one.topic, one.at))),
        sent_at=tuple(sorted(facts.sent_at)),
    )
    return msgspec.json.encode(ordered)


def facts_from_json(text: bytes) -> Facts:
    return msgspec.json.decode(text, type=Facts)


def _try_again(facts: Facts, rules: Rules, failed: GateVerdict | None) -> datetime | None:
    """A wait only helps when the gate that decided says so; then the time must also lie in the person's open hours."""
    if failed is None or failed.try_again_at is None:
        return None
    return later_opening(facts, rules, failed.try_again_at)


_CONSENT = [gate.__name__ for gate in GATES].index("consent")
