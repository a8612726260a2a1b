"""FHIR Encounter, Condition, Procedure, Observation, MedicationRequest, Immunization, Appointment, Consent -> events and facts.

Free text (a string value, a description, a comment) is never copied: it stays in the sealed landing.
"""

from typing import Any

from rapport.integrations.fhir import codes, refs, shapes
from rapport.integrations.fhir.telling import Telling, Visit
from rapport.trust.sealing import source_key

ENCOUNTER_COMING = {"planned": "booked", "cancelled": "cancelled"}
APPOINTMENT = {
    "proposed": "pending", "pending": "pending", "waitlist": "pending", "booked": "booked", "arrived": "arrived",
    "checked-in": "arrived", "fulfilled": "fulfilled", "cancelled": "cancelled", "noshow": "noshow", "entered-in-error": "cancelled",
}  # fmt: skip
WITHDRAWN = "entered-in-error"
MARKETING = "HMARKT"  # v3-ActReason: health care marketing


def encounter(t: Telling) -> None:
    """A visit; one that is only planned, or was cancelled, is an appointment and not a visit."""
    told: shapes.Encounter = t.record.told
    at = t.at((told.period.start if told.period else ""), "Encounter.period.start")
    subject = t.subject(told.subject, "Encounter.subject")
    if at is None or subject is None or told.status == WITHDRAWN:
        return
    system, code, label = codes.best(told.type[0] if told.type else None)
    every = codes.all_codes(told.type), codes.all_codes(told.reasonCode)
    location = told.location[0].location if told.location else None
    place = refs.place(location, told.serviceProvider, t.record, t.desk.source)
    visit = t.visits[t.record.key] = Visit(t.desk.lines.first_of(every[1] + every[0]), place)
    detail: dict[str, Any] = {"status": told.status}
    if told.class_ and told.class_.code:
        detail["class"] = told.class_.code
    if told.period and told.period.end:
        end = t.at(told.period.end, "Encounter.period.end")
        if end is None:
            return
        detail["end"] = end.isoformat()
    if every[1]:
        detail["reason"] = [f"{s}|{c}" for s, c in every[1][:5]]
    coming = ENCOUNTER_COMING.get(told.status)
    if coming:
        detail["status"] = coming
        t.fact(
            subject,
            "appointment",
            t.record.key,
            (system, code, label),
            status=coming,
            starts_at=at,
            codes=every[0] + every[1],
            visit=visit,
        )
    t.event(
        subject, "appointment" if coming else "encounter", at, (system, code, label), codes=every[0] + every[1], detail=detail,
        visit=visit,
    )  # fmt: skip


def condition(t: Telling) -> None:
    told: shapes.Condition = t.record.told
    period = told.onsetPeriod
    at = t.at(
        told.onsetDateTime or (period.start if period else "") or told.recordedDate,
        "Condition.onsetDateTime",
        needed=False,
    )
    subject = t.subject(told.subject, "Condition.subject")
    ends_at = t.at(
        told.abatementDateTime or (told.abatementPeriod.start if told.abatementPeriod else ""),
        "Condition.abatementDateTime",
        needed=False,
    )
    named = t.named(told.code, "Condition.code")
    if subject is None or named is None or t.refused:
        return
    verified = _code(told.verificationStatus)
    status = verified if verified in {WITHDRAWN, "refuted"} else _code(told.clinicalStatus)
    every = codes.all_codes([told.code] if told.code else [])
    visit = t.visit(told.encounter, every)
    t.fact(
        subject,
        "condition",
        t.record.key,
        named,
        status=status,
        starts_at=at,
        ends_at=ends_at,
        visit=visit,
        codes=every,
    )
    if at is not None and verified not in {WITHDRAWN, "refuted"}:
        t.event(subject, "condition", at, named, codes=every, detail={"status": status} if status else {}, visit=visit)


def procedure(t: Telling) -> None:
    told: shapes.Procedure = t.record.told
    if told.status in {WITHDRAWN, "not-done"}:
        return
    start = told.performedPeriod.start if told.performedPeriod else ""
    at = t.at(
        told.performedDateTime or start,
        "Procedure.performedDateTime",
        needed=told.status in {"completed", "in-progress"},
    )
    subject = t.subject(told.subject, "Procedure.subject")
    named = t.named(told.code, "Procedure.code")
    if at is None or subject is None or named is None:
        return
    every = codes.all_codes([told.code] if told.code else [])
    place = refs.place(told.location, None, t.record, t.desk.source)
    t.event(
        subject,
        "procedure",
        at,
        named,
        codes=every,
        detail={"status": told.status},
        visit=t.visit(told.encounter, every, place),
    )


def observation(t: Telling) -> None:
    """One event for the observation, and one for each of its components that has a value (blood pressure)."""
    told: shapes.Observation = t.record.told
    if told.status in {WITHDRAWN, "cancelled"}:
        return
    period = told.effectivePeriod
    text = told.effectiveDateTime or told.effectiveInstant or (period.start if period else "") or told.issued
    at = t.at(text, "Observation.effectiveDateTime")
    subject = t.subject(told.subject, "Observation.subject")
    named = t.named(told.code, "Observation.code")
    if at is None or subject is None or named is None:
        return
    every = codes.all_codes([told.code] if told.code else [])
    value, unit, detail = _value(told)
    visit = t.visit(told.encounter)
    if not t.fits(value, "Observation.valueQuantity.value"):
        return
    t.event(
        subject,
        "observation",
        at,
        named,
        codes=every + _value_codes(told),
        value=value,
        unit=unit,
        detail=detail,
        visit=visit,
    )
    for number, part in enumerate(told.component):
        if part.code is None or not t.fits(
            part.valueQuantity.value if part.valueQuantity else None, f"Observation.component[{number}]"
        ):
            continue
        value, unit, detail = _value(part)
        key = source_key(t.desk.source, "Observation", told.id, "component", str(number))
        t.event(
            subject, "observation", at, codes.best(part.code), codes=codes.all_codes([part.code]), value=value, unit=unit,
            detail=detail, visit=visit, key=key,
        )  # fmt: skip


