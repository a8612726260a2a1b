"""Bad input is held back or refused with its place and reason; the rest of the file is kept; the process lives."""

import gzip
import io
import json
import lzma
import tarfile
import zipfile

import pytest

from rapport.integrations import files, quarantine
from rapport.integrations.models import Delivery, Quarantine
from rapport.people.models import Event, Person
from tests.integrations.conftest import adds_up
from tests.integrations.fhir_samples import bundle, condition, ndjson, observation, patient

pytestmark = pytest.mark.django_db


def only_row():
    return Quarantine.objects.get()


def test_a_truncated_bundle_keeps_its_whole_entries_and_says_where_it_breaks_off(take_file):
    raw = json.dumps(bundle(patient("1"), observation("o1", "1"), observation("o2", "1")), indent=1).encode()
    done = take_file("cut.json", raw[: raw.index(b'"o2"') + 20])
    assert (done.tally["read"], done.tally["accepted"], done.tally["quarantined"]) == (3, 2, 1)
    assert Person.objects.count() == 1
    assert Event.objects.get().code == "29463-7"
    row = only_row()
    assert "can't be read beyond its entry 2, line" in row.reason
    assert row.path == "Bundle.entry[2]"
    assert adds_up()


def test_wrong_json_is_held_back_with_the_byte_and_can_be_mended(take_file, dee, now):
    take_file("wrong.json", b'{"resourceType": "Patient", "id": }')
    row = only_row()
    assert "this is not JSON" in row.reason
    assert "byte" in row.reason
    done = quarantine.mend(by=dee, row=row, text=json.dumps(patient("1")), now=now)
    assert done.state == "replayed"
    assert done.settled_by == dee
    assert Person.objects.count() == 1
    assert adds_up()


def test_one_bad_line_does_not_stop_the_others(take_file):
    raw = ndjson(patient("1")) + b"{not json}\n" + ndjson(patient("2"))
    done = take_file("Patient.ndjson", raw)
    assert (done.tally["accepted"], done.tally["quarantined"]) == (2, 1)
    assert only_row().line == 2


@pytest.mark.parametrize(
    ("field", "value", "path", "reason"),
    [
        ("name", [], "Patient.name", "the patient has no name"),
        ("name", [{"use": "official", "family": " "}], "Patient.name", "the patient has no name"),
        ("birthDate", "0000-00-00", "Patient.birthDate", "0000-00-00 is no date"),
        ("birthDate", "1980-13-01", "Patient.birthDate", "there is no such date"),
        ("birthDate", "1980-02-30", "Patient.birthDate", "there is no such date"),
        ("birthDate", "1850-01-01", "Patient.birthDate", "the year is before 1900"),
        ("birthDate", "2150-01-01", "Patient.birthDate", "the birth date lies in the future"),
        ("birthDate", "03/05/1980", "Patient.birthDate", "this is not a date"),
        ("birthDate", 19800305, "Patient.birthDate", "Expected `str`, got `int`"),
        ("telecom", [{"system": "phone", "value": 5}], "Patient.telecom[0].value", "Expected `str`, got `int`"),
        ("deceasedDateTime", "2020-01-01T10:00:00", "Patient.deceasedDateTime", "the time has no time zone"),
    ],
)
def test_a_patient_that_can_not_be_right_is_held_back_with_its_field_and_a_remedy(
    take_file, field, value, path, reason
):
    done = take_file("Patient.ndjson", ndjson(patient("1", **{field: value}), patient("2")))
    assert (done.tally["accepted"], done.tally["quarantined"]) == (1, 1)
    row = only_row()
    assert (row.path, row.reason, row.line, row.resource_type) == (path, reason, 1, "Patient")
    assert row.remedy


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (observation("o", "1", effectiveDateTime="0000-00-00"), "Observation.effectiveDateTime"),
        (observation("o", "1", effectiveDateTime=""), "Observation.effectiveDateTime"),
        (observation("o", "1", code={}), "Observation.code"),
        (observation("o", "1", valueQuantity={"value": 1e30}), "Observation.valueQuantity.value"),
        (observation("o", "1", subject={"display": "somebody"}), "Observation.subject"),
        (observation("o", "1", subject={"reference": "Group/1"}), "Observation.subject"),
        (condition("c", "1", onsetDateTime="1850-01-01"), "Condition.onsetDateTime"),
        ({"resourceType": "Claim", "id": "c", "patient": {"reference": "Patient/1"}, "created": "2024-01-01",
          "total": {"value": 5, "currency": "EUR"}}, "Claim.total.currency"),
        ({"resourceType": "Encounter", "id": "e", "status": "finished", "subject": {"reference": "Patient/1"}}, "Encounter.period.start"),
        ({"id": "nothing"}, "resourceType"),
        ({"resourceType": "Observation"}, "Observation.id"),
    ],
)  # fmt: skip
def test_what_is_essential_is_asked_for_by_its_path(take_file, resource, path):
    take_file("all.ndjson", ndjson(patient("1"), resource))
    assert only_row().path == path
    assert Event.objects.count() == 0
    assert adds_up()


