"""FHIR in our words: who, what happened, what lasts, what it cost, and how delicate it is."""

# ruff: noqa: E501 - a FHIR sample reads best on one line

import gzip
import io
import json
import tarfile
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from rapport.consent.models import ConsentRecord
from rapport.directory import service_lines
from rapport.directory.models import Location, Organization, Practitioner, ServiceLine
from rapport.integrations import files
from rapport.integrations.fhir import codes, places, times
from rapport.people import queries
from rapport.people.models import Event, Fact, Person
from rapport.trust.actors import SYSTEM
from tests.integrations.fhir_samples import bundle, condition, ndjson, observation, patient

pytestmark = pytest.mark.django_db


def test_a_patient_becomes_a_person(take_file, now):
    told = patient("1", name=[{"use": "maiden", "family": "Old"}, {"use": "official", "family": "Nuñez", "given": ["Ana", "Luz"]},
                              {"use": "nickname", "given": ["Anita"]}])  # fmt: skip
    take_file("p.json", json.dumps(told).encode())
    row = Person.objects.get()
    card = queries.card(by=SYSTEM, person_id=row.pk, now=now)
    assert (card.given, card.family, card.preferred, card.display) == ("Ana", "Nuñez", "Anita", "Anita Nuñez")
    assert (card.state, card.zip5, card.timezone, card.language, card.sex) == (
        "MA",
        "01852",
        "America/New_York",
        "es",
        "F",
    )
    assert row.birth_month.isoformat() == "1970-05-01"


@pytest.mark.parametrize(
    ("told", "born", "month"),
    [("1970-05", None, "1970-05-01"), ("1970", None, None), ("1970-05-17", "1970-05-17", "1970-05-01")],
)
def test_a_partial_birth_date_keeps_what_is_known(take_file, now, told, born, month):
    take_file("p.json", json.dumps(patient("1", birthDate=told)).encode())
    row = Person.objects.get()
    card = queries.card(by=SYSTEM, person_id=row.pk, now=now)
    assert (card.birth_date and card.birth_date.isoformat(), row.birth_month and row.birth_month.isoformat()) == (
        born,
        month,
    )


def test_birth_sex_speaks_when_gender_is_silent(take_file):
    url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
    take_file("p.json", json.dumps(patient("1", gender="unknown", extension=[{"url": url, "valueCode": "M"}])).encode())
    assert Person.objects.get().sex == "M"


def test_death_is_taken_over(take_file):
    take_file("p.json", json.dumps(patient("1", deceasedDateTime="2020-02-03T10:00:00-05:00")).encode())
    assert Person.objects.get().deceased_at == datetime(2020, 2, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2019", datetime(2019, 1, 1, 12, tzinfo=UTC), "year"),
        ("2019-05", datetime(2019, 5, 1, 12, tzinfo=UTC), "month"),
        ("2019-05-03", datetime(2019, 5, 3, 12, tzinfo=UTC), "day"),
        ("2019-05-03T23:30:00-04:00", datetime(2019, 5, 4, 3, 30, tzinfo=UTC), "time"),
        ("2019-05-03T23:30:00.1234567Z", datetime(2019, 5, 3, 23, 30, 0, 123456, tzinfo=UTC), "time"),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC), "time"),
    ],
)
def test_dates_of_every_precision_and_zone(text, at, precision):
    assert times.instant(text) == (at, precision)


@pytest.mark.parametrize(
    "text",
    [
        "0000-00-00",
        "2019-00-01",
        "2019-02-30",
        "1899-12-31",
        "2019-05-03T10:00:00",
        "soon",
        "2019-05-03T25:00:00Z",
        "19-5-3",
    ],
)
def test_what_is_no_date_is_said_to_be_none_with_a_remedy(text):
    with pytest.raises(times.NotADate) as wrong:
        times.instant(text)
    assert str(wrong.value)
    assert wrong.value.remedy


def encounter(name, who, **fields):
    return {
        "resourceType": "Encounter", "id": name, "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": f"Patient/{who}"},
        "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "185349003", "display": "Check up"}]}],
        "period": {"start": "2024-05-01T09:00:00-04:00", "end": "2024-05-01T09:30:00-04:00"},
        "serviceProvider": {"reference": "Organization/hosp"}, **fields,
    }  # fmt: skip


HOSPITAL = {"resourceType": "Organization", "id": "hosp", "name": "Riverbend Hospital", "address": [{"city": "Lowell", "state": "MA", "postalCode": "01852"}],
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}]}  # fmt: skip


