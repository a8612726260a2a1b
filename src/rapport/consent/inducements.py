"""May we give this person something of value? Caps for patients of federal programmes (42 CFR 1003.110; OIG 2016-12-07). Pure.

The caps are rows of `rules/inducements.yaml`.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from rapport.consent import rules as rulebook

CASH = "cash_equivalent"


class NoRule(LookupError):
    """No row of the caps is in force on that day, so nothing may be given."""


class Cap(msgspec.Struct, frozen=True):
    """One row of the caps, for one day."""

    rule: str
    version: int
    authority: str
    item_cents: int
    year_cents: int
    year_days: int
    cash_equivalents: bool
    not_federal: tuple[str, ...]
    exceptions: dict[str, str]


class Gift(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be given. `payer_class` empty: unknown. `exception`: a documented one, by its name in the rule."""

    kind: str
    what: str
    retail_cents: int
    payer_class: str = ""
    exception: str = ""


class Given(msgspec.Struct, frozen=True):
    """What was given before, as far as it counts."""

    on: date
    retail_cents: int
    exception: str = ""


class Year(msgspec.Struct, frozen=True):
    """What of the year that ends on a day counts against its cap, and what is left of it."""

    given_cents: int
    left_cents: int


class Answer(msgspec.Struct, frozen=True):
    """Whether it may be given, why, by which rule."""

    allowed: bool
    reason: str
    rule: str
    version: int


def may_give(gift: Gift, *, before: Sequence[Given], cap: Cap, on: date) -> Answer:
    """Pure. In order:

    - A patient of no federal programme: the caps do not speak about it. An unknown payer counts as federal.
    - Cash, or what is as good as cash, is never given, exception or not.
    - A documented exception lifts the caps, if the rule knows it.
    - One thing is worth at most the cap of an item; with everything given in the year that ends today, at most the cap of a year.
    """
    if gift.payer_class in cap.not_federal:
        return _answer(cap, True, "No federal programme pays for this patient, so the caps do not apply.")
    if gift.kind == CASH and not cap.cash_equivalents:
        return _answer(cap, False, "Cash, and what is as good as cash such as a gift card, may never be given.")
    if gift.exception:
        if gift.exception in cap.exceptions:
            return _answer(cap, True, f"A documented exception: {cap.exceptions[gift.exception]}.")
        return _answer(cap, False, f"“{gift.exception}” is no exception that the rule knows.")
    if gift.retail_cents > cap.item_cents:
        return _answer(cap, False, f"Worth {_usd(gift.retail_cents)}; one thing may be worth {_usd(cap.item_cents)}.")
    counted = year_to(on, before=before, cap=cap).given_cents
    if counted + gift.retail_cents > cap.year_cents:
        sentence = f"With {_usd(counted)} given in the last year it would be {_usd(counted + gift.retail_cents)}"
        return _answer(cap, False, f"{sentence}; a person may get {_usd(cap.year_cents)}.")
    left = cap.year_cents - counted - gift.retail_cents
    return _answer(cap, True, f"Within both caps; {_usd(left)} would be left for the year.")


def year_to(on: date, *, before: Sequence[Given], cap: Cap) -> Year:
    """Pure. What was given in the year that ends that day, documented exceptions aside, and what is left under the cap."""
    given = sum(one.retail_cents for one in before if not one.exception and one.on > on - timedelta(days=cap.year_days))
    return Year(given, max(0, cap.year_cents - given))


def cap_on(on: date) -> Cap:
    """The caps of that day. Raises `NoRule`."""
    rows = [row for row in rulebook.rows() if row.kind == "inducement" and row.is_in_force(on)]
    if not rows:
        raise NoRule(f"No rule about rewards is in force on {on}.")
    row = max(rows, key=lambda one: (one.effective_from, one.version))
    given = {"rule": row.id, "version": row.version, "authority": row.authority, **row.parameters}
    return msgspec.convert(given, Cap)


def _answer(cap: Cap, allowed: bool, reason: str) -> Answer:
    return Answer(allowed, f"{reason} ({cap.authority})", cap.rule, cap.version)


def _usd(cents: int) -> str:
    return f"${cents / 100:,.2f}"
