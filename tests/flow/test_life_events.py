"""A life event arrives by code through the door, and what waits in the queue stops at once."""

import uuid
from datetime import timedelta

import pytest

from rapport import flow
from rapport.consent import life_events, life_signs
from rapport.consent.life_signs import Seen
from rapport.consent.models import LifeEvent
from rapport.integrations import landing
from rapport.messaging import stopping
from rapport.messaging.models import Intent, Receipt
from rapport.people.models import Person
from tests import people_cast
from tests.integrations.fhir_samples import condition, ndjson, patient
from tests.messaging import stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def arrives(now):
    source = landing.source(slug="ehr", name="Test EHR", kind="fhir", now=now)

    def arrive(*resources, at=now):
        landing.receive(source=source, raw=ndjson(*resources), form="fhir_ndjson", now=at)
        assert flow.take_in(now=at) == 1

    return arrive


@pytest.fixture
def mia(arrives):
    arrives(patient("1"))
    return Person.objects.get()


@pytest.fixture
def waits(mia, now):
    """A message of each of these purposes waits for Mia."""

    def wait(*purposes):
        version = stage.wording(now)
        for number, purpose in enumerate(purposes, 1):
            stage.due([mia], version, now + timedelta(days=3), cause_id=number, purpose=purpose)

    return wait


def states():
    return dict(Intent.objects.values_list("purpose", "state"))


def dated(code, day, name="c", **more):
    return condition(name, "1", code, onsetDateTime=f"{day:%Y-%m-%d}", **more)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("O02.1", "pregnancy_loss"), ("O03.9", "pregnancy_loss"), ("O36.4XX0", "pregnancy_loss"), ("Z37.1", "pregnancy_loss"),
        ("Z33.2", "pregnancy_loss"), ("O04.5", "pregnancy_loss"), ("Z51.5", "hospice"), ("C50.911", "new_cancer"),
    ],
)  # fmt: skip
def test_a_code_stops_marketing_at_once_and_care_goes_on(arrives, mia, waits, now, code, kind):
    waits("P1", "P2", "P3", "P12", "P13")
    arrives(dated(code, now - timedelta(days=2)))
    assert LifeEvent.objects.get().kind == kind
    assert states() == {"P1": "queued", "P2": "suppressed", "P3": "suppressed", "P12": "queued", "P13": "suppressed"}
    receipt = Receipt.objects.filter(outcome="suppressed").first()
    assert receipt.reason == "A life event stops it; clinical staff can see which."
    assert any(one["gate"] == "life_event" and not one["passed"] for one in receipt.gates)
    assert receipt.facts["life_events"][0]["kind"] == kind
    assert Receipt.objects.count() == 3


def test_death_stops_everything(arrives, mia, waits, now):
    waits("P1", "P2", "P12")
    arrives(patient("1", deceasedDateTime=f"{now - timedelta(days=1):%Y-%m-%d}"))
    assert LifeEvent.objects.get().kind == "death"
    assert set(states().values()) == {"suppressed"}


def test_a_code_in_snomed_counts_too(arrives, mia, waits, now):
    waits("P2")
    told = dated("x", now - timedelta(days=1))
    told["code"] = {
        "coding": [
            {"system": "http://snomed.info/sct", "code": "19169002", "display": "Miscarriage in first trimester"}
        ]
    }
    arrives(told)
    assert states() == {"P2": "suppressed"}


def test_the_second_code_of_a_record_counts_too(arrives, mia, waits, now):
    waits("P2")
    told = dated("N93.9", now - timedelta(days=1))
    told["code"]["coding"].append({"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "O03.9"})
    arrives(told)
    assert states() == {"P2": "suppressed"}


@pytest.mark.parametrize(("code", "days"), [("O03.9", 3650), ("C50.911", 61), ("O03.9", 366)])
def test_old_history_that_arrives_today_is_no_news(arrives, mia, waits, now, code, days):
    waits("P2")
    arrives(dated(code, now - timedelta(days=days)))
    assert not LifeEvent.objects.exists()
    assert states() == {"P2": "queued"}


def test_a_later_visit_for_a_known_cancer_is_no_news(arrives, mia, now):
    arrives(dated("C50.911", now - timedelta(days=900), name="old"))
    arrives(dated("C50.912", now - timedelta(days=1), name="new"))
    assert not LifeEvent.objects.exists()
    arrives(dated("C34.90", now - timedelta(days=1), name="other"))
    assert LifeEvent.objects.get().kind == "new_cancer"


def test_told_twice_it_happened_once(arrives, mia, now):
    told = dated("Z51.5", now - timedelta(days=1))
    arrives(told)
    told["clinicalStatus"] = {"coding": [{"code": "inactive"}]}
    arrives(told)
    assert LifeEvent.objects.count() == 1
    assert life_events.current([mia.pk], now)[mia.pk][0].kind == "hospice"


def test_a_diagnosis_that_was_refuted_ends_what_it_made(arrives, mia, now):
    arrives(dated("C50.911", now - timedelta(days=1)))
    arrives(dated("C50.911", now - timedelta(days=1), verificationStatus={"coding": [{"code": "refuted"}]}))
    assert LifeEvent.objects.get().ended_at == now
    assert life_events.current([mia.pk], now) == {}


def test_a_patient_who_arrives_after_her_record_is_silenced_too(arrives, now):
    arrives(dated("Z51.5", now - timedelta(days=1)))
    assert not LifeEvent.objects.exists()
    arrives(patient("1"))
    assert LifeEvent.objects.get().kind == "hospice"


def test_what_another_worker_has_claimed_is_left_to_it(arrives, mia, waits, now):
    waits("P2")
    Intent.objects.update(state="claimed")
    arrives(dated("Z51.5", now - timedelta(days=1)))
    assert states() == {"P2": "claimed"}


def test_messages_of_a_merged_record_stop_too(mia, now):
    gone = people_cast.person()
    version = stage.wording(now)
    stage.due([gone], version, now, cause_id=7)
    Person.objects.filter(pk=gone.pk).update(merged_into=mia)
    LifeEvent.objects.create(person=mia, kind="hospice", at=now, source_key=uuid.uuid4(), recorded_at=now)
    assert stopping.stop_silenced(person_ids={mia.pk}, now=now) == 1


def test_an_appointment_to_come_is_nothing_that_happened(mia, now):
    def notice(**said):
        seen = Seen(person_id=mia.pk, key=uuid.uuid4(), codes=(("icd10cm", "Z51.5"),), **said)
        return life_signs.notice(seen=[seen], now=now)

    assert notice(kind="appointment", at=now - timedelta(days=1)) == set()
    assert notice(kind="encounter", at=now + timedelta(days=4)) == set()
    assert notice(kind="encounter", at=now - timedelta(days=1)) == {mia.pk}