def test_a_visit_has_its_place_and_line_and_lends_them_to_what_happened_in_it(take_file):
    knee = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M17.11"}]}
    claim = {"resourceType": "Claim", "id": "cl", "status": "active", "use": "claim", "patient": {"reference": "Patient/1"}, "created": "2024-05-02",
             "total": {"value": 129.16, "currency": "USD"}, "item": [{"encounter": [{"reference": "Encounter/e"}]}]}  # fmt: skip
    paid = {"resourceType": "ExplanationOfBenefit", "id": "eob", "status": "active", "use": "claim", "patient": {"reference": "Patient/1"},
            "created": "2024-05-20", "payment": {"amount": {"value": 77.5, "currency": "USD"}}, "item": claim["item"]}  # fmt: skip
    take_file("all.ndjson", ndjson(claim, paid, encounter("e", "1", reasonCode=[knee]), patient("1"), HOSPITAL))
    line, place = ServiceLine.objects.get(slug="orthopedics"), Location.objects.get()
    rows = {row.kind: row for row in Event.objects.all()}
    assert set(rows) == {"encounter", "claim", "payment"}
    assert {(row.service_line_id, row.location_id) for row in rows.values()} == {(line.pk, place.pk)}
    assert (rows["claim"].value, rows["payment"].value) == (Decimal("129.16"), Decimal("77.5"))
    assert rows["encounter"].detail["class"] == "AMB"
    assert place.timezone == "America/New_York"
    assert Organization.objects.get().npi == "1234567893"


def test_a_planned_visit_is_an_appointment_and_no_visit(take_file):
    take_file("all.ndjson", ndjson(patient("1"), encounter("e", "1", status="planned")))
    assert Event.objects.get().kind == "appointment"
    assert Fact.objects.get().status == "booked"


def test_each_status_of_an_appointment_is_an_event_and_the_fact_holds_the_last(take_file):
    def told(status):
        return {"resourceType": "Appointment", "id": "a", "status": status, "start": "2024-06-01T10:00:00Z", "end": "2024-06-01T10:30:00Z",
                "description": "secret words", "participant": [{"actor": {"reference": "Patient/1"}, "status": "accepted"}]}  # fmt: skip

    take_file("a.ndjson", ndjson(patient("1"), told("booked")))
    take_file("b.ndjson", ndjson(told("noshow")))
    assert sorted(row.detail["status"] for row in Event.objects.all()) == ["booked", "noshow"]
    assert Fact.objects.get().status == "noshow"
    assert "secret" not in Fact.objects.get().label


def test_a_blood_pressure_is_told_with_its_components(take_file):
    part = [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value, "unit": "mm[Hg]"},
        }
        for code, value in (("8480-6", 128), ("8462-4", 81))
    ]
    take_file("a.ndjson", ndjson(patient("1"), observation("o", "1", valueQuantity=None, component=part)))
    assert {row.code: row.value for row in Event.objects.all()} == {"29463-7": None, "8480-6": 128, "8462-4": 81}


def test_free_text_stays_in_the_landing(take_file):
    take_file(
        "a.ndjson",
        ndjson(patient("1"), observation("o", "1", valueQuantity=None, valueString="Mia says her knee hurts")),
    )
    assert Event.objects.get().detail == {"text": "kept in the landing"}


def test_delicate_facts_and_events_are_marked(take_file):
    take_file("a.ndjson", ndjson(patient("1"), condition("c", "1", "F32.9")))
    assert Event.objects.get().data_class == Fact.objects.get().data_class == "mental_health"


def test_unknown_code_systems_keep_their_own_name():
    assert codes.system("http://example.org/our-codes") == "example.org/our-codes"
    assert codes.system("http://snomed.info/sct") == "snomed"
    assert len(codes.system("http://example.org/" + "x" * 200)) == codes.LONGEST_SYSTEM


def test_unknown_kinds_are_kept_and_counted(take_file):
    done = take_file("a.ndjson", ndjson({"resourceType": "Goal", "id": "g"}, {"resourceType": "Basic", "id": "b"}))
    assert (done.tally["accepted"], done.tally["kept"]) == (2, 2)
    assert take_file("a.ndjson", ndjson({"resourceType": "Goal", "id": "g"})).tally["duplicates"] == 1


def test_a_no_to_marketing_said_at_the_hospital_is_a_no_everywhere(take_file):
    told = {"resourceType": "Consent", "id": "n", "status": "active", "patient": {"reference": "Patient/1"}, "dateTime": "2024-01-01",
            "scope": {"coding": [{"code": "patient-privacy"}]}, "provision": {"type": "deny", "purpose": [{"code": "HMARKT"}]}}  # fmt: skip
    take_file("a.ndjson", ndjson(patient("1"), told))
    said = set(ConsentRecord.objects.values_list("channel", "status"))
    assert {"email", "sms", "call", "print"} == {channel for channel, _ in said}
    assert {status for _, status in said} == {"withdrawn"}


