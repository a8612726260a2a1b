"""What the outside world would tell us about the simulated life: FHIR R4 resources, one a line, as any EHR would send them."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from rapport.demo.life import Visit

SPACE = uuid.UUID("6c1c1b52-6d3f-4c5e-9a0e-0f6f4d1f6b4a")
SNOMED = "http://snomed.info/sct"
CPT = "http://www.ama-assn.org/go/cpt"
# Clinical specialties (FHIR c80-practice-codes), by which the directory's rules find the service line.
SPECIALTY = {
    "primary-care": ("394814009", "General practice"),
    "womens-health": ("394586005", "Gynecology"),
    "orthopedics": ("394801008", "Trauma and orthopedics"),
    "cardiology": ("394579002", "Cardiology"),
}
BILLED = {"primary-care": "99396", "womens-health": "99395", "orthopedics": "99203", "cardiology": "99204"}
MARKUP = 1.9  # charges over payments
PAID_AFTER = timedelta(days=16)
VISIT = timedelta(minutes=30)


def name(*parts: object) -> str:
    """The id of a resource: the same parts give the same id, so that telling it again is no second thing."""
    return str(uuid.uuid5(SPACE, ":".join(str(part) for part in parts)))


def lines(resources: Iterable[dict[str, Any]]) -> bytes:
    """NDJSON."""
    return b"\n".join(msgspec.json.encode(one) for one in resources) + b"\n"


def concept(line: str) -> dict[str, Any]:
    code, words = SPECIALTY[line]
    return {"coding": [{"system": SNOMED, "code": code, "display": words}], "text": words}


def encounter(visit: Visit, world: int) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": name(world, visit.key, "encounter"),
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [concept(visit.line)],
        "serviceType": concept(visit.line),
        "subject": {"reference": f"Patient/{visit.resident.patient}"},
        "period": {"start": visit.at.isoformat(), "end": (visit.at + VISIT).isoformat()},
        "location": [{"location": {"reference": f"Location/{visit.place}"}}],
    }


def bill(visit: Visit, world: int) -> Iterator[dict[str, Any]]:
    """The claim of a visit, and what was paid for it some weeks later."""
    met = {"reference": f"Encounter/{name(world, visit.key, 'encounter')}"}
    patient = {"reference": f"Patient/{visit.resident.patient}"}
    service = {"coding": [{"system": CPT, "code": BILLED[visit.line]}]}
    charge = _dollars(round(visit.payment_cents * MARKUP))
    span = {"start": visit.at.isoformat(), "end": (visit.at + VISIT).isoformat()}
    yield {
        "resourceType": "Claim",
        "id": name(world, visit.key, "claim"),
        "status": "active",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "professional"}]},
        "use": "claim",
        "patient": patient,
        "billablePeriod": span,
        "created": visit.at.isoformat(),
        "priority": {"coding": [{"code": "normal"}]},
        "item": [{"sequence": 1, "productOrService": service, "encounter": [met]}],
        "total": charge,
    }
    paid_at = visit.at + PAID_AFTER
    yield {
        "resourceType": "ExplanationOfBenefit",
        "id": name(world, visit.key, "eob"),
        "status": "active",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "professional"}]},
        "use": "claim",
        "outcome": "complete",
        "patient": patient,
        "billablePeriod": span,
        "created": paid_at.isoformat(),
        "claim": {"reference": f"Claim/{name(world, visit.key, 'claim')}"},
        "item": [{"sequence": 1, "productOrService": service, "encounter": [met]}],
        "payment": {"date": paid_at.date().isoformat(), "amount": _dollars(visit.payment_cents)},
    }


@dataclass(frozen=True)
class Slot:
    """One appointment as the EHR keeps it; `key` names it for ever."""

    key: str
    patient: str
    at: datetime
    line: str
    place: str
    status: str


def appointment(slot: Slot, world: int) -> dict[str, Any]:
    return {
        "resourceType": "Appointment",
        "id": name(world, slot.key, "appointment"),
        "status": slot.status,
        "serviceType": [concept(slot.line)],
        "specialty": [concept(slot.line)],
        "start": slot.at.isoformat(),
        "end": (slot.at + VISIT).isoformat(),
        "participant": [
            {"actor": {"reference": f"Patient/{slot.patient}"}, "status": "accepted"},
            {"actor": {"reference": f"Location/{slot.place}"}, "status": "accepted"},
        ],
    }


def location(place: dict[str, Any]) -> dict[str, Any]:
    """One of our buildings, as the EHR names it."""
    return {
        "resourceType": "Location",
        "id": place["slug"],
        "status": "active",
        "name": place["name"],
        "telecom": [{"system": "phone", "value": place["phone"]}],
        "address": {
            "line": [place["street"]],
            "city": place["city"],
            "state": place["state"],
            "postalCode": place["zip5"],
        },
    }


def _dollars(cents: int) -> dict[str, Any]:
    return {"value": cents / 100, "currency": "USD"}
