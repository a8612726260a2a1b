"""What is known is tagged again when the sets change, and a minor's own care stays hers."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from rapport.consent import ledger, retagging
from rapport.integrations import landing, take_in
from rapport.people import profile, timeline
from rapport.people.models import Event, Fact, Person
from rapport.people.records import NewEvent, NewFact
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.integrations.fhir_samples import condition, ndjson, patient

pytestmark = pytest.mark.django_db


def event(person, now, code="F11.20", **more):
    said = {
        "person_id": person.pk, "kind": "condition", "at": now, "source": "x", "source_key": uuid.uuid4(), "code_system": "icd10cm",
        "code": code,
    } | more  # fmt: skip
    timeline.append(events=[NewEvent(**said)], now=now)
    return Event.objects.get(source_key=said["source_key"])


def test_what_was_tagged_by_older_sets_is_tagged_anew_and_the_warehouse_sees_it(pat, now):
    wrong = event(pat, now)
    lifted = event(pat, now, "F17.210", data_class="sud_part2")
    right = event(pat, now, "M17.11")
    hidden = event(pat, now, "M17.11", detail={"codes": ["snomed|7200002"]})
    drug = event(pat, now, "", code_system="text", kind="medication", label="Buprenorphine 8 MG")
    done = retagging.retag(by=SYSTEM, now=now)
    classes = {row.pk: row.data_class for row in Event.objects.all()}
    assert classes == {
        wrong.pk: "sud_part2", lifted.pk: "general", right.pk: "general", hidden.pk: "sud_part2", drug.pk: "sud_part2",
    }  # fmt: skip
    assert done.rows["people_event"] == 4
    assert AuditEntry.objects.filter(verb="data_classes.retag").count() == 1
    assert retagging.retag(by=SYSTEM, now=now).rows["people_event"] == 0


def test_classes_that_no_code_gives_are_left_alone(pat, now):
    kept = event(pat, now, "M17.11", data_class="psychotherapy_notes")
    retagging.retag(by=SYSTEM, now=now)
    kept.refresh_from_db()
    assert kept.data_class == "psychotherapy_notes"


def test_facts_are_tagged_too(pat, now):
    profile.fold(
        facts=[
            NewFact(person_id=pat.pk, kind="condition", source_key=uuid.uuid4(), code_system="icd10cm", code="B20", data_class="general")
        ],
        now=now,
    )  # fmt: skip
    assert retagging.retag(by=SYSTEM, now=now).rows["people_fact"] == 1
    assert Fact.objects.get().data_class == "hiv_sti"


# Golden test 15: a sixteen-year-old consented alone to contraception.
@pytest.fixture
def teen(db):
    return people_cast.person(given="Tess", birth_date=date(2009, 6, 15))


def consents_alone(person, now, **more):
    record = ledger.NewRecord(
        person_id=person.pk, kind="minor_alone", channel="all", topic="care", status="granted", at=now, via="front desk",
        text_version="m-1", source_key=uuid.uuid4(), **more,
    )  # fmt: skip
    return ledger.state(by=SYSTEM, record=record, now=now)


def test_what_a_minor_consented_to_alone_becomes_confidential(teen, now):
    mine = event(teen, now, "Z30.011", data_class="reproductive")
    knee = event(teen, now, "S83.2")
    sud = event(teen, now, "F11.20", data_class="sud_part2")
    consents_alone(teen, now)
    classes = {row.pk: row.data_class for row in Event.objects.filter(kind="condition")}
    assert classes == {mine.pk: "minor_confidential", knee.pk: "general", sud.pk: "sud_part2"}


def test_what_arrives_after_the_statement_is_confidential_too(now):
    source = landing.source(slug="ehr", name="Test EHR", kind="fhir", now=now)

    def arrives(*resources):
        landing.receive(source=source, raw=ndjson(*resources), form="fhir_ndjson", now=now)
        take_in.take(landings=take_in.claim(limit=1, now=now), now=now)

    arrives(patient("1", birthDate="2009-06-15"))
    consents_alone(Person.objects.get(), now)
    arrives(condition("c", "1", "Z30.011", onsetDateTime="2026-02-20"))
    assert {Event.objects.get(kind="condition").data_class, Fact.objects.get().data_class} == {"minor_confidential"}


def test_only_what_happened_before_eighteen_and_of_the_class_agreed_to(teen, now):
    grown = event(teen, datetime(2027, 6, 15, 12, tzinfo=UTC), "Z30.011", data_class="reproductive")
    other = event(teen, now - timedelta(days=1), "F32.9", data_class="mental_health")
    consents_alone(teen, now, data_class="reproductive")
    assert set(Event.objects.filter(pk__in=[grown.pk, other.pk]).values_list("data_class", flat=True)) == {
        "reproductive", "mental_health",
    }  # fmt: skip


def test_without_a_statement_nothing_changes(teen, now):
    event(teen, now, "Z30.011", data_class="reproductive")
    retagging.retag(by=SYSTEM, now=now)
    assert Event.objects.get().data_class == "reproductive"