def test_a_coverage_and_a_medicine_are_facts(take_file):
    cover = {
        "resourceType": "Coverage",
        "id": "c",
        "status": "active",
        "beneficiary": {"reference": "Patient/1"},
        "payor": [{"display": "Blue Plan"}],
    }
    pill = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "subject": {"reference": "Patient/1"}, "authoredOn": "2024-01-01",
            "medicationCodeableConcept": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "314076", "display": "lisinopril"}]}}  # fmt: skip
    take_file("a.ndjson", ndjson(patient("1"), cover, pill))
    assert {(row.kind, row.label, row.code_system) for row in Fact.objects.all()} == {
        ("coverage", "Blue Plan", ""),
        ("medication", "lisinopril", "rxnorm"),
    }


def test_npi_check_digits():
    assert places.is_npi("1234567893")
    assert not places.is_npi("1234567890")
    assert not places.is_npi("510")


def test_two_practitioners_with_one_npi_do_not_collide(take_file):
    def told(name):
        return {
            "resourceType": "Practitioner",
            "id": name,
            "name": [{"family": "Ito"}],
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
        }

    assert take_file("a.ndjson", ndjson(told("1"), told("2"))).tally["accepted"] == 2
    assert sorted(Practitioner.objects.values_list("npi", flat=True), key=str) == ["1234567893", None]


def test_a_folder_of_a_bulk_export_is_read_in_the_order_of_who_refers_to_whom(tmp_path):
    for name in (
        "Observation.000.ndjson",
        "Patient.000.ndjson.gz",
        "Encounter.ndjson",
        "Organization.ndjson",
        "notes.txt",
    ):
        raw = ndjson(patient("1"))
        (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    walk = files.Walk()
    seen = [chunk.member for chunk in walk.chunks(tmp_path)]
    assert seen == ["Organization.ndjson", "Patient.000.ndjson.gz", "Encounter.ndjson", "Observation.000.ndjson"]
    assert walk.passed == 1


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_an_archive_is_read_twice_so_that_patients_come_before_their_records(take_file, mode):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, raw in {
            "Observation.ndjson": ndjson(observation("o", "1")),
            "Patient.ndjson": ndjson(patient("1")),
            "b.json": json.dumps(bundle(patient("2"))).encode(),
        }.items():
            told = tarfile.TarInfo(f"export/{name}")
            told.size = len(raw)
            archive.addfile(told, io.BytesIO(raw))
    done = take_file("export.tar" + {"w": "", "w:gz": ".gz", "w:xz": ".xz"}[mode], out.getvalue())
    assert (done.tally["accepted"], done.tally["quarantined"]) == (3, 0)


def test_chunks_hold_whole_lines_with_their_numbers():
    raw = b"\n".join(
        json.dumps({"resourceType": "Basic", "id": str(n), "x": "y" * (n % 3000)}).encode() for n in range(5000)
    )
    chunks = list(files.of_bytes("a.ndjson", raw))
    assert b"\n".join(chunk.raw for chunk in chunks) == raw
    line = 1
    for chunk in chunks:
        assert chunk.first_line == line
        assert chunk.raw.count(b"\n") + 1 <= files.CHUNK_LINES
        assert len(chunk.raw) < 2 * files.CHUNK_BYTES
        line += chunk.raw.count(b"\n") + 1


def test_lines_under_the_name_of_a_document_are_known_for_what_they_are():
    (chunk,) = files.of_bytes("a.json", ndjson(patient("1"), patient("2")))
    assert chunk.form == "fhir_ndjson"


@pytest.mark.slow
def test_memory_stays_flat_however_long_the_file_is(feed, clock, tmp_path):
    """Four times the file, the same peak: two megabytes of slack for whatever else lives."""
    from rapport.integrations import importing

    def peak(lines: int) -> int:
        path = tmp_path / f"Basic{lines}.ndjson"
        with path.open("wb") as out:
            for number in range(lines):
                out.write(
                    json.dumps({"resourceType": "Basic", "id": f"{lines}-{number}", "note": "x" * 1500}).encode()
                    + b"\n"
                )
        tracemalloc.reset_peak()
        importing.fhir(by=SYSTEM, path=path, source=feed, clock=clock.now)
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        peak(12_000)
        small, large = peak(12_000), peak(48_000)
    finally:
        tracemalloc.stop()
    assert large < small + (4 << 20), (small >> 20, large >> 20)


def test_a_site_keeps_its_own_rules_when_defaults_are_planted_again():
    line = ServiceLine.objects.get(slug="cardiology")
    before = service_lines.ServiceLineRule.objects.filter(service_line=line)
    before.exclude(pk=before.first().pk).delete()
    service_lines.plant_defaults()
    assert service_lines.ServiceLineRule.objects.filter(service_line=line).count() == 1
