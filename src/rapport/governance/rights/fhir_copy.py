"""A person's data as a FHIR R4 Bundle (type collection): what R4 has a resource for; the rest stands in the tables. Pure.

Shapes: https://hl7.org/fhir/R4/ Patient, Condition, MedicationStatement, Coverage, Appointment, Encounter, Procedure, Observation,
Immunization, Consent. A status that R4 doesn't know is `unknown`, or left out where it may be.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapport.consent.models import ConsentRecord
from rapport.people.models import Event, Fact
from rapport.people.queries import Address, PersonCard

Resource = dict[str, Any]
URLS = {
    "snomed": "http://snomed.info/sct", "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm", "icd9cm": "http://hl7.org/fhir/sid/icd-9-cm",
    "cpt": "http://www.ama-assn.org/go/cpt", "loinc": "http://loinc.org", "cvx": "http://hl7.org/fhir/sid/cvx",
    "hcpcs": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ndc": "http://hl7.org/fhir/sid/ndc", "act": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
}  # fmt: skip
GENDERS = {"F": "female", "M": "male", "O": "other"}
CLINICAL = {"active", "recurrence", "relapse", "inactive", "remission", "resolved"}
VERIFIED = {"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"}
TAKEN = {"active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "not-taken"}
COVERED = {"active", "cancelled", "draft", "entered-in-error"}
MEETINGS = {
    "booked": "booked", "arrived": "arrived", "fulfilled": "fulfilled", "cancelled": "cancelled", "noshow": "noshow",
    "pending": "pending",
}  # fmt: skip
TERMS = "http://terminology.hl7.org/CodeSystem/"


@dataclass(frozen=True)
class Told:
    """What the copy is made of, opened. `subject` names the patient inside the bundle."""

    subject: str
    card: PersonCard
    street: str
    numbers: list[tuple[str, str]]
    points: list[Address]
    facts: list[Fact]
    events: list[Event]
    consents: list[ConsentRecord]
    made_at: datetime


def bundle(told: Told) -> Resource:
    """The whole copy."""
    patient = {"reference": f"urn:uuid:{told.subject}"}
    entries = [_entry(told.subject, _patient(told))]
    for kind, rows in (("fact", told.facts), ("event", told.events)):
        for row in rows:
            write = WRITERS.get((kind, row.kind))
            if write is not None:
                entries.append(_entry(str(row.source_key), write(row, patient), about=f"{kind}-{row.pk}"))
    entries += [_entry(str(one.source_key), _consent(one, patient)) for one in told.consents if one.kind == "consent"]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": told.made_at.isoformat(),
        "entry": entries,
    }


def _entry(name: str, resource: Resource, *, about: str = "") -> Resource:
    """A condition is told as event and as fact under one name: the id keeps them apart."""
    return {"fullUrl": f"urn:uuid:{name}", "resource": {**resource, "id": about or name}}


def _patient(told: Told) -> Resource:
    card = told.card
    name = _clean({
        "use": "official", "family": card.family, "given": [card.given] if card.given else None,
        "prefix": [card.prefix] if card.prefix else None,
    })  # fmt: skip
    names = [name, *([{"use": "nickname", "given": [card.preferred]}] if card.preferred else [])]
    address = _clean({
        "line": [told.street] if told.street else None, "city": card.city, "state": card.state, "postalCode": card.zip5,
    })  # fmt: skip
    return _clean({
        "resourceType": "Patient",
        "identifier": [{"system": _uri(system), "value": value} for system, value in told.numbers],
        "name": names,
        "telecom": [{"system": one.kind, "value": one.value} for one in told.points],
        "gender": GENDERS.get(card.sex, "unknown"),
        "birthDate": card.birth_date.isoformat() if card.birth_date else None,
        "deceasedDateTime": _at(card.deceased_at),
        "address": [address] if address else None,
        "communication": [{"language": _concept("urn:ietf:bcp:47", card.language, "")}] if card.language else None,
    })  # fmt: skip


def _condition(row: Fact, patient: Resource) -> Resource:
    clinical = row.status if row.status in CLINICAL else None
    verified = row.status if row.status in VERIFIED else None
    return _clean({
        "resourceType": "Condition", "subject": patient, "code": _code(row),
        "clinicalStatus": _concept(TERMS + "condition-clinical", clinical, "") if clinical else None,
        "verificationStatus": _concept(TERMS + "condition-ver-status", verified, "") if verified else None,
        "onsetDateTime": _at(row.starts_at), "abatementDateTime": _at(row.ends_at),
    })  # fmt: skip


def _medication(row: Fact, patient: Resource) -> Resource:
    return _clean({
        "resourceType": "MedicationStatement", "subject": patient, "status": row.status if row.status in TAKEN else "unknown",
        "medicationCodeableConcept": _code(row), "effectivePeriod": _period(row),
    })  # fmt: skip


def _coverage(row: Fact, patient: Resource) -> Resource:
    return _clean({
        "resourceType": "Coverage", "beneficiary": patient, "status": row.status if row.status in COVERED else "active",
        "payor": [{"display": row.label or row.code or "not named"}], "period": _period(row),
    })  # fmt: skip


def _appointment(row: Fact, patient: Resource) -> Resource:
    both = row.starts_at is not None and row.ends_at is not None
    return _clean({
        "resourceType": "Appointment", "status": MEETINGS.get(row.status, "pending"), "description": row.label,
        "start": _at(row.starts_at) if both else None, "end": _at(row.ends_at) if both else None,
        "requestedPeriod": None if both or row.starts_at is None else [{"start": _at(row.starts_at)}],
        "participant": [{"actor": patient, "status": "accepted"}],
    })  # fmt: skip


def _encounter(row: Event, patient: Resource) -> Resource:
    return _clean({
        "resourceType": "Encounter", "subject": patient, "status": "finished", "type": [_code(row)],
        "class": {"system": TERMS + "v3-ActCode", "code": str(row.detail.get("class") or "AMB")},
        "period": _clean({"start": _at(row.at), "end": row.detail.get("end")}),
    })  # fmt: skip


def _procedure(row: Event, patient: Resource) -> Resource:
    return {
        "resourceType": "Procedure", "subject": patient, "status": "completed", "code": _code(row),
        "performedDateTime": _at(row.at),
    }  # fmt: skip


def _observation(row: Event, patient: Resource) -> Resource:
    value = None if row.value is None else _clean({"value": float(row.value), "unit": row.unit})
    return _clean({
        "resourceType": "Observation", "subject": patient, "status": "final", "code": _code(row),
        "effectiveDateTime": _at(row.at), "valueQuantity": value,
    })  # fmt: skip


def _immunization(row: Event, patient: Resource) -> Resource:
    return {
        "resourceType": "Immunization", "patient": patient, "status": "completed", "vaccineCode": _code(row),
        "occurrenceDateTime": _at(row.at),
    }  # fmt: skip


def _consent(row: ConsentRecord, patient: Resource) -> Resource:
    return {
        "resourceType": "Consent", "patient": patient, "status": "active", "dateTime": _at(row.at),
        "scope": _concept(TERMS + "consentscope", "patient-privacy", ""),
        "category": [_concept("http://loinc.org", "59284-0", "Consent Document")],
        "policyRule": {"text": f"Messages by {row.channel} about {row.topic}"},
        "provision": {"type": "permit" if row.status == "granted" else "deny"},
    }  # fmt: skip


WRITERS: dict[tuple[str, str], Callable[[Any, Resource], Resource]] = {
    ("fact", "condition"): _condition,
    ("fact", "medication"): _medication,
    ("fact", "coverage"): _coverage,
    ("fact", "appointment"): _appointment,
    ("event", "encounter"): _encounter,
    ("event", "procedure"): _procedure,
    ("event", "observation"): _observation,
    ("event", "immunization"): _immunization,
}


def _code(row: Fact | Event) -> Resource:
    text = row.label or row.code or "not named"
    if not row.code or row.code_system == "text":
        return {"text": text}
    return {
        **_concept(URLS.get(row.code_system, f"urn:rapport:{row.code_system or 'local'}"), row.code, row.label),
        "text": text,
    }


def _concept(system: str, code: str, label: str) -> Resource:
    return {"coding": [_clean({"system": system, "code": code, "display": label})]}


def _period(row: Fact) -> Resource | None:
    return _clean({"start": _at(row.starts_at), "end": _at(row.ends_at)}) or None


def _at(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _uri(system: str) -> str:
    return system if ":" in system and system.split(":")[0] in {"urn", "http", "https"} else f"urn:rapport:{system}"


def _clean(resource: Resource) -> Resource:
    """Without what is empty: FHIR knows no empty fields."""
    return {name: value for name, value in resource.items() if not _empty(value)}


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | dict | list) and not value)


def count(made: Resource) -> dict[str, int]:
    """How many resources of each kind, for the README."""
    kinds: Iterable[str] = (one["resource"]["resourceType"] for one in made["entry"])
    found: dict[str, int] = {}
    for kind in kinds:
        found[kind] = found.get(kind, 0) + 1
    return found
