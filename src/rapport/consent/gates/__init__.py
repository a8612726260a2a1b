"""The fifteen gates in their order, and what of a person's facts each of them reads. Pure.

`reads` lets a batch answer equal questions once: two people who are equal in all that a gate reads, with the same message at the
same moment, get the same verdict object. A test changes every other field and sees that no verdict moves.
"""

from collections.abc import Callable

import msgspec

from rapport.consent.gates import carrier, law, moment, person, will, words
from rapport.consent.policy_facts import Facts, GateVerdict
from rapport.consent.rules import Rules


class Gate(msgspec.Struct, frozen=True):
    """`reads`: the fields of `Facts` beside message and moment that the answer depends on."""

    name: str
    ask: Callable[[Facts, Rules], GateVerdict]
    reads: tuple[str, ...] = ()


GATES = (
    Gate("deceased", person.deceased, ("deceased_at", "papers", "timezone")),
    Gate("contact", person.contact, ("contact", "timezone")),
    Gate("confidential", person.confidential, ("papers", "contact", "age", "timezone")),
    Gate("data_class", law.data_class, ("papers",)),
    Gate("hipaa_purpose", law.hipaa_purpose, ("papers", "drug", "timezone")),
    Gate("state_health", law.state_health, ("papers", "state", "in_eu", "timezone")),
    Gate("consent", will.consent, ("consents", "contact", "said", "asked_at", "timezone")),
    Gate("suppression", will.suppression, ("suppressions", "papers", "timezone")),
    Gate("inducement", will.inducement, ("rewards_cents", "payer_class")),
    Gate("content", words.content, ("timezone",)),
    Gate("life_event", words.life_event, ("life_events", "codes", "timezone")),
    Gate("frequency", moment.frequency, ("said", "on_their_way", "preference", "state", "area_state", "timezone")),
    Gate("quiet_hours", moment.quiet_hours, ("state", "area_state", "timezone", "area_timezone", "preference")),
    Gate("vendor", carrier.vendor),
    Gate("deliverability", carrier.deliverability),
)
later_opening = moment.later_opening
