"""What a person is handed: a FHIR bundle that validates, tables without formulas, nothing left on disk."""

import csv
import io
import json
import zipfile

import pytest
from django.conf import settings
from django.test import Client
from fhir.resources.R4B.bundle import Bundle

from rapport.governance.rights import asking, handing
from rapport.kit import clock as time
from rapport.people import profile, timeline
from rapport.people.records import NewEvent, NewFact
from rapport.trust.models import AuditEntry
from rapport.trust.sealing import source_key
from tests import people_cast
from tests.governance import erasure_world as world

pytestmark = pytest.mark.django_db


@pytest.fixture
def canary(cole, now):
    made = world.arrive(now)
    world.live(made, cole, now)
    facts = [
        ("medication", "active", "rxnorm", "617314", "atorvastatin"), ("coverage", "active", "", "", "Medicare"),
        ("appointment", "booked", "local", "x", "=HYPERLINK(1)"), ("condition", "odd", "text", "", "Sore knee"),
    ]  # fmt: skip
    profile.fold(
        facts=[
            NewFact(
                person_id=made.pk, kind=kind, source_key=source_key("t", kind), code_system=system, code=code,
                label=label, status=status, starts_at=now,
            )
            for kind, status, system, code, label in facts
        ],
        now=now,
    )  # fmt: skip
    kinds = [("encounter", "general"), ("procedure", "general"), ("immunization", "general"), ("claim", "general")]
    told = [(kind, data_class, f"A {kind}") for kind, data_class in kinds]
    told.append(("condition", "psychotherapy_notes", "Private words"))
    events = [
        NewEvent(
            person_id=made.pk, kind=kind, at=now, source="t", source_key=source_key("e", kind), label=label,
            data_class=data_class,
        )
        for kind, data_class, label in told
    ]  # fmt: skip
    timeline.append(events=events, now=now)
    return made


@pytest.fixture
def files(canary, cole, now):
    packed = handing.pack(by=cole, person_id=canary.pk, clinic="Riverbend", now=now)
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_the_bundle_is_valid_fhir_and_says_who_and_what(files):
    bundle = Bundle.model_validate_json(files["data.fhir.json"])
    kinds = {entry.resource.get_resource_type() for entry in bundle.entry}
    assert kinds == {
        "Patient", "Condition", "MedicationStatement", "Coverage", "Appointment", "Encounter", "Procedure", "Observation",
        "Immunization", "Consent",
    }  # fmt: skip
    patient = bundle.entry[0].resource
    assert (patient.name[0].family, patient.birthDate.isoformat()) == ("Quixwaffel", "1958-04-02")
    assert {one.value for one in patient.identifier} == {"can7", "MRN-CANARY-77"}
    urls = [entry.fullUrl for entry in bundle.entry]
    assert len(urls) == len(set(urls))


def test_tables_stand_beside_it_and_formulas_are_defused(files):
    rows = list(csv.reader(io.StringIO(files["conditions_medications_coverages_appointments.csv"].decode("utf-8-sig"))))
    assert rows[0][:4] == ["kind", "code_system", "code", "label"]
    assert "'=HYPERLINK(1)" in {row[3] for row in rows}
    assert b"Plymdrex" in files["you.csv"]
    assert b"email,zorblina@canary-mail.example" in files["you.csv"]
    assert b"Public health" in files["disclosures.csv"]
    assert "data.fhir.json" in files["README.txt"].decode()
    assert "Riverbend" in files["README.txt"].decode()


def test_psychotherapy_notes_are_left_out(files):
    assert b"psychotherapy" not in files["events.csv"]
    assert b"Private words" not in b"".join(files.values())


def test_no_key_and_no_pseudonym_is_handed_out(files, canary):
    everything = b"".join(files.values()).decode()
    assert str(canary.key) not in everything
    assert str(canary.pseudonym) not in everything


def test_the_download_is_audited_and_kept_nowhere(canary, cole, bea, now, tmp_path):
    asked = asking.receive(by=cole, person_id=canary.pk, kind="access", via="letter", now=now)
    with time.travel(now):
        office = Client()
        office.force_login(cole, backend=settings.AUTHENTICATION_BACKENDS[-1])
        answer = office.post(f"/trust/rights/{asked.pk}/export/")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="personal-data-{asked.pk}.zip"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
        desk = Client()
        desk.force_login(bea, backend=settings.AUTHENTICATION_BACKENDS[-1])
        assert desk.post(f"/trust/rights/{asked.pk}/export/").status_code == 403
    line = AuditEntry.objects.filter(verb="rights.export").latest("id")
    assert (line.person_id, line.thing) == (canary.pk, f"rights:{asked.pk}")
    assert "Quixwaffel" not in json.dumps(line.details)


def test_a_person_about_whom_little_is_known_gets_a_valid_copy_too(cole, now):
    few = people_cast.person(
        emails=(), phones=(), street="", birth_date=None, sex="U", identifiers=(("t:Patient", "1"),)
    )
    packed = handing.pack(by=cole, person_id=few.pk, clinic="", now=now)
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        assert Bundle.model_validate_json(opened.read("data.fhir.json")).entry[0].resource.gender == "unknown"
