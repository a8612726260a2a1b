"""How a gate says yes and no: with the row that decided, and in words that a clerk can read to a patient."""

from datetime import datetime
from functools import lru_cache

from rapport.consent.policy_facts import GateVerdict, Message
from rapport.consent.policy_hours import zone
from rapport.consent.rule_kinds import Marked
from rapport.consent.rules import Rules

TOPIC_WORDS = {
    "care": "care",
    "health_services": "health services",
    "newsletter": "newsletter",
    "survey": "survey",
    "billing": "billing",
    "fundraising": "fundraising",
    "all": "any",
}
CHANNEL_WORDS = {
    "email": "e-mail",
    "sms": "text message",
    "call": "phone call",
    "print": "letter",
    "portal": "portal message",
    "push": "push message",
    "in_person": "word of mouth",
}
PHONE = frozenset({"sms", "call"})


def yes(gate: str, reason: str, row: Marked | None = None, evidence: tuple[int, ...] = ()) -> GateVerdict:
    if row is None:
        return GateVerdict(gate, True, reason, "", 1, evidence)
    return GateVerdict(gate, True, reason, row.rule, row.version, evidence)


def no(
    gate: str,
    reason: str,
    row: Marked | None = None,
    evidence: tuple[int, ...] = (),
    try_again_at: datetime | None = None,
) -> GateVerdict:
    if row is None:
        return GateVerdict(gate, False, reason, "", 1, evidence, try_again_at)
    return GateVerdict(gate, False, reason, row.rule, row.version, evidence, try_again_at)


def by_channel(message: Message) -> str:
    return CHANNEL_WORDS.get(message.channel, message.channel)


def topic(name: str) -> str:
    return TOPIC_WORDS.get(name, name)


@lru_cache(maxsize=65536)
def day(at: datetime, timezone: str) -> str:
    """ "Mar 4, 2026" where the person lives."""
    local = at.astimezone(zone(timezone))
    return f"{local:%b} {local.day}, {local.year}"


def is_commercial(message: Message, rules: Rules) -> bool:
    """Whether caps and commercial hours apply. An unknown purpose counts as one, and so does whatever somebody pays for."""
    known = rules.purposes.get(message.purpose)
    return known is None or known.commercial or is_marketing(message, rules)


def is_marketing(message: Message, rules: Rules) -> bool:
    """Marketing in the sense of 45 CFR 164.501 that needs an authorization."""
    known = rules.purposes.get(message.purpose)
    if known is None:
        return True
    return known.marketing == "always" or (known.marketing == "if_remunerated" and message.remunerated)
