"""How long we have to answer. The periods are rule rows (`consent/rules/clocks.yaml`); this is the calendar. Pure.

Business days are Monday to Friday: a public holiday makes our date too early, never too late.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from rapport.consent import rules as rulebook

SATURDAY = 5


class NoClock(LookupError):
    """No rule in force says how long we have for this."""


@dataclass(frozen=True)
class Clock:
    """One row: how long, and by how much it may be extended once."""

    rule: str
    regime: str
    authority: str
    days: int = 0
    months: int = 0
    business_days: int = 0
    extension_days: int = 0
    extension_months: int = 0
    unverified: bool = False

    @property
    def can_be_extended(self) -> bool:
        return bool(self.extension_days or self.extension_months)

    def due_on(self, received_on: date) -> date:
        """The last day for an answer to what came on this day."""
        after = received_on + relativedelta(months=self.months, days=self.days)
        return _business(after, self.business_days)

    def extended(self, due_on: date) -> date:
        """The last day after the one extension."""
        return due_on + relativedelta(months=self.extension_months, days=self.extension_days)


def find(right: str, regime: str, on: date) -> Clock:
    """The clock of a right under a law, in force on that day. Raises NoClock."""
    for row in _in_force(on):
        if row.parameters["regime"] == regime and row.parameters["right"] in {right, "all"}:
            return _clock(row)
    raise NoClock(f"There is no clock for “{right}” under {regime} on {on}.")


def named(rule: str, on: date) -> Clock:
    """The clock a request was taken in under; the row of that day, else the last one of that name."""
    rows = [row for row in rulebook.rows() if row.kind == "clock" and row.id == rule]
    best = next((row for row in rows if row.is_in_force(on)), rows[-1] if rows else None)
    if best is None:
        raise NoClock(f"The rule {rule} is gone.")
    return _clock(best)


def regimes(on: date) -> list[str]:
    """The laws under which somebody may ask, as they stand in the rules."""
    return list(dict.fromkeys(row.parameters["regime"] for row in _in_force(on)))


def _in_force(on: date) -> list[rulebook.Rule]:
    return [row for row in rulebook.rows() if row.kind == "clock" and row.is_in_force(on)]


def _clock(row: rulebook.Rule) -> Clock:
    told = {name: value for name, value in row.parameters.items() if name not in {"regime", "right"}}
    return Clock(row.id, row.parameters["regime"], row.authority, unverified=row.unverified, **told)


def _business(day: date, many: int) -> date:
    while many:
        day += timedelta(days=1)
        many -= day.weekday() < SATURDAY
    return day
