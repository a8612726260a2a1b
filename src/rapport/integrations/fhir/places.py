"""FHIR Organization, Location, Practitioner -> what the directory learns."""

import re
import uuid

from rapport.directory.learning import LocationTold, OrganizationTold, PractitionerTold
from rapport.integrations.fhir import patients, refs
from rapport.integrations.fhir.shapes import Address, Identifier, Location, Organization, Practitioner
from rapport.integrations.translation import Desk, Record, Translation
from rapport.trust.sealing import source_key

NPI = ("http://hl7.org/fhir/sid/us-npi", "urn:oid:2.16.840.1.113883.4.6")


def organization(record: Record, desk: Desk, out: Translation) -> None:
    """An organisation with an address is also a place where people are seen: its seat."""
    told: Organization = record.told
    if not told.name.strip():
        out.refuse(record, "the organisation has no name", path="Organization.name", remedy="Add its name.")
        return
    out.directory.append((record, OrganizationTold(record.key, told.name.strip(), npi_of(told.identifier))))
    if told.address:
        seat = _location(told.name, told.address[0], _phone(told), refs.seat_key(desk.source, told.id), record.key)
        out.directory.append((record, seat))


def location(record: Record, desk: Desk, out: Translation) -> None:
    told: Location = record.told
    if not told.name.strip():
        out.refuse(record, "the location has no name", path="Location.name", remedy="Add its name.")
        return
    owner = refs.target(told.managingOrganization, record, "Organization")
    number = told.managingOrganization.identifier if told.managingOrganization else None
    name = owner[1] if owner else number.value if number else ""
    key = source_key(desk.source, "Organization", name) if name else None
    made = _location(told.name, told.address or Address(), _phone(told), record.key, key)
    if told.position and told.position.latitude is not None and told.position.longitude is not None:
        made = made.at(told.position.latitude, told.position.longitude)
    out.directory.append((record, made))


def practitioner(record: Record, desk: Desk, out: Translation) -> None:
    told: Practitioner = record.told
    name = patients.best_name(told.name)
    given = next((part for part in name.given if part), "") if name else ""
    family = (name.family or name.text) if name else ""
    out.directory.append((record, PractitionerTold(record.key, given, family, npi_of(told.identifier))))


def npi_of(found: list[Identifier]) -> str | None:
    """A national provider identifier with a right check digit, else None: made-up ones would collide."""
    return next((i.value for i in found if i.system in NPI and is_npi(i.value)), None)


def is_npi(value: str) -> bool:
    """Luhn over the number with the prefix 80840 (45 CFR 162.406)."""
    if not re.fullmatch(r"[12]\d{9}", value):
        return False
    digits = [int(c) for c in reversed("80840" + value)]
    return sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0


def _phone(told: Organization | Location) -> str:
    return next((point.value for point in told.telecom if point.system == "phone"), "")


def _location(name: str, address: Address, phone: str, key: uuid.UUID, organization: uuid.UUID | None) -> LocationTold:
    return LocationTold(
        key=key, organization=organization, name=name.strip(), street=", ".join(address.line), city=address.city,
        state=patients.state_of(address.state), zip5=patients.zip_of(address.postalCode), phone=phone,
    )  # fmt: skip
