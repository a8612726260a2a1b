"""The Sources pages, as staff use them."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rapport.integrations import take_in
from rapport.integrations.models import Quarantine
from rapport.people.models import Ambiguity, Person
from rapport.trust.models import AuditEntry
from tests.integrations.fhir_samples import patient
from tests.people_cast import person

pytestmark = pytest.mark.django_db


def upload(client, name, raw, source="main-ehr"):
    file = SimpleUploadedFile(name, raw, content_type="application/json")
    return client.post(reverse("integrations:upload"), {"source": source, "file": file})


def take_everything(now):
    take_in.take(landings=take_in.claim(limit=50, now=now), now=now)


def test_an_administrator_uploads_a_file_mends_what_was_held_back_and_sees_it_taken_in(client, dee, now):
    client.force_login(dee)
    raw = b"\n".join(json.dumps(one).encode() for one in (patient("1"), patient("2", birthDate="0000-00-00")))
    answer = upload(client, "export.ndjson", raw)
    assert answer.status_code == 302
    take_everything(now)
    shown = client.get(reverse("integrations:source", args=["main-ehr"])).content.decode()
    assert "0000-00-00 is no date" in shown
    assert "Patient.birthDate" in shown
    row = Quarantine.objects.get()
    held = client.get(reverse("integrations:held", args=[row.pk]))
    assert held.status_code == 200
    assert AuditEntry.objects.filter(verb="quarantine.read").count() == 1
    answer = client.post(
        reverse("integrations:held", args=[row.pk]), {"text": json.dumps(patient("2", birthDate="0001-01-01"))}
    )
    assert answer.status_code == 422
    assert Person.objects.count() == 1
    answer = client.post(
        reverse("integrations:held", args=[row.pk]), {"text": json.dumps(patient("2", birthDate="1980-03-05"))}
    )
    assert answer.status_code == 302
    assert Person.objects.count() == 2


def test_a_file_that_is_no_fhir_is_refused_at_the_field(client, dee):
    client.force_login(dee)
    answer = upload(client, "letter.docx", b"x")
    assert answer.status_code == 422
    assert "no FHIR file by its name" in answer.content.decode()


def test_a_marketer_sees_feeds_but_neither_uploads_nor_opens_records(client, ana, dee, now):
    client.force_login(dee)
    upload(client, "a.json", b"{broken")
    take_everything(now)
    row = Quarantine.objects.get()
    client.force_login(ana)
    assert client.get(reverse("integrations:index")).status_code == 200
    assert client.get(reverse("integrations:source", args=["main-ehr"])).status_code == 200
    assert upload(client, "a.json", b"{}").status_code == 403
    assert client.get(reverse("integrations:held", args=[row.pk])).status_code == 403


def test_zoe_sees_nothing(client, zoe):
    client.force_login(zoe)
    assert client.get(reverse("integrations:index")).status_code == 403


def test_a_record_that_is_not_wanted_is_dismissed_with_a_reason(client, dee, now):
    client.force_login(dee)
    upload(client, "a.json", b"{broken")
    take_everything(now)
    row = Quarantine.objects.get()
    assert client.post(reverse("integrations:dismiss", args=[row.pk]), {"reason": ""}).status_code == 422
    assert client.post(reverse("integrations:dismiss", args=[row.pk]), {"reason": "A test file"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "dismissed"
    assert row.settled_by == dee


def test_the_front_desk_settles_a_double(client, bea, now):
    one = person(given="Mia", family="Stone", identifiers=(("ehr:Patient", "1"),))
    two = person(given="Mia", family="Stone", identifiers=(("ehr:Patient", "2"),))
    client.force_login(bea)
    row = Ambiguity.objects.get()
    page = client.get(reverse("integrations:ambiguous"))
    assert page.status_code == 200
    assert page.content.decode().count("Mia Stone") >= 2
    assert client.post(reverse("integrations:settle", args=[row.pk]), {"answer": "same"}).status_code == 302
    two.refresh_from_db()
    assert two.merged_into_id == one.pk
