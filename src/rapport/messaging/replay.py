"""Repeating a decision from its receipt: the stored facts, the rules of that day and edition, and the program of today.

Three things can be found, and each is named:

- the facts are not the ones that were decided on: their hash does not match (changed after the fact);
- the edition of the rules was not kept, so that today's rules had to answer;
- facts and rules are the same and a gate answers otherwise: the program itself has changed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from rapport.consent import editions, plain_words, policy
from rapport.consent import rules as rulebook
from rapport.consent.rules import Rules
from rapport.messaging.models import Receipt
from rapport.trust import audit
from rapport.trust.actors import Actor

BATCH = 1_000
ERASED = "erased_at"  # all that is left of the facts of somebody who was erased
_COMPARED = ("passed", "reason", "rule", "rule_version")


class NoSuchReceipt(LookupError):
    """There is no such receipt, or not within the sight of who asks."""


class Difference(msgspec.Struct, frozen=True):
    """One gate that answers otherwise than it did; `then` or `now` is empty where a gate is new or gone."""

    gate: str
    then: str
    now: str
    why: str


class Replay(msgspec.Struct, frozen=True):
    """What came of repeating one decision. `replayable` is false where no decision was taken (stopped by staff)."""

    receipt_id: int
    agrees: bool
    sentence: str
    edition: str
    replayable: bool = True
    tampered: bool = False
    edition_known: bool = True
    differences: tuple[Difference, ...] = ()


class Sum(msgspec.Struct):
    """What came of repeating many."""

    receipts: int = 0
    agree: int = 0
    without_decision: int = 0
    disagree: int = 0


@transaction.atomic
def replay(*, by: Actor, receipt_id: int, now: datetime) -> Replay:
    """Decide again and compare, gate by gate. Raises `NoSuchReceipt`."""
    receipt = Receipt.objects.filter(pk=receipt_id).first()
    if receipt is None:
        raise NoSuchReceipt(str(receipt_id))
    found = compare([receipt])[0]
    said = {"agrees": found.agrees, "tampered": found.tampered}
    audit.record(
        by=by, verb="receipt.replay", now=now, person=receipt.person_id, thing=f"receipt:{receipt_id}", details=said
    )
    return found


def replay_all(*, by: Actor, since: datetime, now: datetime, counted: Sum) -> Iterator[Replay]:
    """Every receipt since then, as a stream; yields only those that do not agree, and counts the rest in `counted`."""
    asked = Receipt.objects.filter(at__gte=since).order_by("at", "id").iterator(chunk_size=BATCH)
    while batch := list(islice(asked, BATCH)):
        for one in compare(batch):
            counted.receipts += 1
            counted.agree += one.agrees and one.replayable
            counted.without_decision += not one.replayable and one.agrees
            counted.disagree += not one.agrees
            if not one.agrees:
                yield one
    said = {"receipts": counted.receipts, "disagree": counted.disagree, "since": since.isoformat()}
    with transaction.atomic():
        audit.record(by=by, verb="receipt.replay", now=now, thing="receipts", details=said)


def compare(receipts: Sequence[Receipt]) -> list[Replay]:
    """The same for many, in order; each edition and day of rules is built once."""
    books: dict[tuple[str, date], tuple[Rules, bool]] = {}
    return [_one(receipt, books) for receipt in receipts]


def _one(receipt: Receipt, books: dict[tuple[str, date], tuple[Rules, bool]]) -> Replay:
    if not receipt.facts:
        whole = receipt.facts_hash in ("", hashlib.sha256(b"{}").hexdigest()) and not receipt.gates
        words = _("No decision was taken here, so there is nothing to repeat.")
        return Replay(
            receipt_id=receipt.pk, agrees=whole, replayable=False, edition="", tampered=not whole,
            sentence=words if whole else _("The facts of this decision are gone: somebody took them out afterwards."),
        )  # fmt: skip
    if ERASED in receipt.facts:
        words = _("The person was erased on %(day)s; what the decision rested on went with the record.") % {
            "day": receipt.facts[ERASED][:10]
        }
        return Replay(receipt.pk, True, words, receipt.rules_version, replayable=False)
    try:
        facts = policy.facts_from_json(msgspec.json.encode(receipt.facts))
    except msgspec.ValidationError:
        words = _("The stored facts can't be read by this program: they were changed, or written by an older one.")
        return Replay(receipt.pk, False, words, receipt.rules_version)
    place = (receipt.rules_version, facts.at.date())
    if place not in books:
        books[place] = _book(*place)
    rules, known = books[place]
    verdict = policy.decide(facts, rules)
    differences = _differences(receipt.gates, verdict, known)
    tampered = fingerprint_of(receipt.facts, facts) != receipt.facts_hash
    same_end = (verdict.allowed, verdict.gate) == (receipt.allowed, receipt.gate)
    return Replay(
        receipt_id=receipt.pk,
        agrees=same_end and not differences and not tampered,
        sentence=_sentence(tampered, same_end, differences, known),
        edition=receipt.rules_version,
        tampered=tampered,
        edition_known=known,
        differences=differences,
    )


def fingerprint_of(stored: dict[str, Any], facts: policy.Facts) -> str:
    """The hash of the facts as they stand in the row.

    The database keeps values but not the order of keys, so the order is taken from the program; a key that today's program has
    and the old facts had not is left out. So facts written before a field existed still prove themselves.
    """
    shape = msgspec.json.decode(policy.facts_json(facts))
    return hashlib.sha256(msgspec.json.encode(_ordered(stored, shape))).hexdigest()


def _ordered(stored: Any, shape: Any) -> Any:
    if isinstance(stored, dict) and isinstance(shape, dict):
        keys = [key for key in shape if key in stored] + sorted(key for key in stored if key not in shape)
        return {key: _ordered(stored[key], shape.get(key)) for key in keys}
    if isinstance(stored, list) and isinstance(shape, list) and len(stored) == len(shape):
        return [_ordered(one, like) for one, like in zip(stored, shape, strict=True)]
    return stored


def _book(edition: str, on: date) -> tuple[Rules, bool]:
    try:
        return editions.rules_of(edition, on=on), True
    except editions.UnknownEdition:
        return rulebook.in_force(on), False


def _differences(then: list[dict[str, Any]], verdict: policy.Verdict, known: bool) -> tuple[Difference, ...]:
    before = {one["gate"]: one for one in then}
    after = {one["gate"]: one for one in msgspec.to_builtins(verdict.gates)}
    found = []
    for gate in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(gate), after.get(gate)
        changed = [] if old is None or new is None else [key for key in _COMPARED if old.get(key) != new.get(key)]
        if old is None or new is None or changed:
            found.append(Difference(gate, _told(old), _told(new), _why(old, new, changed, known)))
    return tuple(found)


def _told(one: dict[str, Any] | None) -> str:
    if one is None:
        return ""
    return f"{_('yes') if one['passed'] else _('no')}: {one['reason']} ({one.get('rule') or 'no rule'} v{one.get('rule_version', 1)})"


def _why(old: dict[str, Any] | None, new: dict[str, Any] | None, changed: list[str], known: bool) -> str:
    if not known:
        return _("The rules of that day were not kept; today's rules answered.")
    if old is None:
        return _("This check did not exist then.")
    if new is None:
        return _("This check does not exist any more.")
    if "passed" in changed:
        return _("The stored facts give another answer, or the program decides otherwise now.")
    return _("The same answer with other words or another rule.")


def _sentence(tampered: bool, same_end: bool, differences: tuple[Difference, ...], known: bool) -> str:
    if tampered:
        return _("The stored facts are not the ones that were decided on: their fingerprint does not match.")
    if differences and not known:
        return _("The rules of that day were not kept, and today's rules decide otherwise.")
    if differences:
        checks = ", ".join(plain_words.gate(one.gate) for one in differences)
        return _("The decision comes out otherwise at %(checks)s.") % {"checks": checks}
    if not same_end:
        return _("The receipt says another end than its own checks.")
    return _("The same facts and the same rules give the same verdict.")
