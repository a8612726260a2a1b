"""Gates 10 and 11: are the words fit to be sent, and did something happen after which they would hurt or are not due."""

from datetime import timedelta

from rapport.consent import programmes
from rapport.consent.gates.saying import day, no, yes
from rapport.consent.policy_facts import Facts, GateVerdict
from rapport.consent.rules import Rules


def content(facts: Facts, rules: Rules) -> GateVerdict:
    """Approved, not run out, no finding that forbids, translated by somebody who can, and honest about machines."""
    words, row = facts.message.content, rules.gates["content"]
    if not words.approved:
        return no("content", "The words are not approved.", row)
    if words.expires_at is not None and words.expires_at <= facts.at:
        return no("content", f"The approval of the words ended on {day(words.expires_at, facts.timezone)}.", row)
    if words.problems:
        return no("content", f"The words can't go out like this: {words.problems[0]}", row)
    if words.translation == "machine":
        return no("content", "A machine translated the words and no qualified translator has approved them.", row)
    if words.written_by == "machine" and not words.has_ai_notice:
        return no("content", "A machine wrote the words; they must say so, and how to reach a human.", row)
    return yes("content", "The words are approved.", row)


def life_event(facts: Facts, rules: Rules) -> GateVerdict:
    """Death, hospice, a loss, a new cancer, an open complaint; or a reminder that is no longer due."""
    message = facts.message
    for one in sorted(facts.life_events, key=lambda one: (one.at, one.kind, str(one.ended_at))):
        row = rules.life_events.get(one.kind)
        if row is None or not row.holds(one, facts.at):
            continue
        if message.purpose not in row.stops and not (message.programme and message.programme in row.programmes):
            continue
        ends_at = one.at + timedelta(days=row.days) if row.days is not None else None
        if row.discreet:
            return no("life_event", "A life event stops it; clinical staff can see which.", rules.gates["life_event"])
        until = f" until {day(ends_at, facts.timezone)}" if ends_at is not None else ""
        return no("life_event", f"Stopped{until} by a life event: {row.words}.", row)
    programme = rules.programmes.get(message.programme) if message.programme else None
    if programme is not None:
        codes = sorted((one.system, one.code, one.at.date()) for one in facts.codes)
        why = programmes.excluded(programme, codes, facts.at.date())
        if why:
            return GateVerdict("life_event", False, why, programme.id, programme.version)
    return yes("life_event", "Nothing has happened that would stop it.", rules.gates["life_event"])
