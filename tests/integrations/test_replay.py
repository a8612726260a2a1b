"""The same again is a no-op; what waited is taken when what it waited for arrives; totals add up whatever happens."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.integrations import importing, landing, quarantine, take_in, totals
from rapport.integrations.models import Delivery, Landing, Quarantine
from rapport.people.models import Event, Fact, Person
from rapport.trust.actors import SYSTEM
from tests.integrations.conftest import adds_up
from tests.integrations.fhir_samples import bundle, condition, ndjson, observation, patient


@pytest.mark.django_db
def test_the_same_file_again_makes_no_second_person_event_or_fact(take_file):
    raw = ndjson(patient("1"), condition("c", "1"), observation("o", "1"))
    first = take_file("all.ndjson", raw)
    before = Person.objects.count(), Event.objects.count(), Fact.objects.count()
    again = take_file("all.ndjson", raw)
    assert first.tally["accepted"] == again.tally["duplicates"] == 3
    assert again.tally["accepted"] == 0
    assert (Person.objects.count(), Event.objects.count(), Fact.objects.count()) == before == (1, 2, 1)


@pytest.mark.django_db
def test_white_space_and_parts_we_do_not_read_make_no_news(take_file):
    take_file("a.json", json.dumps(patient("1")).encode())
    told = patient("1") | {"text": {"status": "generated", "div": "<div/>"}}
    assert take_file("b.json", json.dumps(told, indent=3).encode()).tally["duplicates"] == 1


@pytest.mark.django_db
def test_a_changed_condition_updates_the_fact_and_keeps_one_event(take_file):
    take_file("a.ndjson", ndjson(patient("1"), condition("c", "1")))
    done = take_file(
        "b.ndjson",
        ndjson(condition("c", "1", clinicalStatus={"coding": [{"code": "resolved"}]}, abatementDateTime="2024-01-01")),
    )
    assert done.tally["accepted"] == 1
    assert Event.objects.count() == 1
    fact = Fact.objects.get()
    assert (fact.status, fact.ends_at.year) == ("resolved", 2024)


@pytest.mark.django_db
def test_records_wait_for_their_patient_and_are_taken_when_she_arrives(take_file):
    first = take_file(
        "Observation.ndjson", ndjson(observation("o1", "1"), observation("o2", "1"), observation("o3", "9"))
    )
    assert first.tally["quarantined"] == 3
    row = Quarantine.objects.first()
    assert (row.reason, row.path) == ("the patient it is about has not arrived yet", "Observation.subject")
    take_file("Patient.ndjson", ndjson(patient("1")))
    assert Event.objects.count() == 2
    assert sorted(Quarantine.objects.values_list("state", flat=True)) == ["open", "replayed", "replayed"]
    counted = Landing.objects.get(pk=row.landing_id)
    assert (counted.read, counted.accepted, counted.quarantined) == (3, 2, 1)
    assert Delivery.objects.get(pk=counted.delivery_id).counts["kinds"]["Observation"] == {
        "read": 3,
        "accepted": 2,
        "quarantined": 1,
    }
    assert adds_up()


@pytest.mark.django_db
def test_when_the_patient_of_a_bundle_is_mended_everything_of_hers_follows(take_file, dee, now):
    take_file(
        "b.json",
        json.dumps(bundle(patient("1", name=[]), observation("o", "1", subject={"reference": "urn:uuid:1"}))).encode(),
    )
    assert Person.objects.count() == Event.objects.count() == 0
    row = Quarantine.objects.get(resource_type="Patient")
    quarantine.mend(by=dee, row=row, text=json.dumps(patient("1")), now=now)
    assert (Person.objects.count(), Event.objects.count()) == (1, 1)
    assert not Quarantine.objects.filter(state="open").exists()
    assert adds_up()


@pytest.mark.django_db
def test_references_inside_a_bundle_hold_whatever_the_ids_are(take_file):
    told = bundle(
        patient("abc"), observation("o", "x", subject={"reference": "urn:uuid:11111111-2222-3333-4444-555555555555"})
    )
    told["entry"][0]["fullUrl"] = "urn:uuid:11111111-2222-3333-4444-555555555555"
    told["entry"].reverse()
    assert take_file("b.json", json.dumps(told).encode()).tally["accepted"] == 2
    assert Event.objects.get().person_id == Person.objects.get().pk


@pytest.mark.django_db
def test_a_row_is_settled_once(take_file, dee, now):
    take_file("a.json", b"{")
    row = Quarantine.objects.get()
    quarantine.dismiss(by=dee, row=row, reason="not ours", now=now)
    with pytest.raises(quarantine.NotOpen):
        quarantine.mend(by=dee, row=row, text="{}", now=now)
    assert adds_up()


@pytest.mark.django_db
def test_a_mended_record_that_is_still_wrong_stays_with_the_new_text_and_reason(take_file, dee, now):
    take_file("a.ndjson", ndjson(patient("1", birthDate="0000-00-00")))
    row = quarantine.mend(by=dee, row=Quarantine.objects.get(), text=json.dumps(patient("1", name=[])), now=now)
    assert (row.state, row.path) == ("open", "Patient.name")
    assert '"name":[]' in quarantine.text_of(row).replace(" ", "")
    assert Person.objects.count() == 0
    assert adds_up()


@pytest.mark.django_db
def test_a_landing_that_fails_for_our_fault_is_set_aside_after_three_times_and_holds_nobody_up(feed, now, monkeypatch):
    bad = landing.receive(source=feed, raw=ndjson(patient("bad")), form="fhir_ndjson", now=now)
    good = landing.receive(source=feed, raw=ndjson(patient("good")), form="fhir_ndjson", now=now)
    real = take_in.settle.settle

    def breaks(told, records, desk, **options):
        if any(record.told.id == "bad" for record in records):
            raise RuntimeError("a fault of ours")
        return real(told, records, desk, **options)

    monkeypatch.setattr(take_in.settle, "settle", breaks)
    for _ in range(3):
        take_in.take(landings=take_in.claim(limit=10, now=now), now=now)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.attempt, good.state) == ("failed", 3, "taken")
    assert take_in.claim(limit=10, now=now) == []


LINES = st.lists(
    st.one_of(
        st.builds(lambda i: json.dumps(patient(str(i))).encode(), st.integers(1, 4)),
        st.builds(lambda i, j: json.dumps(observation(f"o{j}", str(i))).encode(), st.integers(1, 5), st.integers(1, 6)),
        st.builds(lambda i: json.dumps(patient(str(i), birthDate="0000-00-00")).encode(), st.integers(1, 4)),
        st.builds(lambda i: json.dumps({"resourceType": "Goal", "id": str(i)}).encode(), st.integers(1, 3)),
        st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"")),
    ),
    max_size=14,
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=st.lists(LINES, min_size=1, max_size=3))
def test_totals_add_up_for_any_lines_in_any_order(feed, now, deliveries):
    for lines in deliveries:
        delivery = landing.open_delivery(source=feed, file_name="x.ndjson", now=now)
        landing.receive(source=feed, raw=b"\n".join(lines), form="fhir_ndjson", now=now, delivery=delivery)
        taken = take_in.take(landings=take_in.claim(limit=5, now=now), now=now)
        read = sum(1 for line in lines if line.strip())
        assert taken["read"] == read == taken["accepted"] + taken["quarantined"] + taken["duplicates"]
    for delivery in Delivery.objects.filter(source=feed):
        counted = totals.of_delivery(delivery)
        assert {name: delivery.counts[name] for name in totals.NAMES} == counted
        for name in totals.NAMES:
            assert sum(kind.get(name, 0) for kind in delivery.counts["kinds"].values()) == counted[name]
    assert adds_up()


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_waiting_landings_and_make_nobody_twice(feed, now):
    for _ in range(6):
        landing.receive(source=feed, raw=ndjson(*[patient(str(n)) for n in range(20)]), form="fhir_ndjson", now=now)

    def work():
        try:
            for _ in range(20):
                with transaction.atomic():
                    found = take_in.claim(limit=1, now=now)
                    if not found:
                        return
                    take_in.take(landings=found, now=now)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert Landing.objects.filter(state="taken").count() == 6
    assert Person.objects.count() == 20
    assert adds_up()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_after_a_kill_in_the_middle_the_same_file_is_taken_to_its_end_and_totals_add_up(feed, clock, tmp_path):
    path = tmp_path / "Patient.ndjson"
    path.write_bytes(ndjson(*[patient(f"k{n}") for n in range(6000)]))
    command = [sys.executable, "-c", KILLED, str(path)]
    database = connection.settings_dict["NAME"]
    with subprocess.Popen(
        command, env={**os.environ, "TEST_DATABASE": database}, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout.readline().strip() == "taken"
        running.send_signal(signal.SIGKILL)
    time.sleep(0.3)
    left = Delivery.objects.get()
    assert left.state == "open"
    assert 0 < totals.of_delivery(left)["accepted"] < 6000
    assert adds_up()

    done = importing.fhir(by=SYSTEM, path=path, source=feed, clock=clock.now)
    assert done.tally["read"] == 6000
    assert done.tally["duplicates"] == totals.of_delivery(left)["accepted"]
    assert Person.objects.count() == 6000
    left.refresh_from_db()
    assert (left.state, "interrupted" in left.problem) == ("failed", True)
    assert adds_up()


KILLED = """
import os, sys, time
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.settings"
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
django.setup()
from rapport.integrations import importing
from rapport.integrations.models import Source
from rapport.kit import clock
from rapport.trust.actors import SYSTEM
importing.BATCH_CHUNKS = 1
def tell(imported):
    print("taken", flush=True)
    time.sleep(60)
importing.fhir(by=SYSTEM, path=Path(sys.argv[1]), source=Source.objects.get(slug="ehr"), clock=clock.now, tell=tell)
"""


@pytest.mark.django_db
def test_however_many_wait_all_are_taken_when_the_patient_arrives(take_file, monkeypatch):
    monkeypatch.setattr(quarantine, "RETRIED_AT_ONCE", 7)
    take_file("Observation.ndjson", ndjson(*[observation(f"o{n}", "1") for n in range(40)], observation("o3", "1")))
    take_file("Patient.ndjson", ndjson(patient("1")))
    assert Event.objects.count() == 40
    assert not Quarantine.objects.filter(state="open").exists()
    assert adds_up()
