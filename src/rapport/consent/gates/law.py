"""Gates 4 to 6: may this purpose use these data, does HIPAA ask for an authorization, does the law of the home ask for more."""

from datetime import timedelta

from rapport.consent.classes import CONDITIONS, NEVER, UNCONDITIONAL
from rapport.consent.gates import papers
from rapport.consent.gates.saying import by_channel, day, is_marketing, no, topic, yes
from rapport.consent.policy_facts import Facts, GateVerdict
from rapport.consent.rule_kinds import DataUse, Purpose, StateHealth
from rapport.consent.rules import Rules

DEFECT_WORDS = {
    "expired": "it has expired",
    "event_occurred": "the event that ends it has occurred",
    "revoked": "it was revoked",
    "signed_in_future": "it bears a date to come",
}


def data_class(facts: Facts, rules: Rules) -> GateVerdict:
    """Every class of data that chose the person or stands in the words must be open to this purpose."""
    used = facts.message.data_classes
    for name in used:
        row = rules.data_use.get(name)
        if row is None:
            return no("data_class", f"“{name}” is no class of data we know.", rules.gates["data_class"])
        condition = row.allowed.get(facts.message.purpose, NEVER)
        refused = _refused(facts, row, condition)
        if refused is not None:
            return refused
    if not used:
        return yes("data_class", "No class of health data is used.", rules.gates["data_class"])
    words = ", ".join(rules.data_use[name].words for name in used)
    return yes("data_class", f"This purpose may use: {words}.", rules.data_use[used[0]])


def _refused(facts: Facts, row: DataUse, condition: str) -> GateVerdict | None:
    what = row.words[:1].upper() + row.words[1:]
    if condition == NEVER:
        return no("data_class", f"{what} may not be used for this purpose.", row)
    if condition == UNCONDITIONAL:
        return None
    if condition == "clinician":
        stands = facts.message.clinician_approved
    else:
        stands = papers.standing(facts, condition, data_class=row.data_class, purpose=facts.message.purpose) is not None
    return None if stands else no("data_class", f"{what} may be used {CONDITIONS[condition]}.", row)


def hipaa_purpose(facts: Facts, rules: Rules) -> GateVerdict:
    """The purpose is known and fits topic and channel; a refill is a refill; marketing has an authorization."""
    message = facts.message
    purpose = rules.purposes.get(message.purpose)
    if purpose is None:
        return no("hipaa_purpose", f"“{message.purpose}” is no purpose we know.", rules.gates["hipaa_purpose"])
    if message.topic not in purpose.topics:
        reason = f"A message for “{purpose.name}” can't go out as {topic(message.topic)}."
        return no("hipaa_purpose", reason, purpose)
    if purpose.channels and message.channel not in purpose.channels:
        return no("hipaa_purpose", f"“{purpose.name}” is not said by {by_channel(message)}.", purpose)
    if purpose.blocked:
        return no("hipaa_purpose", "Patient data is not given to third parties for their marketing.", purpose)
    if purpose.lapse_days is not None:
        return _refill(facts, purpose)
    if not is_marketing(message, rules) or not message.uses_patient_data:
        return yes("hipaa_purpose", f"Not marketing under HIPAA: {purpose.authority}.", purpose)
    return _authorization(facts, purpose)


def _refill(facts: Facts, purpose: Purpose) -> GateVerdict:
    drug, lapse = facts.drug, purpose.lapse_days or 0
    if drug is None:
        return no("hipaa_purpose", "No prescription of this drug is on record, so this is no refill reminder.", purpose)
    if drug.is_active:
        return yes("hipaa_purpose", "The drug is prescribed now, so a reminder is not marketing.", purpose)
    since = drug.ended_at
    if since is not None and facts.at - since <= timedelta(days=lapse):
        reason = f"The prescription ended on {day(since, facts.timezone)}, not more than {lapse} days ago."
        return yes("hipaa_purpose", reason, purpose)
    reason = (
        f"The prescription ended more than {lapse} days ago, so this is no refill reminder; choose another purpose."
    )
    return no("hipaa_purpose", reason, purpose)


def _authorization(facts: Facts, purpose: Purpose) -> GateVerdict:
    message = facts.message
    found = papers.standing(facts, "authorization", purpose=message.purpose, recipient=message.recipient)
    if found is None:
        return no(
            "hipaa_purpose", f"This is marketing under HIPAA and needs a signed authorization; {_why(facts)}.", purpose
        )
    if message.remunerated and not found.says_paid:
        reason = "The authorization does not say that we are paid for this message."
        return no("hipaa_purpose", reason, purpose, (found.id,))
    return yes("hipaa_purpose", f"Authorized by the person on {day(found.at, facts.timezone)}.", purpose, (found.id,))


def _why(facts: Facts) -> str:
    paper = papers.void(facts, "authorization", facts.message.purpose)
    if paper is None:
        return "there is none"
    wrong = papers.why_void(paper, facts.at) or "revoked"
    return DEFECT_WORDS.get(wrong, f"the one on record is void ({wrong.replace('_', ' ')})")


def state_health(facts: Facts, rules: Rules) -> GateVerdict:
    """Laws beside HIPAA, of the person's state or of the EU. Each that applies must be content."""
    asked = [row for row in rules.state_health if _applies(row, facts)]
    evidence: tuple[int, ...] = ()
    for row in asked:
        needs = row.needs + (row.shares_needs if facts.message.recipient else ())
        for kind in needs:
            paper = papers.standing(facts, kind, purpose=facts.message.purpose, recipient=_to_whom(kind, facts))
            if paper is None:
                return no("state_health", f"{row.words}; there is no {kind.replace('_', ' ')} that covers this.", row)
            evidence += (paper.id,)
        missing = [one for one in row.must_say if not _says(one, facts)]
        if missing:
            return no("state_health", f"{row.words}; the words lack: {', '.join(missing).replace('_', ' ')}.", row)
    objection = papers.in_force(facts, "objection") if facts.in_eu else []
    if objection and _is_marketing_in_eu(facts, rules):
        reason = f"The person objected to marketing on {day(objection[0].at, facts.timezone)}."
        return no("state_health", reason, rules.gates["state_health"], (objection[0].id,))
    if asked:
        return yes(
            "state_health", f"{', '.join(row.law for row in asked)}: what it asks for stands.", asked[0], evidence
        )
    return yes("state_health", "No further law of the person's home applies.", rules.gates["state_health"])


def _applies(row: StateHealth, facts: Facts) -> bool:
    message = facts.message
    return (
        message.purpose in row.purposes
        and message.channel not in row.free_channels
        and (facts.state in row.applies_to or (row.gdpr and facts.in_eu))
        and (not row.remunerated or message.remunerated)
        and (
            bool(set(row.data_classes) & set(message.data_classes))
            if row.data_classes
            else message.uses_patient_data or row.gdpr
        )
    )


def _to_whom(kind: str, facts: Facts) -> str:
    return facts.message.recipient if kind == "sharing" else ""


def _says(what: str, facts: Facts) -> bool:
    return {"payment": facts.message.says_paid, "toll_free": facts.message.has_toll_free}.get(what, False)


def _is_marketing_in_eu(facts: Facts, rules: Rules) -> bool:
    purpose = rules.purposes.get(facts.message.purpose)
    return purpose is None or purpose.commercial
