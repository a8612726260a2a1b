"""Gates 1 to 3: may anybody write to this person at all, where, and who is to be addressed."""

from datetime import timedelta

from rapport.consent.gates import papers
from rapport.consent.gates.saying import CHANNEL_WORDS, by_channel, day, no, yes
from rapport.consent.policy_facts import Facts, GateVerdict
from rapport.consent.rules import Rules

BOUNCE_TIMES_OUT = timedelta(days=180)


def deceased(facts: Facts, rules: Rules) -> GateVerdict:
    """Nobody writes to the dead, or under a legal hold."""
    row = rules.gates["deceased"]
    if facts.deceased_at is not None:
        return no("deceased", "The person has died.", row)
    held = papers.in_force(facts, "legal_hold")
    if held:
        return no("deceased", f"A legal hold stands since {day(held[0].at, facts.timezone)}.", row, (held[0].id,))
    return yes("deceased", "No death and no legal hold is recorded.", row)


def contact(facts: Facts, rules: Rules) -> GateVerdict:
    """There is an address for this channel, and it works."""
    what, row = by_channel(facts.message), rules.gates["contact"]
    if facts.contact is None:
        return no("contact", f"No address for {what} is known.", row)
    if not facts.contact.is_valid:
        because = f" ({facts.contact.invalid_reason})" if facts.contact.invalid_reason else ""
        return no("contact", f"The address for {what} does not work{because}.", row)
    bounced = facts.contact.bounced_at
    if bounced is not None and facts.at - bounced < BOUNCE_TIMES_OUT:
        return no("contact", f"Mail to this address came back on {day(bounced, facts.timezone)}.", row)
    return yes("contact", f"A working address for {what} is known.", row)


def confidential(facts: Facts, rules: Rules) -> GateVerdict:
    """Only by the way that was agreed, and for a minor to whoever the law says."""
    row = rules.gates["confidential"]
    agreed = papers.in_force(facts, "confidential")
    if agreed:
        only = agreed[0]
        if only.channel not in {"all", facts.message.channel}:
            way = CHANNEL_WORDS.get(only.channel, only.channel)
            reason = f"The person asked on {day(only.at, facts.timezone)} to be reached only by {way}."
            return no("confidential", reason, row, (only.id,))
        point = facts.contact.point_id if facts.contact else None
        if only.contact_point_id is not None and only.contact_point_id != point:
            reason = f"The person asked on {day(only.at, facts.timezone)} to be reached only at another address."
            return no("confidential", reason, row, (only.id,))
    return _minor(facts, rules) or yes(
        "confidential", "No other way was agreed.", row, tuple(one.id for one in agreed[:1])
    )


def _minor(facts: Facts, rules: Rules) -> GateVerdict | None:
    """A minor who consented alone is addressed herself; any other minor through a parent or guardian; neither is sold to."""
    limits = next(iter(rules.minors), None)
    if limits is None or facts.age is None or facts.age >= limits.age:
        return None
    if facts.message.purpose in limits.stops:
        return no("confidential", "Minors are not marketed to.", limits)
    owner = facts.contact.owner if facts.contact else "self"
    if "minor_confidential" in facts.message.data_classes:
        alone = papers.in_force(facts, "minor_alone")
        if not alone:
            return no("confidential", "No consent of the minor alone to this care is on record.", limits)
        if owner != "self":
            return no(
                "confidential",
                "The minor consented alone to this care, so only the minor is addressed.",
                limits,
                (alone[0].id,),
            )
        return yes(
            "confidential", "The minor consented alone to this care and is addressed directly.", limits, (alone[0].id,)
        )
    if owner == "self":
        return no("confidential", "A minor is addressed through a parent or guardian, and none is on record.", limits)
    return yes("confidential", "A parent or guardian is addressed.", limits)
