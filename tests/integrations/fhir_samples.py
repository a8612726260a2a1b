"""Small FHIR resources written for these tests, with people who don't exist."""

import json
from typing import Any


def patient(name: str, /, **fields: Any) -> dict[str, Any]:
    base = {
        "resourceType": "Patient",
        "id": name,
        "identifier": [{"system": "urn:test:mrn", "value": f"MRN-{name}"}],
        "name": [{"use": "official", "family": f"Probe{name}", "given": ["Testa", "Maria"]}],
        "gender": "female",
        "birthDate": "1970-05-17",
        "address": [{"line": ["1 Elm Street"], "city": "Lowell", "state": "Massachusetts", "postalCode": "01852-1234"}],
        "telecom": [
            {"system": "phone", "value": f"978-453-{sum(map(ord, name)) % 10000:04}", "use": "mobile"},
            {"system": "email", "value": f"probe.{name}@mail.example"},
        ],
        "communication": [{"language": {"coding": [{"code": "es-MX"}]}, "preferred": True}],
    }
    return {**base, **fields}


def observation(name: str, who: str, /, **fields: Any) -> dict[str, Any]:
    base = {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"}]},
        "subject": {"reference": f"Patient/{who}"},
        "effectiveDateTime": "2024-05-01T09:30:00-04:00",
        "valueQuantity": {"value": 71.5, "unit": "kg"},
    }
    return {**base, **fields}


def condition(name: str, who: str, code: str = "M17.11", /, **fields: Any) -> dict[str, Any]:
    base = {
        "resourceType": "Condition",
        "id": name,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code, "display": "A condition"}]},
        "subject": {"reference": f"Patient/{who}"},
        "onsetDateTime": "2023-02-01",
    }
    return {**base, **fields}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def ndjson(*resources: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in resources) + b"\n"
