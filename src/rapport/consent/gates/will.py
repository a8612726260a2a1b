"""Gates 7 to 9: what the person has said about this channel, who must not be contacted, and what may be given or paid."""

from datetime import datetime, timedelta

from rapport.consent.gates import papers
from rapport.consent.gates.saying import PHONE, by_channel, day, no, topic, yes
from rapport.consent.policy_facts import ConsentFact, Facts, GateVerdict
from rapport.consent.rule_kinds import Exemption
from rapport.consent.rules import Rules

SUPPRESSED_BECAUSE = {
    "unsubscribed": "The person unsubscribed with this address",
    "carrier": "The carrier says that this number told it to stop (START takes that back)",
    "bounced": "Mail to this address came back",
    "complained": "The person reported our mail as spam",
    "staff": "Staff put this address on the do-not-contact list",
    "list": "This address is on an imported do-not-contact list",
    "erased": "Whoever had this address asked to be erased",
}
CONFIRMS_IN_SPITE_OF = {"unsubscribed"}


def consent(facts: Facts, rules: Rules) -> GateVerdict:
    """The latest statement about this channel and topic decides, at the level that purpose and channel need."""
    message, row = facts.message, rules.gates["consent"]
    if message.answers:
        return _answer(facts, rules)
    note = ""
    if message.exemption:
        lacks = _lacks(facts, rules)
        if not lacks:
            return yes("consent", "Exempt health care message (T1).", _exemption(facts, rules))
        note = f" Not exempt: {lacks}."
    purpose = rules.purposes.get(message.purpose)
    need = "written" if purpose is None else purpose.need(message.channel, message.promotional)
    mark = purpose or row
    refusal, agreed = _latest(facts, granted=False), _latest(facts, granted=True, written=need == "written")
    what = f"{topic(message.topic)} by {by_channel(message)}"
    if agreed is not None and (refusal is None or _order(agreed) > _order(refusal)):
        return yes("consent", f"Said yes to {what} on {day(agreed.at, facts.timezone)}.{note}", mark, (agreed.id,))
    if refusal is not None:
        return no("consent", f"Said no to {what} on {day(refusal.at, facts.timezone)}.{note}", mark, (refusal.id,))
    if need == "no_objection":
        return yes("consent", f"Needs no consent, and the person has not said no to {what}.{note}", mark)
    spoken = _latest(facts, granted=True) if need == "written" else None
    if spoken is not None:
        reason = f"Said yes to {what}, but not in writing, which this needs.{note}"
        return no("consent", reason, mark, (spoken.id,))
    return no("consent", f"No consent to {what} is on record.{note}", mark)


def _answer(facts: Facts, rules: Rules) -> GateVerdict:
    """One text may answer the person's own word: at once, or never."""
    limit = next(iter(rules.confirmations), None)
    if limit is None or facts.asked_at is None:
        return no("consent", "It answers nothing that the person has said.", limit or rules.gates["consent"])
    if facts.at - facts.asked_at > timedelta(minutes=limit.minutes):
        return no("consent", f"An answer may come within {limit.minutes} minutes; that time has passed.", limit)
    return yes("consent", "It answers what the person has just written.", limit)


def _exemption(facts: Facts, rules: Rules) -> Exemption | None:
    return next((one for one in rules.exemptions if one.tier == facts.message.exemption), None)


def _lacks(facts: Facts, rules: Rules) -> str:
    """Which condition of the exemption does not hold; empty when all do."""
    message, row = facts.message, _exemption(facts, rules)
    if row is None:
        return f"there is no exemption “{message.exemption}”"
    if message.purpose not in row.purposes or message.channel not in row.channels or message.remunerated:
        return "it is not about care by this channel"
    if message.characters > row.most_characters:
        return f"{message.characters} characters are more than {row.most_characters}"
    if row.free_to_end_user and not message.is_free_to_end_user:
        return "the person may be charged for it"
    said = sorted(one.at for one in facts.said if one.channel in row.channels and one.purpose in row.purposes)
    for most, span, word in ((row.a_day, timedelta(days=1), "a day"), (row.a_week, timedelta(days=7), "a week")):
        count = sum(1 for at in said if facts.at - span < at <= facts.at)
        if count >= most:
            return f"{count} of at most {most} {word} have gone out"
    if any(one.status != "granted" and one.channel in {"all", message.channel} for one in facts.consents):
        refusal, agreed = _latest(facts, granted=False), _latest(facts, granted=True)
        if refusal is not None and (agreed is None or _order(refusal) > _order(agreed)):
            return "the person has said no"
    return ""


