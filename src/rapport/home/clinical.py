"""What is known of a person's health now. General facts stand open; delicate classes open one by one, with a reason, on record."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.consent.classes import may_use
from rapport.home import kinds
from rapport.home.ask import Ask
from rapport.people.models import Event, Fact
from rapport.trust import audit
from rapport.trust.models import User

SECTIONS = (
    ("condition", _("Conditions"), _("No condition is on file.")),
    ("medication", _("Medicines"), _("No medicine is on file.")),
    ("allergy", _("Allergies"), ""),
    ("coverage", _("Insurance"), ""),
)
OPEN_STATUS = {"active", "recurrence", "relapse", "", "in-progress", "on-hold"}
MEASUREMENTS = 8
SHORTEST_REASON = 8
MARKETING = "P2"  # what a reader most often asks: may our own services be told of by it


class ReasonMissing(ValueError):
    """Delicate entries open only for a reason that another person can understand later."""


@dataclass(frozen=True)
class Covered:
    """A delicate class with its number of entries, not yet opened."""

    data_class: str
    label: object
    entries: int
    forbids: str = ""


def fill(ask: Ask) -> dict[str, Any]:
    facts = list(Fact.objects.filter(person_id=ask.person_id).exclude(kind="appointment").order_by("-starts_at", "-id"))
    plain = [fact for fact in facts if not kinds.is_delicate(fact.data_class)]
    sections = []
    for kind, label, nothing in SECTIONS:
        of_kind = [fact for fact in plain if fact.kind == kind]
        now_true = [fact for fact in of_kind if is_current(fact)]
        if of_kind or nothing:
            sections.append(
                {
                    "label": label,
                    "nothing": nothing,
                    "current": now_true,
                    "past": [f for f in of_kind if f not in now_true],
                }
            )
    return {
        "sections": sections,
        "measurements": _measurements(ask.person_id),
        "covered": covered(ask.person_id, ask.now),
    }


def is_current(fact: Fact) -> bool:
    return fact.ends_at is None and fact.status in OPEN_STATUS


def _measurements(person_id: int) -> list[Event]:
    """The newest value of each kind of measurement."""
    rows = Event.objects.filter(person_id=person_id, kind="observation", data_class="general", value__isnull=False)
    newest: dict[str, Event] = {}
    for row in rows.order_by("-at", "-id")[:200]:
        newest.setdefault(row.code, row)
    return list(newest.values())[:MEASUREMENTS]


def covered(person_id: int, now: datetime) -> list[Covered]:
    """Delicate classes on file, with how many entries each (facts and events together), and what they must not be used for."""
    counts: Counter[str] = Counter()
    for model in (Fact, Event):
        rows = model.objects.filter(person_id=person_id).exclude(data_class="general")
        counts.update(rows.values_list("data_class", flat=True))
    return [
        Covered(name, kinds.class_label(name), number, may_use(MARKETING, name, on=now.date()).reason)
        for name, number in sorted(counts.items())
    ]


def open_class(*, by: User, person_id: int, data_class: str, reason: str, now: datetime) -> list[Any]:
    """Uncover one delicate class of one person for this once. The reason stands in the audit trail."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissing
    with transaction.atomic():
        facts = Fact.objects.filter(person_id=person_id, data_class=data_class).order_by("-starts_at", "-id")
        events = Event.objects.filter(person_id=person_id, data_class=data_class).order_by("-at", "-id")[:100]
        rows: list[Fact | Event] = [*facts, *events]
        audit.record(
            by=by, verb="person.uncover", now=now, person=person_id, thing=data_class, reason=reason.strip()[:300],
            details={"entries": len(rows)},
        )  # fmt: skip
    return [_uncovered(row) for row in rows]


def _uncovered(row: Fact | Event) -> dict[str, Any]:
    at = row.at if isinstance(row, Event) else row.starts_at
    return {
        "title": row.label or row.code,
        "kind": kinds.look(row.kind).label,
        "at": at,
        "icon": kinds.look(row.kind).icon,
    }
