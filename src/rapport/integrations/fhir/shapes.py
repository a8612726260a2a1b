"""The parts of FHIR R4 resources that we understand. Whatever else a resource says stays in the landing, sealed and whole.

A field of another type than here is refused by the decoder with its path, which goes into the quarantine as it is.
"""
# ruff: noqa: N815 - FHIR spells its fields so

from decimal import Decimal

import msgspec


class Shape(msgspec.Struct, omit_defaults=True, gc=False):
    """Base of all shapes: small in memory, defaults left out of the digest."""


class Coding(Shape):
    system: str = ""
    code: str = ""
    display: str = ""


class CodeableConcept(Shape):
    coding: list[Coding] = []
    text: str = ""


class Identifier(Shape):
    system: str = ""
    value: str = ""
    use: str = ""
    type: CodeableConcept | None = None


class Reference(Shape):
    reference: str = ""
    identifier: Identifier | None = None
    display: str = ""


class Period(Shape):
    start: str = ""
    end: str = ""


class Quantity(Shape):
    value: Decimal | None = None
    unit: str = ""
    code: str = ""


class Money(Shape):
    value: Decimal | None = None
    currency: str = "USD"


class HumanName(Shape):
    use: str = ""
    text: str = ""
    family: str = ""
    given: list[str] = []
    prefix: list[str] = []
    period: Period | None = None


class ContactPoint(Shape):
    system: str = ""
    value: str = ""
    use: str = ""
    rank: int = 99


class Address(Shape):
    use: str = ""
    line: list[str] = []
    city: str = ""
    state: str = ""
    postalCode: str = ""
    country: str = ""


class Position(Shape):
    latitude: float | None = None
    longitude: float | None = None


class Communication(Shape):
    language: CodeableConcept | None = None
    preferred: bool = False


class Extension(Shape):
    url: str = ""
    valueCode: str = ""


class Resource(Shape):
    resourceType: str
    id: str = ""


class Patient(Resource):
    identifier: list[Identifier] = []
    name: list[HumanName] = []
    telecom: list[ContactPoint] = []
    gender: str = ""
    birthDate: str = ""
    deceasedBoolean: bool = False
    deceasedDateTime: str = ""
    address: list[Address] = []
    communication: list[Communication] = []
    extension: list[Extension] = []
    managingOrganization: Reference | None = None


class EncounterLocation(Shape):
    location: Reference


class Encounter(Resource):
    status: str = ""
    class_: Coding | None = msgspec.field(name="class", default=None)
    type: list[CodeableConcept] = []
    reasonCode: list[CodeableConcept] = []
    subject: Reference | None = None
    period: Period | None = None
    location: list[EncounterLocation] = []
    serviceProvider: Reference | None = None


class Condition(Resource):
    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    onsetDateTime: str = ""
    onsetPeriod: Period | None = None
    recordedDate: str = ""
    abatementDateTime: str = ""
    abatementPeriod: Period | None = None


class Procedure(Resource):
    status: str = ""
    code: CodeableConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    performedDateTime: str = ""
    performedPeriod: Period | None = None
    location: Reference | None = None


class Component(Shape):
    code: CodeableConcept | None = None
    valueQuantity: Quantity | None = None
    valueCodeableConcept: CodeableConcept | None = None
    valueString: str = ""


class Observation(Resource):
    status: str = ""
    code: CodeableConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    effectiveDateTime: str = ""
    effectivePeriod: Period | None = None
    effectiveInstant: str = ""
    issued: str = ""
    valueQuantity: Quantity | None = None
    valueCodeableConcept: CodeableConcept | None = None
    valueString: str = ""
    valueInteger: int | None = None
    valueBoolean: bool | None = None
    component: list[Component] = []


class MedicationRequest(Resource):
    status: str = ""
    intent: str = ""
    medicationCodeableConcept: CodeableConcept | None = None
    medicationReference: Reference | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    authoredOn: str = ""


class Immunization(Resource):
    status: str = ""
    vaccineCode: CodeableConcept | None = None
    patient: Reference | None = None
    encounter: Reference | None = None
    occurrenceDateTime: str = ""
    occurrenceString: str = ""
    recorded: str = ""
    location: Reference | None = None


class Participant(Shape):
    actor: Reference | None = None
    status: str = ""


class Appointment(Resource):
    status: str = ""
    serviceType: list[CodeableConcept] = []
    specialty: list[CodeableConcept] = []
    appointmentType: CodeableConcept | None = None
    reasonCode: list[CodeableConcept] = []
    description: str = ""
    start: str = ""
    end: str = ""
    created: str = ""
    participant: list[Participant] = []


class Coverage(Resource):
    status: str = ""
    type: CodeableConcept | None = None
    beneficiary: Reference | None = None
    period: Period | None = None
    payor: list[Reference] = []


class Diagnosis(Shape):
    diagnosisCodeableConcept: CodeableConcept | None = None
    diagnosisReference: Reference | None = None


class ClaimItem(Shape):
    productOrService: CodeableConcept | None = None
    encounter: list[Reference] = []
    servicedDate: str = ""
    servicedPeriod: Period | None = None


class Insurance(Shape):
    coverage: Reference | None = None


class Claim(Resource):
    status: str = ""
    use: str = ""
    patient: Reference | None = None
    billablePeriod: Period | None = None
    created: str = ""
    provider: Reference | None = None
    facility: Reference | None = None
    diagnosis: list[Diagnosis] = []
    item: list[ClaimItem] = []
    insurance: list[Insurance] = []
    total: Money | None = None


class Payment(Shape):
    amount: Money | None = None
    date: str = ""


class EobTotal(Shape):
    category: CodeableConcept | None = None
    amount: Money | None = None


class ExplanationOfBenefit(Resource):
    status: str = ""
    use: str = ""
    patient: Reference | None = None
    billablePeriod: Period | None = None
    created: str = ""
    provider: Reference | None = None
    facility: Reference | None = None
    claim: Reference | None = None
    outcome: str = ""
    diagnosis: list[Diagnosis] = []
    item: list[ClaimItem] = []
    total: list[EobTotal] = []
    payment: Payment | None = None


class Provision(Shape):
    type: str = ""
    period: Period | None = None
    purpose: list[Coding] = []


class Consent(Resource):
    status: str = ""
    scope: CodeableConcept | None = None
    category: list[CodeableConcept] = []
    patient: Reference | None = None
    dateTime: str = ""
    provision: Provision | None = None


class Practitioner(Resource):
    identifier: list[Identifier] = []
    name: list[HumanName] = []


class Organization(Resource):
    identifier: list[Identifier] = []
    name: str = ""
    telecom: list[ContactPoint] = []
    address: list[Address] = []


class Location(Resource):
    identifier: list[Identifier] = []
    status: str = ""
    name: str = ""
    telecom: list[ContactPoint] = []
    address: Address | None = None
    position: Position | None = None
    managingOrganization: Reference | None = None


KINDS: dict[str, type[Resource]] = {
    kind.__name__: kind
    for kind in (
        Patient, Encounter, Condition, Procedure, Observation, MedicationRequest, Immunization, Appointment, Coverage, Claim,
        ExplanationOfBenefit, Consent, Practitioner, Organization, Location,
    )
}  # fmt: skip
