"""FHIR Patient -> our PersonRecord."""

import uuid
from datetime import date

from rapport.integrations.fhir import refs, times
from rapport.integrations.fhir.shapes import Address, ContactPoint, HumanName, Patient
from rapport.integrations.translation import Desk, Record, Translation
from rapport.people.records import PersonRecord

SEX = {"female": "F", "male": "M", "other": "O", "unknown": "U"}
BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
NAME_ORDER = ("official", "usual", "", "temp", "anonymous", "nickname", "maiden", "old")
ADDRESS_ORDER = ("home", "", "temp", "billing", "work", "old")
STATES = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA", "colorado": "CO", "connecticut": "CT",
    "delaware": "DE", "district of columbia": "DC", "florida": "FL", "georgia": "GA", "hawaii": "HI", "idaho": "ID", "illinois": "IL",
    "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY", "louisiana": "LA", "maine": "ME", "maryland": "MD",
    "massachusetts": "MA", "michigan": "MI", "minnesota": "MN", "mississippi": "MS", "missouri": "MO", "montana": "MT",
    "nebraska": "NE", "nevada": "NV", "new hampshire": "NH", "new jersey": "NJ", "new mexico": "NM", "new york": "NY",
    "north carolina": "NC", "north dakota": "ND", "ohio": "OH", "oklahoma": "OK", "oregon": "OR", "pennsylvania": "PA",
    "rhode island": "RI", "south carolina": "SC", "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT",
    "vermont": "VT", "virginia": "VA", "washington": "WA", "west virginia": "WV", "wisconsin": "WI", "wyoming": "WY",
    "puerto rico": "PR", "guam": "GU", "virgin islands": "VI", "american samoa": "AS",
}  # fmt: skip


def patient(record: Record, desk: Desk, out: Translation) -> None:
    """One patient; without a name or with an impossible birth date she waits for a human."""
    told: Patient = record.told
    name = best_name(told.name)
    if name is None:
        out.refuse(record, "the patient has no name", path="Patient.name", remedy="Add a family or given name.")
        return
    try:
        born, month = times.day(told.birthDate) if told.birthDate else (None, None)
    except times.NotADate as wrong:
        out.refuse(record, str(wrong), path="Patient.birthDate", remedy=wrong.remedy)
        return
    if born and born > desk.now.date():
        out.refuse(record, "the birth date lies in the future", path="Patient.birthDate", remedy="Correct the date.")
        return
    try:
        deceased_at = times.instant(told.deceasedDateTime)[0] if told.deceasedDateTime else None
    except times.NotADate as wrong:
        out.refuse(record, str(wrong), path="Patient.deceasedDateTime", remedy=wrong.remedy)
        return
    if told.deceasedBoolean and deceased_at is None:
        deceased_at = desk.now
    address = _address(told.address)
    zip5, state = zip_of(address.postalCode), state_of(address.state)
    out.persons.append(
        (
            record,
            PersonRecord(
                identifiers=_identifiers(told, record, desk.source),
                prefix=" ".join(name.prefix), given=_given(name), family=_family(name), preferred=_preferred(told.name),
                birth_date=born, birth_month=_month(born, month), sex=_sex(told), language=language_of(told),
                street=", ".join(address.line), city=address.city, state=state, zip5=zip5, country=address.country,
                emails=tuple(p.value for p in _points(told.telecom, ("email",))),
                phones=tuple((p.value, p.use) for p in _points(told.telecom, ("phone", "sms"))),
                deceased_at=deceased_at, trace=record.landing.trace if record.landing else None,
            ),
            _home(told, record, desk.source),
        )
    )  # fmt: skip


def best_name(found: list[HumanName]) -> HumanName | None:
    """The name a person goes by in papers. None when no name says anything."""
    said = [name for name in found if _family(name) or _given(name)]
    return min(said, key=lambda name: _rank(NAME_ORDER, name.use), default=None)


def state_of(text: str) -> str:
    """Two letters, whatever was written; empty for what is no state of the US."""
    folded = text.strip().casefold()
    if len(folded) == 2:
        return folded.upper() if folded.upper() in _CODES else ""
    return STATES.get(folded, "")


def zip_of(text: str) -> str:
    digits = text.strip().replace("-", "").replace(" ", "")
    return digits[:5] if len(digits) in {5, 9} and digits.isdigit() else ""


def language_of(told: Patient) -> str:
    """The primary part of the preferred language: `es-MX` is `es`."""
    spoken = sorted(told.communication, key=lambda one: not one.preferred)
    codes = [coding.code for one in spoken if one.language for coding in one.language.coding if coding.code]
    return codes[0].replace("_", "-").split("-")[0].lower()[:8] if codes else ""


_CODES = frozenset(STATES.values())


def _rank(order: tuple[str, ...], use: str) -> int:
    return order.index(use) if use in order else len(order)


def _given(name: HumanName) -> str:
    """The first given name: what one is called by. Without parts, what stands before the last word."""
    if name.given or name.family:
        return next((part.strip() for part in name.given if part.strip()), "")
    return name.text.strip().rpartition(" ")[0]


def _family(name: HumanName) -> str:
    if name.given or name.family:
        return name.family.strip()
    return name.text.strip().rpartition(" ")[2]


def _preferred(found: list[HumanName]) -> str:
    nick = next((name for name in found if name.use == "nickname"), None)
    return (_given(nick) or nick.text) if nick else ""


def _sex(told: Patient) -> str:
    sex = SEX.get(told.gender, "U")
    if sex != "U":
        return sex
    return next((one.valueCode for one in told.extension if one.url == BIRTH_SEX and one.valueCode in {"F", "M"}), "U")


def _address(found: list[Address]) -> Address:
    return min(found, key=lambda one: _rank(ADDRESS_ORDER, one.use), default=Address())


def _points(found: list[ContactPoint], systems: tuple[str, ...]) -> list[ContactPoint]:
    usable = [p for p in found if p.system in systems and p.value.strip() and p.use != "old"]
    return sorted(usable, key=lambda p: p.rank)


def _identifiers(told: Patient, record: Record, slug: str) -> tuple[tuple[str, str], ...]:
    """The source's own name first, then its name inside the bundle where that differs, then the official numbers."""
    own = refs.own_system(slug)
    urns = [url.removeprefix("urn:uuid:") for url, named in record.refs.items() if named == ("Patient", told.id)]
    aliases = [(own, urn) for urn in urns if urn != told.id and "/" not in urn]
    others = [
        (i.system or f"{slug}:identifier", i.value) for i in told.identifier if i.value and i.use not in {"old", "temp"}
    ]
    return ((own, told.id), *aliases, *others)


def _home(told: Patient, record: Record, slug: str) -> uuid.UUID | None:
    return refs.place(None, told.managingOrganization, record, slug)


def _month(born: date | None, month: date | None) -> date | None:
    return born.replace(day=1) if born else month
