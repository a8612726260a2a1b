"""Handing a person her data: one zip with a FHIR file, tables and a README, made in memory and kept nowhere."""

import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from rapport.consent.models import ConsentRecord, Preference
from rapport.experience.models import Booking
from rapport.governance.models import Disclosure
from rapport.governance.rights import fhir_copy
from rapport.kit import export
from rapport.messaging.models import Intent
from rapport.people import erasing, sealed
from rapport.people import queries as people
from rapport.people.models import DataClass, Event, Fact, Person, Relationship, Trait
from rapport.trust import audit, sealing
from rapport.trust.access import as_system
from rapport.trust.actors import Actor

FIXED = (2000, 1, 1, 0, 0, 0)
README = """This is what {clinic} holds about you, as of {day}.

data.fhir.json   for another system: an HL7 FHIR R4 bundle with {resources} entries ({kinds})
*.csv            for people: open them in any spreadsheet
{tables}

Times are in UTC. A cell that begins with an apostrophe had a character there that a spreadsheet could take for a formula.

What is not in it: psychotherapy notes, which are kept apart from the record (45 CFR 164.524(a)(1)(i)), and
files as they were sent to us by others, whose content is in the tables already.
If something is wrong, you may ask us to correct it.
"""
TABLES: tuple[tuple[str, str, type[Model], tuple[str, ...], tuple[str, ...]], ...] = (
    ("events", "what happened", Event, ("person_id",),
     ("at", "kind", "code_system", "code", "label", "value", "unit", "source", "data_class")),
    ("conditions_medications_coverages_appointments", "what holds", Fact, ("person_id",),
     ("kind", "code_system", "code", "label", "status", "starts_at", "ends_at", "data_class")),
    ("traits_and_scores", "what we derived", Trait, ("person_id",), ("name", "text", "number", "source", "at")),
    ("permissions", "what you allowed and refused", ConsentRecord, ("person_id",),
     ("at", "kind", "channel", "topic", "data_class", "recipient", "tier", "status", "expires_at", "via", "text_version")),
    ("preferences", "how you want to be spoken to", Preference, ("person_id",),
     ("at", "language", "at_most", "pause_until", "quiet_from", "quiet_until", "feeling", "via")),
    ("messages", "what we meant to say and what became of it", Intent, ("person_id",),
     ("created_at", "channel", "topic", "purpose", "state", "settled_at")),
    ("bookings", "visits you booked by yourself", Booking, ("person_id",), ("booked_at", "starts_at", "minutes", "location__name")),
    ("family", "who is with you in our records", Relationship, ("person_id",), ("kind", "scope", "starts_on", "ends_on")),
    ("disclosures", "to whom we gave data", Disclosure, ("person_id",), ("at", "recipient", "description", "purpose", "basis")),
)  # fmt: skip


@transaction.atomic
def pack(*, by: Actor, person_id: int, clinic: str, now: datetime, thing: str = "") -> bytes:
    """The zip for one person. Raises Person.DoesNotExist also for one out of sight."""
    row = Person.objects.get(pk=person_id, erased_at__isnull=True)
    with as_system():
        ids = erasing.same_human([row.pk])
        told = _told(by, row, ids, now)
        made = fhir_copy.bundle(told)
        tables = [
            (name, what, columns, _rows(model, fields, columns, ids)) for name, what, model, fields, columns in TABLES
        ]
    files = {"data.fhir.json": json.dumps(made, indent=1, ensure_ascii=False).encode()}
    files["you.csv"] = export.table(("field", "value"), _person(told))
    files |= {f"{name}.csv": export.table(columns, rows) for name, _, columns, rows in tables}
    lines = [("you.csv", "name, birth date, address, numbers", 1), *[(f"{n}.csv", w, len(r)) for n, w, _, r in tables]]
    kinds = fhir_copy.count(made)
    readme = README.format(
        clinic=clinic or "the clinic", day=f"{now:%Y-%m-%d}", resources=sum(kinds.values()),
        kinds=", ".join(f"{many} {kind}" for kind, many in sorted(kinds.items())),
        tables="\n".join(f"  {name}: {what} ({many:,} rows)" for name, what, many in lines),
    )  # fmt: skip
    details = {"rows": {name: many for name, _, many in lines}, "resources": sum(kinds.values())}
    audit.record(by=by, verb="rights.export", now=now, person=person_id, thing=thing, details=details)
    return _zip({"README.txt": readme.encode(), **files})


def _told(by: Actor, row: Person, ids: list[int], now: datetime) -> fhir_copy.Told:
    known = erasing.known_by(ids)
    key = sealing.keys_of([row.key]).get(row.key)
    points = {(one.kind, one.value): one for one in people.contact_points(person_ids=ids)}
    return fhir_copy.Told(
        subject=str(sealing.source_key("rights-export", str(row.pk))),
        card=people.card(by=by, person_id=row.pk, now=now),
        street=sealed.open_text(key, row.street, table=sealed.PERSON, column="street", row=row.pk),
        numbers=list(known.numbers),
        points=list(points.values()),
        facts=list(_readable(Fact.objects.filter(person_id__in=ids)).order_by("id")),
        events=list(_readable(Event.objects.filter(person_id__in=ids)).order_by("at", "id")),
        consents=list(ConsentRecord.objects.filter(person_id__in=ids).order_by("at", "id")),
        made_at=now,
    )


def _readable(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The right of access does not reach psychotherapy notes."""
    return rows.exclude(data_class=DataClass.PSYCHOTHERAPY)


def _rows(model: type[Model], fields: Sequence[str], columns: Sequence[str], ids: list[int]) -> list[Sequence[Any]]:
    rows = model._default_manager.filter(**{f"{name}__in": ids for name in fields})
    if model in {Event, Fact, Trait}:
        rows = _readable(rows)
    return list(rows.order_by("pk").values_list(*columns))


def _person(told: fhir_copy.Told) -> Iterable[tuple[str, Any]]:
    card = told.card
    yield from (
        ("given name", card.given), ("family name", card.family), ("called", card.preferred), ("birth date", card.birth_date),
        ("sex", card.sex), ("language", card.language), ("street", told.street), ("city", card.city), ("state", card.state),
        ("ZIP", card.zip5),
    )  # fmt: skip
    yield from ((one.kind, one.value) for one in told.points)
    yield from told.numbers


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name, FIXED), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