def medication(t: Telling) -> None:
    told: shapes.MedicationRequest = t.record.told
    at = t.at(told.authoredOn, "MedicationRequest.authoredOn", needed=False)
    subject = t.subject(told.subject, "MedicationRequest.subject")
    if subject is None or t.refused:
        return
    named = codes.best(told.medicationCodeableConcept)
    if not any(named):
        # The medicine is a resource of its own, which we keep and don't read: the request stands without its name.
        named = ("", "", told.medicationReference.display if told.medicationReference else "")
    every = codes.all_codes([told.medicationCodeableConcept] if told.medicationCodeableConcept else [])
    visit = t.visit(told.encounter)
    t.fact(subject, "medication", t.record.key, named, status=told.status, starts_at=at, codes=every, visit=visit)
    if at is not None and told.status != WITHDRAWN:
        t.event(
            subject,
            "medication",
            at,
            named,
            codes=every,
            detail={"status": told.status, "intent": told.intent},
            visit=visit,
        )


def immunization(t: Telling) -> None:
    told: shapes.Immunization = t.record.told
    if told.status in {WITHDRAWN, "not-done"}:
        return
    at = t.at(told.occurrenceDateTime or told.recorded, "Immunization.occurrenceDateTime")
    subject = t.subject(told.patient, "Immunization.patient")
    named = t.named(told.vaccineCode, "Immunization.vaccineCode")
    if at is None or subject is None or named is None:
        return
    every = codes.all_codes([told.vaccineCode] if told.vaccineCode else [])
    place = refs.place(told.location, None, t.record, t.desk.source)
    t.event(
        subject,
        "immunization",
        at,
        named,
        codes=every,
        detail={"status": told.status},
        visit=t.visit(told.encounter, (), place),
    )


def appointment(t: Telling) -> None:
    """Each status of an appointment is an event of its own; the fact holds the last one."""
    told: shapes.Appointment = t.record.told
    actors = [one.actor for one in told.participant if one.actor]
    patient = next((ref for ref in actors if (refs.target(ref, t.record, "") or ("",))[0] == "Patient"), None)
    at = t.at(told.start or told.created, "Appointment.start")
    subject = t.subject(patient, "Appointment.participant")
    if at is None or subject is None:
        return
    where = next((ref for ref in actors if (refs.target(ref, t.record, "") or ("",))[0] == "Location"), None)
    place = refs.place(where, None, t.record, t.desk.source)
    status = APPOINTMENT.get(told.status, "pending")
    concepts = [
        *told.serviceType,
        *told.specialty,
        *told.reasonCode,
        *([told.appointmentType] if told.appointmentType else []),
    ]
    every = codes.all_codes(concepts)
    named = next((found for found in map(codes.best, concepts) if any(found)), ("", "", ""))
    visit = Visit(t.desk.lines.first_of(every), place)
    ends_at = t.at(told.end, "Appointment.end", needed=False)
    if t.refused:
        return
    t.fact(
        subject,
        "appointment",
        t.record.key,
        named,
        status=status,
        starts_at=at,
        ends_at=ends_at,
        visit=visit,
        codes=every,
    )
    key = source_key(t.desk.source, "Appointment", told.id, status)
    t.event(subject, "appointment", at, named, codes=every, detail={"status": status}, visit=visit, key=key)


def consent(t: Telling) -> None:
    """What the patient told the hospital, as an event. A no to marketing is also written into our ledger; a yes is not:
    the yes that counts is the one given to us, with its words kept."""
    told: shapes.Consent = t.record.told
    at = t.at(told.dateTime, "Consent.dateTime", needed=False)
    subject = t.subject(told.patient, "Consent.patient")
    if subject is None or t.refused:
        return
    provision = told.provision or shapes.Provision()
    named = codes.best(told.category[0] if told.category else told.scope)
    if at is not None:
        t.event(subject, "consent", at, named, detail={"status": told.status, "provision": provision.type})
    if told.status == "active" and provision.type == "deny" and any(p.code == MARKETING for p in provision.purpose):
        t.consent(subject, at or t.desk.now)


def _code(concept: shapes.CodeableConcept | None) -> str:
    return next((one.code for one in concept.coding if one.code), "") if concept else ""


def _value(told: shapes.Observation | shapes.Component) -> tuple[Any, str, dict[str, Any]]:
    """(number, unit, detail): a coded answer goes into the detail."""
    if told.valueQuantity is not None:
        return told.valueQuantity.value, told.valueQuantity.unit or told.valueQuantity.code, {}
    if told.valueCodeableConcept is not None:
        system, code, label = codes.best(told.valueCodeableConcept)
        return None, "", {"answer_system": system, "answer": code, "answer_label": label[:200]}
    if isinstance(told, shapes.Observation) and told.valueInteger is not None:
        return told.valueInteger, "", {}
    if isinstance(told, shapes.Observation) and told.valueBoolean is not None:
        return int(told.valueBoolean), "boolean", {}
    return None, "", {"text": "kept in the landing"} if told.valueString else {}


def _value_codes(told: shapes.Observation) -> list[tuple[str, str]]:
    return codes.all_codes([told.valueCodeableConcept]) if told.valueCodeableConcept else []
