"""What was given to a person, how much is left of the year, and whether the next thing may be given: the same rule as the verb's."""

from datetime import datetime
from typing import Any

import msgspec
from django.db.models import QuerySet

from rapport.consent import rewards
from rapport.consent.inducements import CASH, Answer, Cap, Gift, Given, NoRule, Year, cap_on, may_give, year_to
from rapport.consent.models import Reward


class Account(msgspec.Struct, frozen=True):
    """The account of one person on one day. `capped`: the caps speak about the payer on record."""

    cap: Cap
    before: list[Given]
    year: Year
    payer: str

    @property
    def capped(self) -> bool:
        return self.payer not in self.cap.not_federal


def account(person_id: int, now: datetime) -> Account | None:
    """None when no rule about rewards is in force, so that nothing may be given."""
    try:
        cap = cap_on(now.date())
    except NoRule:
        return None
    before = rewards.given_to(person_id)
    return Account(cap, before, year_to(now.date(), before=before, cap=cap), rewards.payer_class(person_id, now=now))


def answer(gift: Gift, of: Account, now: datetime) -> Answer:
    """Whether it may be given, as the verb will decide."""
    return may_give(gift, before=of.before, cap=of.cap, on=now.date())


def given(person_id: int, of: Account | None, now: datetime) -> QuerySet[Reward]:
    """What was given this year, the newest first."""
    return rewards.of_the_year(person_id, days=of.cap.year_days if of else 365, now=now)


def field_of(gift: Gift | None) -> str:
    """At which field a refusal stands."""
    return "kind" if gift is not None and gift.kind == CASH else "worth"


def fill(person_id: int, now: datetime) -> dict[str, Any]:
    """The card on the person page."""
    of = account(person_id, now)
    return {"giving": of, "given": list(given(person_id, of, now))}
