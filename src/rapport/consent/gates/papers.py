"""Which paper stands: granted, whole, not run out, not ended by its event, not taken back since. Pure.

A revocation ends every earlier paper of its kind whose scope it touches; one more revocation can only take away.
"""

from collections.abc import Iterator
from datetime import datetime

from rapport.consent.policy_facts import Facts, PaperFact


def standing(
    facts: Facts, kind: str, *, data_class: str = "", recipient: str = "", purpose: str = ""
) -> PaperFact | None:
    """The newest paper of this kind that covers the message, or None."""
    if not facts.papers:
        return None
    valid = [
        one
        for one in of_kind(facts, kind)
        if _covers(one, facts, data_class, recipient, purpose) and why_void(one, facts.at) == ""
    ]
    whole = [one for one in valid if not _revoked(one, facts)]
    return max(whole, key=_order, default=None)


def in_force(facts: Facts, kind: str) -> list[PaperFact]:
    """Statements of this kind that hold now and speak about this topic: holds, restrictions, agreed ways. Newest first."""
    if not facts.papers:
        return []
    found = [
        one
        for one in of_kind(facts, kind)
        if one.status == "granted"
        and one.at <= facts.at
        and (one.expires_at is None or facts.at < one.expires_at)
        and one.topic in {"all", facts.message.topic}
        and not _lifted(one, facts)
    ]
    return sorted(found, key=_order, reverse=True)


def void(facts: Facts, kind: str, purpose: str = "") -> PaperFact | None:
    """The newest paper that would cover the message if it were whole: what a refusal names."""
    found = [
        one
        for one in of_kind(facts, kind)
        if one.status == "granted" and _covers(one, facts, "", "", purpose) and one.at <= facts.at
    ]
    return max(found, key=_order, default=None)


def why_void(one: PaperFact, at: datetime) -> str:
    """Empty for a paper that holds by itself; otherwise the code of what is wrong with it."""
    if one.status != "granted":
        return "revoked"
    if one.at > at:
        return "signed_in_future"
    if one.expires_at is not None and one.expires_at <= at:
        return "expired"
    if one.ended_at is not None and one.ended_at <= at:
        return "event_occurred"
    return min(one.defects, default="")


def of_kind(facts: Facts, kind: str) -> Iterator[PaperFact]:
    return (one for one in facts.papers if one.kind == kind)


def _covers(one: PaperFact, facts: Facts, data_class: str, recipient: str, purpose: str) -> bool:
    message = facts.message
    return (
        one.channel in {"all", message.channel}
        and one.topic in {"all", message.topic}
        and (not data_class or one.data_class in {"", data_class})
        and (not recipient or one.recipient == recipient)
        and (not purpose or not one.purposes or purpose in one.purposes)
    )


def _revoked(one: PaperFact, facts: Facts) -> bool:
    return any(
        other.status != "granted" and _order(other) > _order(one) and _touches(other, one)
        for other in of_kind(facts, one.kind)
    )


def _lifted(one: PaperFact, facts: Facts) -> bool:
    """Taken back by the person or by whoever set it: a word about one topic or receiver lifts what is about exactly that.

    So one restriction that ends leaves the others, as `restrictions.standing` reads it for the pages.
    """
    return any(
        other.status != "granted"
        and one.at <= other.at <= facts.at
        and _order(other) > _order(one)
        and (other.topic, other.recipient) == (one.topic, one.recipient)
        and other.channel in {"all", one.channel}
        for other in of_kind(facts, one.kind)
    )


def _touches(revocation: PaperFact, one: PaperFact) -> bool:
    return (
        (revocation.channel == "all" or one.channel in {"all", revocation.channel})
        and (revocation.topic == "all" or one.topic in {"all", revocation.topic})
        and (not revocation.recipient or not one.recipient or revocation.recipient == one.recipient)
        and (not revocation.data_class or not one.data_class or revocation.data_class == one.data_class)
    )


def _order(one: PaperFact) -> tuple[datetime, int]:
    return (one.at, one.id)
