"""The rules as a page shows them: those of one day, what changes after it, and parameters in words, whatever their kind.

Kinds come and go with the files. A kind that has no words here is shown by its own name, and parameters of any shape are read
out plainly, so a new file of rules needs no change of this page.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.consent.rules import Rule

KINDS: dict[str, str | Promise] = {
    "gate": gettext_lazy("The fifteen gates"),
    "purpose": gettext_lazy("Purposes"),
    "data_use": gettext_lazy("Kinds of data"),
    "state_health": gettext_lazy("State health privacy"),
    "minors": gettext_lazy("Minors"),
    "life_event": gettext_lazy("Events in a life"),
    "quiet_hours": gettext_lazy("Hours"),
    "frequency": gettext_lazy("How often"),
    "exemption": gettext_lazy("Exemptions"),
    "confirmation": gettext_lazy("After a no"),
    "programme": gettext_lazy("Programmes of care"),
    "deliverability": gettext_lazy("Health of the sender"),
    "inducement": gettext_lazy("Rewards and gifts"),
    "training": gettext_lazy("Training of staff"),
    "review": gettext_lazy("Compliance calendar"),
}
_DAYS = (
    gettext_lazy("Mon"), gettext_lazy("Tue"), gettext_lazy("Wed"), gettext_lazy("Thu"), gettext_lazy("Fri"),
    gettext_lazy("Sat"), gettext_lazy("Sun"),
)  # fmt: skip


class Wish(msgspec.Struct, frozen=True):
    """What is asked for: the rules of a day, of one kind and one jurisdiction, or all."""

    on: date
    kind: str = ""
    jurisdiction: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether so little was asked for that everything can stand open."""
        return bool(self.kind or self.jurisdiction)


class Change(msgspec.Struct, frozen=True):
    """A row that begins or ends after the day, or names a date of the law that is still to come."""

    on: date
    what: str  # begins · ends · date
    row: Rule


class Shown(msgspec.Struct, frozen=True):
    """What the page shows."""

    kinds: list[tuple[str, list[Rule]]]
    changes: list[Change]
    past: list[Rule]
    all_kinds: list[str]
    all_jurisdictions: list[str]
    count: int


def shown(rows: Sequence[Rule], wish: Wish) -> Shown:
    """The rows of that day by kind, those that change later, and those that are over."""
    wanted = [row for row in rows if wish.kind in {"", str(row.kind)} and wish.jurisdiction in {"", row.jurisdiction}]
    kinds = sorted({str(row.kind) for row in rows}, key=_rank)
    valid = [row for row in wanted if row.is_in_force(wish.on)]
    begins = [Change(row.effective_from, "begins", row) for row in wanted if row.effective_from > wish.on]
    ends = [Change(row.effective_to, "ends", row) for row in valid if row.effective_to]
    dates = [Change(on, "date", row) for row in valid if (on := _date_of(row)) and on > wish.on]
    past = [row for row in wanted if row.effective_to and row.effective_to < wish.on]
    return Shown(
        kinds=[(kind, some) for kind in kinds if (some := [row for row in valid if row.kind == kind])],
        changes=sorted(begins + ends + dates, key=lambda one: (one.on, one.row.id)),
        past=past,
        all_kinds=kinds,
        all_jurisdictions=sorted({row.jurisdiction for row in rows}),
        count=len(valid),
    )


def kind_name(kind: str) -> str:
    """What a kind of rule is called; its own name when it is new to this page."""
    return str(KINDS.get(kind) or kind.replace("_", " ").capitalize())


def jurisdiction_name(code: str) -> str:
    return {"HOUSE": _("House policy"), "US": _("United States")}.get(code, code)


def address(row: Rule) -> str:
    """Where the authority can be read; empty when the row does not say."""
    found = row.authority_url
    return found if found.startswith(("https://", "http://")) else ""


def readable(row: Rule) -> list[tuple[str, str]]:
    """(name, words) for each parameter of a row."""
    return [(key.replace("_cents", "").replace("_", " "), words(value, key)) for key, value in row.parameters.items()]


def words(value: Any, key: str = "") -> str:
    """Any parameter in words: amounts in dollars, days of the week by name, lists with commas, tables with semicolons."""
    if value is None or value in ("", [], {}, ()):
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int) and key.endswith("_cents"):
        return f"${value / 100:,.2f}"
    if key == "days" and isinstance(value, list) and all(one in range(7) for one in value):
        return _("every day") if len(set(value)) == len(_DAYS) else ", ".join(str(_DAYS[one]) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{str(name).replace('_', ' ')}: {words(one, str(name))}" for name, one in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return ", ".join(words(one) for one in value)
    return str(value).replace("_", " ")


def _date_of(row: Rule) -> date | None:
    """The one date a row of the calendar is about; none when it repeats."""
    named = row.parameters.get("first_on")
    return named if isinstance(named, date) and not row.parameters.get("every_months") else None


def _rank(kind: str) -> tuple[int, str]:
    """Known kinds in the order of KINDS, then the others by name."""
    known = list(KINDS)
    return (known.index(kind) if kind in known else len(known), kind)
