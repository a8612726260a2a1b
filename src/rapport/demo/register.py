"""What registration knows beyond the chart: contact details, and what people said about e-mail. As FHIR and as statements of will."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np

from rapport.consent.ledger import NewRecord
from rapport.demo import contacts, feed
from rapport.trust.sealing import source_key

SAID_YES, SAID_NO = 0.74, 0.07  # of those with an e-mail address; the others were never asked
LATER_NO = 0.05  # of those who said yes, some time before the campaign
NEWSLETTER = 0.35
MAY_RING = 0.05
TEXT = "We may e-mail you about our health services. You can say no at any time."
TEXT_VERSION = "registration-2025-01"
WAYS = ("registration_form", "front_desk_in_person", "patient_portal")
CAST: tuple[dict[str, Any], ...] = (
    {
        "id": "demo-pat", "given": "Pat", "family": "Rivera", "born": "1971-03-08", "sex": "female",
        "email": "pat.rivera@example.com", "yes": True,
    },
    {
        "id": "demo-quinn", "given": "Quinn", "family": "Okafor", "born": "1964-11-30", "sex": "male",
        "email": "quinn.okafor@example.com", "yes": False,
    },
)  # fmt: skip


@dataclass(frozen=True)
class Registered:
    """One living patient with an e-mail address, as the consent step needs him."""

    person_id: int
    has_email: bool
    language: str


def with_contacts(patient: dict[str, Any], number: int, rng: np.random.Generator) -> dict[str, Any]:
    """The chart's Patient with the contact details that registration adds. Who has died keeps none."""
    told = contacts.contact_of(patient, number, rng)
    address = {**patient.get("address", [{}])[0], "postalCode": told.zip5}
    alive = "deceasedDateTime" not in patient
    telecom = [{"system": "phone", "value": told.phone, "use": "mobile"}]
    if told.email and alive:
        telecom.insert(0, {"system": "email", "value": told.email})
    language = {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": told.language}]}, "preferred": True}
    return {
        **patient,
        "telecom": telecom if alive else [],
        "address": [address],
        "communication": [language],
        "text": None,
        "extension": [],
    }


def cast_patient(one: dict[str, Any]) -> dict[str, Any]:
    """Pat and Quinn, whom every guide and test knows."""
    return {
        "resourceType": "Patient",
        "id": one["id"],
        "identifier": [{"system": "http://hospital.smarthealthit.org", "value": one["id"]}],
        "name": [{"use": "official", "given": [one["given"]], "family": one["family"]}],
        "telecom": [
            {"system": "email", "value": one["email"]},
            {"system": "phone", "value": "+19785550123", "use": "mobile"},
        ],
        "gender": one["sex"],
        "birthDate": one["born"],
        "address": [{"line": ["12 Canal Street"], "city": "Lowell", "state": "MA", "postalCode": "01852"}],
    }


def statements(
    people: Iterable[Registered], rng: np.random.Generator, *, since: datetime, until: datetime
) -> list[NewRecord]:
    """Who said what: about 70 of 100 a yes, some a no, some a yes that was taken back, some nothing."""
    said: list[NewRecord] = []
    span = (until - since).total_seconds()
    for one in people:
        luck, when = rng.random(), since + timedelta(seconds=float(rng.random()) * span * 0.7)
        way, later, news = WAYS[rng.integers(len(WAYS))], rng.random(), rng.random()
        if not one.has_email or luck > SAID_YES + SAID_NO:
            continue
        yes = luck < SAID_YES
        said.append(statement(one, "health_services", yes=yes, at=when, via=way))
        if yes and news < NEWSLETTER:
            said.append(statement(one, "newsletter", yes=True, at=when, via=way))
        if yes and later < LATER_NO:
            said.append(
                statement(one, "health_services", yes=False, at=when + (until - when) / 2, via="front_desk_phone")
            )
    return said


def by_phone(people: Iterable[Registered], rng: np.random.Generator, *, at: datetime) -> list[NewRecord]:
    """A few said at the desk that we may ring them up about their care."""
    told = [one for one in people if rng.random() < MAY_RING]
    return [
        msgspec.structs.replace(
            statement(one, "care", yes=True, at=at, via="front_desk_in_person"),
            channel="call",
            source_key=source_key("demo-consent", str(one.person_id), "call"),
        )
        for one in told
    ]


def statement(one: Registered, topic: str, *, yes: bool, at: datetime, via: str) -> NewRecord:
    """One statement with its proof: the words that were read, and how they were answered."""
    return NewRecord(
        person_id=one.person_id,
        channel="email",
        topic=topic,
        status="granted" if yes else "withdrawn",
        at=at,
        via=via,
        text_version=TEXT_VERSION,
        source_key=source_key("demo-consent", str(one.person_id), topic, "yes" if yes else "no"),
        locale=one.language,
        evidence={"text": TEXT, "answer": "yes" if yes else "no", "way": via, "form": feed.name("form", one.person_id)},
    )