def test_two_patients_with_one_identifier_are_not_joined(take_file):
    number = [{"system": "urn:test:mrn", "value": "SAME"}]
    one = patient("1", identifier=number)
    other = patient(
        "2", identifier=number, name=[{"family": "Anders", "given": ["Bo"]}], birthDate="1999-01-01", gender="male"
    )
    done = take_file("Patient.ndjson", ndjson(one, other))
    assert (done.tally["accepted"], done.tally["quarantined"]) == (1, 1)
    row = only_row()
    assert row.path == "Patient.identifier"
    assert "belongs to another patient" in row.reason
    assert "SAME" not in row.reason
    assert Person.objects.count() == 1


def test_a_line_of_two_hundred_megabytes_is_refused_without_being_held(tmp_path, feed, monkeypatch):
    """Read from a stream that makes the line as it goes: nothing of that size ever exists."""

    class Endless(io.RawIOBase):
        def __init__(self, head: bytes, middle: int, tail: bytes) -> None:
            self.parts = [head, *([b"x" * files.BLOCK] * middle), tail]

        def read(self, size: int = -1) -> bytes:
            return self.parts.pop(0) if self.parts else b""

    stream = Endless(ndjson(patient("1")) + b'{"long": "', 200, b'"}\n' + ndjson(patient("2")))
    largest, chunks = 0, []
    for chunk in files.lines(stream, "long.ndjson"):
        largest = max(largest, len(chunk.raw))
        chunks.append(chunk)
    assert [chunk.form for chunk in chunks] == ["fhir_ndjson", "refused", "fhir_ndjson"]
    assert largest < 5 * files.CHUNK_BYTES
    refused = next(chunk for chunk in chunks if chunk.form == "refused")
    assert refused.first_line == 2
    assert b"the line is 200 MB long" in refused.raw
    assert chunks[-1].first_line == 3


def test_a_line_that_is_too_long_is_refused_with_its_number_and_the_others_are_taken(take_file, monkeypatch):
    monkeypatch.setattr(files, "LONGEST_LINE", 1 << 20)
    raw = (
        ndjson(patient("1")) + b'{"resourceType":"Binary","data":"' + b"x" * (3 << 20) + b'"}\n' + ndjson(patient("2"))
    )
    done = take_file("Patient.ndjson", raw)
    assert (done.tally["accepted"], done.tally["quarantined"]) == (2, 1)
    row = only_row()
    assert row.line == 2
    assert "the line is 3 MB long" in row.reason


@pytest.mark.parametrize("nul", [b"\x00", b"\\u0000"])
def test_a_nul_character_holds_its_line_back(take_file, nul):
    bad = ndjson(patient("1")).replace(b"Testa", b"Te" + nul + b"sta")
    done = take_file("Patient.ndjson", bad + ndjson(patient("2")))
    assert (done.tally["accepted"], done.tally["quarantined"]) == (1, 1)
    assert only_row().reason == "the record contains a NUL character"


