"""Gates 14 and 15: is whoever carries it under agreement, and is the sender in good standing."""

from datetime import timedelta

from rapport.consent.gates.saying import by_channel, is_commercial, no, yes
from rapport.consent.policy_facts import Facts, GateVerdict
from rapport.consent.rules import Rules


def vendor(facts: Facts, rules: Rules) -> GateVerdict:
    """That somebody is our patient is patient data: a carrier that is not ours needs an agreement in force (H-26)."""
    carrier, row = facts.message.carrier, rules.gates["vendor"]
    if carrier.is_ours:
        return yes("vendor", "Carried by our own systems.", row)
    name = carrier.name or f"the carrier of {by_channel(facts.message)}"
    if not carrier.has_baa:
        return no("vendor", f"No business associate agreement with {name} is on file.", row)
    if carrier.baa_until is not None and carrier.baa_until < facts.at.date():
        return no("vendor", f"The business associate agreement with {name} has expired.", row)
    return yes("vendor", f"A business associate agreement with {name} is in force.", row)


LOOK_AGAIN = timedelta(hours=6)


def deliverability(facts: Facts, rules: Rules) -> GateVerdict:
    """Commercial mail pauses before the mailbox providers' own limit is reached; care goes on. It waits, and is not lost."""
    message, row = facts.message, rules.gates["deliverability"]
    if message.channel != "email" or not is_commercial(message, rules):
        return yes("deliverability", "Only commercial e-mail is held back by complaints.", row)
    health = message.health
    if health.paused_at is not None:
        return no(
            "deliverability", "Commercial mail of this sender is paused.", row, try_again_at=facts.at + LOOK_AGAIN
        )
    for limit in rules.health:
        rate = health.complaint_rate
        if rate is not None and rate >= limit.pause_at and health.delivered >= limit.least_messages:
            reason = f"{rate:.2%} of the last day's mail was reported as spam; commercial mail pauses from {limit.pause_at:.2%}."
            return no("deliverability", reason, limit, try_again_at=facts.at + LOOK_AGAIN)
    return yes("deliverability", "The sender is in good standing.", row)
