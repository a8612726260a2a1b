"""The gates of the policy, each a function from facts and rules to a verdict with its reason. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta

from rapport.consent.policy_facts import ConsentFact, Facts, GateVerdict
from rapport.consent.policy_hours import next_open, zone
from rapport.consent.rules import Cap, Purpose, Rules

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
}
AUTHORIZATION = "authorization"
BOUNCE_TIMES_OUT = timedelta(days=180)
TRY_AGAIN_SOON = timedelta(minutes=5)
SUPPRESSED_BECAUSE = {
    "unsubscribed": "The person unsubscribed with this address",
    "bounced": "Mail to this address came back",
    "complained": "The person reported our mail as spam",
    "staff": "Staff put this address on the do-not-contact list",
    "list": "This address is on an imported do-not-contact list",
}


def passed(gate: str, reason: str, **more: object) -> GateVerdict:
    return GateVerdict(gate, True, reason, **more)  # type: ignore[arg-type]


def failed(gate: str, reason: str, **more: object) -> GateVerdict:
    return GateVerdict(gate, False, reason, **more)  # type: ignore[arg-type]


def deceased(facts: Facts, rules: Rules) -> GateVerdict:
    if facts.deceased_at is None:
        return passed("deceased", "No death is recorded.", rule="HOUSE-DECEASED")
    return failed("deceased", "The person has died.", rule="HOUSE-DECEASED")


def contact(facts: Facts, rules: Rules) -> GateVerdict:
    what, rule = CHANNEL_WORDS.get(facts.channel, facts.channel), "HOUSE-CONTACT"
    if facts.contact is None:
        return failed("contact", f"No address for {what} is known.", rule=rule)
    if not facts.contact.is_valid:
        because = f" ({facts.contact.invalid_reason})" if facts.contact.invalid_reason else ""
        return failed("contact", f"The address for {what} does not work{because}.", rule=rule)
    bounced = facts.contact.bounced_at
    if bounced is not None and facts.at - bounced < BOUNCE_TIMES_OUT:
        return failed("contact", f"Mail to this address came back on {_day(bounced, facts)}.", rule=rule)
    return passed("contact", f"A working address for {what} is known.", rule=rule)


def hipaa_purpose(facts: Facts, rules: Rules) -> GateVerdict:
    purpose = rules.purposes.get(facts.purpose)
    if purpose is None:
        return failed("hipaa_purpose", f"“{facts.purpose}” is no purpose we know.", rule="US-HIPAA-H-01")
    mark = {"rule": purpose.rule, "rule_version": purpose.version}
    if facts.topic not in purpose.topics:
        return failed("hipaa_purpose", f"A message for “{purpose.name}” can't go out as {_topic(facts.topic)}.", **mark)
    if purpose.channels and facts.channel not in purpose.channels:
        return failed(
            "hipaa_purpose",
            f"“{purpose.name}” is not said by {CHANNEL_WORDS.get(facts.channel, facts.channel)}.",
            **mark,
        )
    if purpose.blocked:
        return failed("hipaa_purpose", "Patient data is not given to third parties for their marketing.", **mark)
    if not is_marketing(purpose, facts.remunerated):
        return passed("hipaa_purpose", f"Not marketing under HIPAA: {purpose.authority}.", **mark)
    return _authorization(facts, mark)


def _authorization(facts: Facts, mark: dict) -> GateVerdict:
    valid = _latest(one for one in facts.consents if one.tier == AUTHORIZATION and _speaks(one, facts))
    if valid is None or valid.status != "granted":
        return failed(
            "hipaa_purpose", "This is marketing under HIPAA and needs a signed authorization; there is none.", **mark
        )
    if facts.remunerated and not valid.says_paid:
        reason = "The authorization does not say that we are paid for this message."
        return failed("hipaa_purpose", reason, evidence=(valid.id,), **mark)
    return passed(
        "hipaa_purpose", f"Authorized by the person on {_day(valid.at, facts)}.", evidence=(valid.id,), **mark
    )


def consent(facts: Facts, rules: Rules) -> GateVerdict:
    purpose = rules.purposes.get(facts.purpose)
    needs_yes = purpose is None or purpose.needs == "granted"
    rule = "HOUSE-CONSENT-YES" if needs_yes else "HOUSE-CONSENT-NO"
    what = f"{_topic(facts.topic)} by {CHANNEL_WORDS.get(facts.channel, facts.channel)}"
    latest = _latest(one for one in facts.consents if one.tier != AUTHORIZATION and _speaks(one, facts))
    if latest is None:
        if needs_yes:
            return failed("consent", f"No consent to {what} is on record.", rule=rule)
        return passed("consent", f"Needs no consent, and the person has not said no to {what}.", rule=rule)
    if latest.status == "granted":
        return passed("consent", f"Said yes to {what} on {_day(latest.at, facts)}.", rule=rule, evidence=(latest.id,))
    return failed("consent", f"Said no to {what} on {_day(latest.at, facts)}.", rule=rule, evidence=(latest.id,))


def suppression(facts: Facts, rules: Rules) -> GateVerdict:
    hits = [one for one in facts.suppressions if one.topic in {"all", facts.topic}]
    if not hits:
        return passed("suppression", "The address is on no do-not-contact list.", rule="HOUSE-SUPPRESSION")
    first = min(hits, key=lambda one: (one.at, one.topic, one.reason))
    because = SUPPRESSED_BECAUSE.get(first.reason, "This address is on the do-not-contact list")
    return failed("suppression", f"{because} on {_day(first.at, facts)}.", rule="HOUSE-SUPPRESSION")


def frequency(facts: Facts, rules: Rules) -> GateVerdict:
    purpose = rules.purposes.get(facts.purpose)
    if purpose is not None and not purpose.commercial:
        return passed("frequency", "Messages about care, bills and surveys are not counted.", rule=purpose.rule)
    caps = [one for one in rules.caps if facts.channel in one.channels]
    if not caps:
        return passed("frequency", "No cap applies to this channel.")
    hits = [hit for hit in (_over(cap, facts) for cap in caps) if hit is not None]
    if hits:
        return max(hits, key=_severity)
    counted = min(caps, key=lambda one: one.days)
    reason = (
        f"Fewer than {counted.messages + 0} in {counted.days} days."
        if counted.messages > 1
        else f"None in the last {counted.days} days."
    )
    return passed("frequency", reason, rule=counted.rule, rule_version=counted.version)


def _over(cap: Cap, facts: Facts) -> GateVerdict | None:
    """The cap's no, or None. It ends when enough of the counted messages have left the span."""
    span = timedelta(days=cap.days)
    counted = sorted(at for at in facts.sent_at if facts.at - span < at <= facts.at)
    mark = {"rule": cap.rule, "rule_version": cap.version}
    if len(counted) >= cap.messages:
        free_at = counted[len(counted) - cap.messages] + span
        waits = free_at if free_at - facts.at <= timedelta(days=cap.wait_at_most_days) else None
        reason = f"Already had {len(counted)} of at most {cap.messages} messages in {cap.days} days."
        return failed("frequency", reason, try_again_at=waits, **mark)
    if len(counted) + facts.on_their_way >= cap.messages:
        reason = "Another message to this person is going out right now."
        return failed("frequency", reason, try_again_at=facts.at + TRY_AGAIN_SOON, **mark)
    return None