def test_text_that_is_not_utf8_holds_its_line_back(take_file):
    done = take_file("Patient.ndjson", ndjson(patient("1")).replace(b"Testa", b"Jos\xe9") + ndjson(patient("2")))
    assert (done.tally["accepted"], done.tally["quarantined"]) == (1, 1)


def test_json_that_is_nested_too_deeply_is_held_back(take_file):
    deep = b'{"resourceType":"Patient","id":"1","contact":' + b"[" * 50_000 + b"]" * 50_000 + b"}\n"
    done = take_file("Patient.ndjson", deep + ndjson(patient("2")))
    assert done.tally["accepted"] == 1
    assert done.tally["quarantined"] == 1


def _tar_xz(**members: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:xz") as archive:
        for name, raw in members.items():
            told = tarfile.TarInfo(name.replace("__", "/").replace("_DOT_", "."))
            told.size = len(raw)
            archive.addfile(told, io.BytesIO(raw))
    return out.getvalue()


@pytest.mark.parametrize("kind", ["gz", "zip", "tar.xz"])
def test_a_bomb_is_refused_before_it_goes_off_and_what_came_before_it_stays(take_file, kind, monkeypatch):
    monkeypatch.setattr("rapport.integrations.unpacking.Limits.__init__", _small_limits)
    bomb = ndjson(patient("1")) + b" " * (40 << 20)
    if kind == "gz":
        done = take_file("bomb.ndjson.gz", gzip.compress(bomb))
    elif kind == "zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("Patient.ndjson", ndjson(patient("2")))
            archive.writestr("zeros.ndjson", bomb)
        done = take_file("bomb.zip", out.getvalue())
    else:
        done = take_file("bomb.tar.xz", _tar_xz(Patient_DOT_ndjson=ndjson(patient("2")), z_DOT_json=bomb))
    rows = list(Quarantine.objects.all())
    assert any("it unpacks to more than 100 times its size" in row.reason for row in rows), [row.reason for row in rows]
    assert done.delivery.pk
    assert Person.objects.exists()
    assert adds_up()


def _small_limits(self, most_bytes=1 << 30, most_ratio=100, watched_from=4 << 20):
    self.most_bytes, self.most_ratio, self.watched_from, self.made = most_bytes, most_ratio, watched_from, 0


@pytest.mark.parametrize("name", ["a.ndjson.gz", "a.tar.xz", "a.tar.gz", "a.zip", "a.json.xz"])
def test_a_damaged_archive_is_refused_and_not_a_crash(take_file, name):
    whole = {"a.ndjson.gz": gzip.compress(ndjson(patient("1")) * 50), "a.json.xz": lzma.compress(ndjson(patient("1")))}
    raw = whole.get(name, _tar_xz(a_DOT_ndjson=ndjson(patient("1")) * 2000))
    done = take_file(name, raw[: len(raw) // 2])
    assert done.tally["quarantined"] >= 1
    assert Delivery.objects.get().state == "done"
    assert adds_up()


def test_a_path_out_of_the_archive_leads_nowhere(take_file, tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        raw = ndjson(patient("1"))
        told = tarfile.TarInfo("../../escaped.ndjson")
        told.size = len(raw)
        archive.addfile(told, io.BytesIO(raw))
        link = tarfile.TarInfo("link.ndjson")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert take_file("trick.tar", out.getvalue()).tally["accepted"] == 1
    assert not (tmp_path.parent / "escaped.ndjson").exists()


def test_an_empty_file_and_a_file_of_another_kind_are_passed_over(take_file):
    assert take_file("empty.ndjson", b"").tally["read"] == 0
    other = take_file("notes.txt", b"hello")
    assert (other.passed, other.tally["read"]) == (1, 0)
