"""The words in which a FHIR resource is told to us: dates, subjects and codes asked for, events and facts said.

A translator of one kind of resource gets a `Telling`, asks it for what it needs, and stops when something essential is wrong:
the problem is then already written down with its path.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from rapport.consent import code_classes
from rapport.integrations.fhir import codes, refs, times
from rapport.integrations.fhir.shapes import CodeableConcept, Reference
from rapport.integrations.translation import Desk, Record, Said, Subject, Translation
from rapport.people.records import NewEvent, NewFact

Named = tuple[str, str, str]
LARGEST_VALUE = Decimal(10) ** 10  # numeric(14, 4)
MOST_CODES = 40


class Visit(NamedTuple):
    """What a visit lends to whatever happened in it: its service line and its place."""

    line: int | None = None
    place: uuid.UUID | None = None


class Telling:
    """One resource on its way into our words. `visits`: the visits of this batch by record key."""

    __slots__ = ("desk", "out", "record", "refused", "visits")

    def __init__(self, record: Record, desk: Desk, out: Translation, visits: dict[uuid.UUID, Visit]) -> None:
        self.record, self.desk, self.out, self.visits = record, desk, out, visits
        self.refused = False

    def refuse(self, reason: str, path: str, remedy: str) -> None:
        if not self.refused:
            self.refused = True
            self.out.refuse(self.record, reason, path=path, remedy=remedy)

    def at(self, text: str, path: str, *, needed: bool = True) -> datetime | None:
        """The instant a text means. A wrong one refuses the record; a missing one only when it is needed."""
        if not text:
            if needed:
                self.refuse("the date is missing", path, "Add it, for example 2024-05-01T09:30:00-04:00.")
            return None
        try:
            return times.instant(text)[0]
        except times.NotADate as wrong:
            self.refuse(str(wrong), path, wrong.remedy)
            return None

    def subject(self, ref: Reference | None, path: str) -> Subject | None:
        found = refs.subject(ref, self.record, self.desk.source, path)
        if found is None:
            self.refuse(
                "it doesn't say which patient it is about",
                path,
                'Add a reference, for example {"reference": "Patient/123"}.',
            )
        return found

    def named(self, concept: CodeableConcept | None, path: str) -> Named | None:
        """Code system, code and label; a thing without a code and without a text can't be told."""
        found = codes.best(concept)
        if any(found):
            return found
        self.refuse("it has neither a code nor a text", path, "Add a coding with system and code.")
        return None

    def fits(self, value: Any, path: str) -> bool:
        """Whether a number can be kept."""
        if value is None or -LARGEST_VALUE < value < LARGEST_VALUE:
            return True
        self.refuse("the number is too large", path, "Correct the value or its unit.")
        return False

    def visit(
        self, ref: Reference | None, of_record: Sequence[tuple[str, str]] = (), place: uuid.UUID | None = None
    ) -> Visit:
        """Line and place of the visit when it came in the same batch; else the line of the record's own codes, and its place."""
        found = refs.target(ref, self.record, "Encounter")
        known = self.visits.get(refs.source_key(self.desk.source, *found), Visit()) if found else Visit()
        line = known.line if known.line is not None else self.desk.lines.first_of(list(of_record))
        return Visit(line, place or known.place)

    def event(
        self, subject: Subject, kind: str, at: datetime, named: Named, *, codes: Sequence[tuple[str, str]] = (), value: Any = None,
        unit: str = "", detail: dict[str, Any] | None = None, visit: Visit = Visit(), key: uuid.UUID | None = None,  # noqa: B008 - frozen
    ) -> None:  # fmt: skip
        event = NewEvent(
            person_id=0, kind=kind, at=at, source=self.desk.source, source_key=key or self.record.key, code_system=named[0],
            code=named[1], label=named[2], value=value, unit=unit, data_class=_class(kind, named, codes), service_line_id=visit.line,
            detail=_with_codes(detail or {}, named, codes), trace=self.record.landing.trace if self.record.landing else None,
        )  # fmt: skip
        self.out.events.append(Said(self.record, event, subject, visit.place, tuple(codes)))

    def fact(
        self, subject: Subject, kind: str, key: uuid.UUID, named: Named, *, status: str = "", starts_at: datetime | None = None,
        ends_at: datetime | None = None, codes: Sequence[tuple[str, str]] = (), visit: Visit = Visit(),  # noqa: B008 - frozen
        detail: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        fact = NewFact(
            person_id=0, kind=kind, source_key=key, code_system=named[0], code=named[1], label=named[2], status=status,
            data_class=_class(kind, named, codes), starts_at=starts_at, ends_at=ends_at, service_line_id=visit.line,
            detail=_with_codes(detail or {}, named, codes),
        )  # fmt: skip
        self.out.facts.append(Said(self.record, fact, subject, visit.place, tuple(codes)))

    def consent(self, subject: Subject, at: datetime) -> None:
        """A no to marketing, said at the hospital."""
        self.out.consents.append(Said(self.record, {"at": at, "key": self.record.key}, subject))


def _class(kind: str, named: Named, of_record: Sequence[tuple[str, str]]) -> str:
    """By every code of the record; by its words where it is a drug, or where no code says what it is."""
    return code_classes.class_of(of_record, code_classes.names_asked(kind, named[2], of_record))


def _with_codes(detail: dict[str, Any], named: Named, of_record: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Keep the other codes of a record too: it is tagged again by them when the sets of delicate codes change."""
    others = list(dict.fromkeys(f"{system}|{code}" for system, code in of_record if (system, code) != named[:2]))
    return detail | {"codes": others[:MOST_CODES]} if others else detail
