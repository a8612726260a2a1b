"""One batch of FHIR records in our words: each kind of resource has its translator, in an order that lets visits come first."""

import uuid
from collections.abc import Callable, Sequence

from rapport.integrations.fhir import clinical, money, patients, places
from rapport.integrations.fhir.telling import Telling, Visit
from rapport.integrations.translation import Desk, Record, Translation

WHOLE: dict[str, Callable[[Record, Desk, Translation], None]] = {
    "Organization": places.organization,
    "Location": places.location,
    "Practitioner": places.practitioner,
    "Patient": patients.patient,
}
TOLD: dict[str, Callable[[Telling], None]] = {
    "Encounter": clinical.encounter,
    "Condition": clinical.condition,
    "Procedure": clinical.procedure,
    "Observation": clinical.observation,
    "MedicationRequest": clinical.medication,
    "Immunization": clinical.immunization,
    "Appointment": clinical.appointment,
    "Consent": clinical.consent,
    "Coverage": money.coverage,
    "Claim": money.claim,
    "ExplanationOfBenefit": money.explanation,
}


def translate(records: Sequence[Record], desk: Desk) -> Translation:
    """All records of a batch. Visits are told before what happened in them, wherever they stand in the file."""
    out = Translation()
    visits: dict[uuid.UUID, Visit] = {}
    for record in records:
        if record.kind == "Encounter":
            clinical.encounter(Telling(record, desk, out, visits))
    for record in records:
        if record.kind in WHOLE:
            WHOLE[record.kind](record, desk, out)
        elif record.kind in TOLD and record.kind != "Encounter":
            TOLD[record.kind](Telling(record, desk, out, visits))
    return out
