"""Editions of the rules: every row as first used, kept in the database, so that a receipt is replayed with the rules it was
decided by, also after the files have changed."""

from datetime import date, datetime

import msgspec
from django.db import transaction

from rapport.consent import rules as rulebook
from rapport.consent.models import RuleEdition
from rapport.consent.rules import Rule, Rules

_remembered: set[str] = set()


class UnknownEdition(LookupError):
    """Nobody kept the rules of this fingerprint, or what was kept is not what it says."""


def remember(*, now: datetime) -> str:
    """Keep the rules in use, if they are new; returns their fingerprint. For whoever writes receipts, in its transaction.

    Asked thousands of times an hour, so a process that has seen the row committed does not ask the database again.
    """
    edition = rulebook.fingerprint()
    if edition not in _remembered:
        row = RuleEdition(fingerprint=edition, rows=msgspec.to_builtins(rulebook.rows()), first_used_at=now)
        RuleEdition.objects.bulk_create([row], ignore_conflicts=True)
        transaction.on_commit(lambda: _remembered.add(edition))
    return edition


def forget() -> None:
    """For tests that empty the database under a living process."""
    _remembered.clear()


def rows_of(fingerprint: str) -> tuple[Rule, ...]:
    """Every row of an edition. Raises `UnknownEdition`."""
    if fingerprint == rulebook.fingerprint():
        return rulebook.rows()
    kept = RuleEdition.objects.filter(pk=fingerprint).values_list("rows", flat=True).first()
    if kept is None:
        raise UnknownEdition(fingerprint)
    rows = tuple(msgspec.convert(kept, list[Rule]))
    if rulebook.fingerprint_of(rows) != fingerprint:
        raise UnknownEdition(f"the rows kept as {fingerprint} are others")
    return rows


def rules_of(fingerprint: str, *, on: date) -> Rules:
    """The rules of an edition as they stood on a day, whatever the files say now. Raises `UnknownEdition`."""
    if fingerprint == rulebook.fingerprint():
        return rulebook.in_force(on)
    return rulebook.build(rows_of(fingerprint), on, fingerprint)