def _severity(verdict: GateVerdict) -> tuple[bool, datetime | None]:
    """A no for good outweighs a wait, a longer wait a shorter one."""
    return (verdict.try_again_at is None, verdict.try_again_at)


def quiet_hours(facts: Facts, rules: Rules) -> GateVerdict:
    purpose = rules.purposes.get(facts.purpose)
    if purpose is not None and not purpose.commercial:
        return passed("quiet_hours", "Messages about care may go at any hour.", rule=purpose.rule)
    windows = rules.windows_for(facts.channel, facts.state)
    opens_at = next_open(windows, facts.timezone, facts.at)
    rule = windows[0].rule if windows else ""
    if opens_at == facts.at:
        return passed("quiet_hours", "It is a good hour where the person lives.", rule=rule)
    if opens_at is None:
        return failed("quiet_hours", "There is no hour at which this may go out.", rule=rule)
    local = opens_at.astimezone(zone(facts.timezone))
    reason = f"It is too early or too late where the person lives; waits until {local:%b} {local.day}, {local:%H:%M}."
    return failed("quiet_hours", reason, rule=rule, try_again_at=opens_at)


GATES: tuple[Callable[[Facts, Rules], GateVerdict], ...] = (
    deceased,
    contact,
    hipaa_purpose,
    consent,
    suppression,
    frequency,
    quiet_hours,
)


def later_opening(facts: Facts, rules: Rules, at: datetime) -> datetime | None:
    """The first instant from `at` on that also lies in the person's open hours."""
    purpose = rules.purposes.get(facts.purpose)
    if purpose is not None and not purpose.commercial:
        return at
    return next_open(rules.windows_for(facts.channel, facts.state), facts.timezone, at)


def is_marketing(purpose: Purpose, remunerated: bool) -> bool:
    return purpose.marketing == "always" or (purpose.marketing == "if_remunerated" and remunerated)


def _speaks(one: ConsentFact, facts: Facts) -> bool:
    """Whether a statement is about this message and holds at its time. A no counts even if its clock runs ahead of ours."""
    if one.channel not in {"all", facts.channel} or one.topic not in {"all", facts.topic}:
        return False
    if one.status != "granted":
        return True
    return one.at <= facts.at and (one.expires_at is None or facts.at < one.expires_at)


def _latest(many) -> ConsentFact | None:  # type: ignore[no-untyped-def]
    return max(many, key=lambda one: (one.at, one.id), default=None)


def _topic(topic: str) -> str:
    return TOPIC_WORDS.get(topic, topic)


def _day(at: datetime, facts: Facts) -> str:
    local = at.astimezone(zone(facts.timezone))
    return f"{local:%b} {local.day}, {local.year}"