def _latest(facts: Facts, *, granted: bool, written: bool = False) -> ConsentFact | None:
    """The newest yes (of at least that form), or the newest no. A no counts even if its clock runs ahead of ours."""
    channel, about, at = facts.message.channel, facts.message.topic, facts.at
    number = facts.contact.point_id if facts.contact is not None and channel in PHONE else None
    best: ConsentFact | None = None
    for one in facts.consents:
        if (one.status == "granted") is not granted:
            continue
        if (one.channel != channel and one.channel != "all") or (one.topic != about and one.topic != "all"):
            continue
        if granted and (
            one.at > at
            or (one.expires_at is not None and one.expires_at <= at)
            or (written and one.tier != "written")
            or (one.contact_point_id is not None and number is not None and one.contact_point_id != number)
        ):
            continue
        if best is None or (one.at, one.id) > (best.at, best.id):
            best = one
    return best


def _order(one: ConsentFact) -> tuple[datetime, int]:
    return (one.at, one.id)


def suppression(facts: Facts, rules: Rules) -> GateVerdict:
    """Lists of addresses, and people who must not be contacted at all or about this."""
    row, message = rules.gates["suppression"], facts.message
    hits = [one for one in facts.suppressions if one.topic in {"all", message.topic}]
    if message.answers:
        hits = [one for one in hits if one.reason not in CONFIRMS_IN_SPITE_OF]
    if hits:
        first = min(hits, key=lambda one: (one.at, one.topic, one.reason))
        because = SUPPRESSED_BECAUSE.get(first.reason, "This address is on the do-not-contact list")
        if first.reason == "bounced" and message.channel in {"sms", "call"}:
            because = "Texts to this number came back"
        return no("suppression", f"{because} on {day(first.at, facts.timezone)}.", row)
    for kind, words in (
        ("do_not_contact", "not to be contacted"),
        ("restriction", "a restriction agreed with the person"),
    ):
        found = [one for one in papers.in_force(facts, kind) if _concerns(kind, one.recipient, one.channel, facts)]
        if found:
            reason = f"On record since {day(found[0].at, facts.timezone)}: {words}."
            return no("suppression", reason, row, (found[0].id,))
    return yes("suppression", "The address is on no do-not-contact list.", row)


def _concerns(kind: str, recipient: str, channel: str, facts: Facts) -> bool:
    """A restriction about a recipient speaks only about messages that give data to it."""
    if channel not in {"all", facts.message.channel}:
        return False
    return kind != "restriction" or not recipient or recipient == facts.message.recipient


def inducement(facts: Facts, rules: Rules) -> GateVerdict:
    """Payment for a refill reminder covers its cost; gifts stay under the caps for federal beneficiaries."""
    message, row = facts.message, rules.gates["inducement"]
    purpose = rules.purposes.get(message.purpose)
    if purpose is not None and purpose.lapse_days is not None and message.remunerated and not message.covers_cost_only:
        return no(
            "inducement",
            "Payment for a refill reminder must not exceed its cost, and nobody has attested that.",
            purpose,
        )
    if not message.gift_cents and not message.gift_is_cash:
        return yes("inducement", "Nothing of value is given.", row)
    for cap in rules.inducements:
        if facts.payer_class and facts.payer_class in cap.not_federal:
            continue
        if message.gift_is_cash and not cap.cash_equivalents:
            return no("inducement", "Cash and what is as good as cash may not be given.", cap)
        if message.gift_exception and message.gift_exception in cap.exceptions:
            continue
        if message.gift_cents > cap.item_cents:
            return no("inducement", f"A gift may be worth ${cap.item_cents / 100:.2f} at most.", cap)
        if facts.rewards_cents + message.gift_cents > cap.year_cents:
            return no(
                "inducement", f"Gifts to one person may be worth ${cap.year_cents / 100:.2f} a year at most.", cap
            )
    return yes("inducement", "The gift is within the caps.", row)
