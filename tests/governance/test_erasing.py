"""An erasure reaches every row, every key, every landing; refuses under a hold; and an old feed does not undo it."""

import json
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import ForeignKey
from django.test import Client

from rapport import flow
from rapport.consent import ledger, queries, suppressions
from rapport.consent.models import ConsentRecord, Suppression
from rapport.governance import erasing, erasure_journal
from rapport.governance.erasure_plan import PLAN, Fate
from rapport.governance.models import Erasure
from rapport.integrations import landing, quarantine
from rapport.integrations.models import Landing, Quarantine
from rapport.integrations.settle import ERASED
from rapport.kit import clock as time
from rapport.messaging import tracking
from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.people import erasing as people_erasing
from rapport.people import merges
from rapport.people import queries as people
from rapport.people.models import ErasedDigest, Event, Person
from rapport.trust.models import AuditEntry, SubjectKey
from tests.governance import erasure_world as world
from tests.integrations.conftest import adds_up
from tests.integrations.fhir_samples import condition, ndjson, patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def canary(now):
    return world.arrive(now)


@pytest.fixture
def wish(canary, cole, now):
    return world.live(canary, cole, now)


@pytest.fixture
def journal(tmp_path, monkeypatch):
    monkeypatch.setattr(erasure_journal, "place", lambda: tmp_path / "erasures.log")
    return tmp_path / "erasures.log"


def other_session() -> dict[str, str]:
    known = connection.settings_dict
    return {
        "dbname": known["NAME"],
        "user": known["USER"],
        "password": known["PASSWORD"],
        "host": known["HOST"],
        "port": known["PORT"],
    }


def names_a_person(model) -> bool:
    for one in model._meta.get_fields():
        if isinstance(one, ForeignKey) and one.related_model is Person:
            return True
    return model is Person or any(f.name in {"person_id", "person_ids"} for f in model._meta.local_fields)


def test_every_model_that_names_a_person_says_what_becomes_of_it():
    ours = [m for m in apps.get_models() if m.__module__.startswith("rapport.") and not m._meta.proxy]
    naming = {m for m in ours if names_a_person(m)}
    assert naming - {part.model for part in PLAN} == set(), "add these to governance/erasure_plan.py"


def test_what_is_kept_says_why():
    assert [part.model for part in PLAN if part.fate is not Fate.REMOVED and not part.why] == []


def test_nothing_of_what_is_removed_is_left(canary, wish, cole, now, journal):
    before = {part.model: part.rows([canary.pk]).count() for part in PLAN if part.fate is Fate.REMOVED}
    assert all(count for model, count in before.items() if model.__name__ != "Merge"), before
    done = erasing.erase(by=cole, person_id=canary.pk, now=now, request=wish, reason="she asked")
    after = {part.model: part.rows([canary.pk]).count() for part in PLAN if part.fate is Fate.REMOVED}
    assert set(after.values()) == {0}, after
    assert done.removed["event"] == before[Event]
    shell = Person.objects.get(pk=canary.pk)
    assert (shell.erased_at, shell.given, shell.birth_month, shell.zip5, shell.sex) == (now, None, None, "", "U")


def test_keys_are_destroyed_and_nothing_opens_any_more(canary, wish, cole, now):
    subjects = {canary.key, *MailboxItem.objects.values_list("key", flat=True)}
    assert SubjectKey.objects.filter(subject__in=subjects, wrapped__isnull=False).count() == 2
    done = erasing.erase(by=cole, person_id=canary.pk, now=now)
    assert not SubjectKey.objects.filter(subject__in=subjects, wrapped__isnull=False).exists()
    assert {str(one) for one in subjects} <= set(done.subjects)
    assert people.names(person_ids=[canary.pk]) == {}
    with pytest.raises(Person.DoesNotExist):
        people.card(by=cole, person_id=canary.pk, now=now)
    assert people.search(by=cole, text="Quixwaffel", now=now) == []


def test_raw_input_loses_her_and_keeps_the_others(canary, wish, cole, now):
    alone, lines, whole, rest, text = Landing.objects.order_by("pk")
    old_key = lines.key
    erasing.erase(by=cole, person_id=canary.pk, now=now)
    for one in (alone, lines, whole, rest, text):
        one.refresh_from_db()
    assert (bytes(alone.raw), bytes(rest.raw), bytes(text.raw)) == (b"", b"", b"")
    with pytest.raises(landing.KeyGone):
        landing.raw_of([alone])
    assert lines.key != old_key
    assert SubjectKey.objects.get(subject=old_key).wrapped is None
    left = landing.raw_of([lines, whole])
    for raw in left.values():
        assert b"can7" not in raw
    assert left[lines.pk].split(b"\n")[1] == b"", "the others keep their line numbers"
    assert b'"o8"' in left[lines.pk]
    assert b'"other2"' in left[whole.pk]
    assert b'"c3"' in left[whole.pk]
    held = Quarantine.objects.order_by("pk")
    assert held.count() == 2
    assert {(row.state, bytes(row.raw), row.path) for row in held} == {("dismissed", b"", "")}
    assert adds_up()


def test_the_addresses_stay_blocked_and_the_numbers_are_held_back(canary, cole, now):
    erasing.erase(by=cole, person_id=canary.pk, now=now)
    assert set(Suppression.objects.values_list("kind", "topic", "reason")) == {
        ("email", "all", "erased"),
        ("phone", "all", "erased"),
    }
    assert ErasedDigest.objects.count() == 2


def test_what_waits_is_stopped_and_receipts_keep_the_proof_without_the_facts(canary, wish, cole, now):
    Receipt.objects.update(
        facts={"state": "MA"},
        consent_ids=[4],
        gates=[{"gate": "consent", "passed": True, "reason": "She said yes.", "rule": "R1", "evidence": [4]}],
    )
    erasing.erase(by=cole, person_id=canary.pk, now=now)
    assert sorted(Intent.objects.filter(person=canary).values_list("state", flat=True)) == ["sent", "stopped"]
    sent, stopped = Receipt.objects.order_by("id")
    assert (sent.outcome, stopped.outcome) == ("sent", "stopped")
    assert sent.gates == [{"gate": "consent", "passed": True, "rule": "R1", "reason": ""}]
    assert (sent.facts, sent.consent_ids) == ({"erased_at": now.isoformat()}, [])
    assert sent.reason == "The person was erased."


def test_one_audit_line_says_so_without_a_name(canary, wish, cole, now):
    before = AuditEntry.objects.count()
    erasing.erase(by=cole, person_id=canary.pk, now=now, request=wish, reason="she asked on paper")
    entry = AuditEntry.objects.latest("id")
    assert AuditEntry.objects.count() == before + 1
    assert (entry.verb, entry.person_id, entry.reason) == ("person.erase", canary.pk, "she asked on paper")
    written = json.dumps([entry.details, entry.thing, entry.person_ids])
    assert not [word for word in world.WORDS if word in written]
    wish.refresh_from_db()
    assert (wish.state, wish.wish, wish.decided_by) == ("granted", None, cole)


def test_a_legal_hold_refuses_until_it_is_lifted(canary, cole, now, clock):
    hold = {
        "person_id": canary.pk, "kind": "legal_hold", "channel": "all", "topic": "all", "via": "court", "text_version": "h1",
    }  # fmt: skip
    ledger.state(by=cole, record=ledger.NewRecord(**hold, status="granted", at=now, source_key=uuid4()), now=now)
    assert erasing.look(person_id=canary.pk, now=now).hold is not None
    with pytest.raises(erasing.UnderHold, match="2026-03-04"):
        erasing.erase(by=cole, person_id=canary.pk, now=now)
    assert Event.objects.filter(person=canary).exists()
    later = clock.forward(days=1)
    ledger.state(by=cole, record=ledger.NewRecord(**hold, status="withdrawn", at=later, source_key=uuid4()), now=later)
    erasing.erase(by=cole, person_id=canary.pk, now=later)
    assert not ConsentRecord.objects.filter(person=canary).exists()


def test_records_merged_into_her_go_with_her_from_either_end(canary, cole, now):
    other = world.known_as("MRN-other1")
    merges.merge(by=cole, kept=canary, gone=other, rule="test", now=now)
    erasing.erase(by=cole, person_id=canary.pk, now=now)
    assert set(Person.objects.filter(erased_at=now).values_list("pk", flat=True)) == {canary.pk, other.pk}
    assert not SubjectKey.objects.filter(subject=other.key, wrapped__isnull=False).exists()


def test_nobody_is_erased_twice(canary, cole, now):
    erasing.erase(by=cole, person_id=canary.pk, now=now)
    with pytest.raises(erasing.NobodyThere):
        erasing.erase(by=cole, person_id=canary.pk, now=now)
    assert Erasure.objects.count() == 1


def test_a_look_counts_and_changes_nothing(canary, wish, cole, now):
    before = [(part.model, part.rows([canary.pk]).count()) for part in PLAN]
    seen = erasing.look(person_id=canary.pk, now=now)
    assert [(part.model, count) for part, count in seen.parts] == before
    assert seen.raw == {"landings": 3, "landings_rewritten": 2, "quarantine": 2}
    assert (seen.queued, seen.addresses, seen.sharing) == (1, 2, 0)
    assert [(part.model, part.rows([canary.pk]).count()) for part in PLAN] == before


def test_an_old_feed_sent_again_is_held_back_with_everything_about_her(canary, cole, now):
    erasing.erase(by=cole, person_id=canary.pk, now=now)
    people_before = Person.objects.count()
    again = world.land(world.hers(), now)
    assert (again.read, again.accepted, again.duplicates, again.quarantined) == (3, 0, 0, 3)
    reasons = set(again.quarantined_rows.exclude(reason__contains="date").values_list("resource_type", "reason"))
    assert reasons == {("Patient", ERASED), ("Condition", ERASED)}
    assert (Person.objects.count(), Event.objects.filter(person=canary).count()) == (people_before, 0)


def test_staff_may_let_her_in_again_as_somebody_new_and_her_addresses_stay_blocked(canary, cole, dee, now):
    erasing.erase(by=cole, person_id=canary.pk, now=now)
    again = world.land(ndjson(patient("can7", **world.CANARY), condition("c1", "can7")), now)
    row = again.quarantined_rows.get(resource_type="Patient")
    row = quarantine.let_in(by=dee, row=row, reason="She came back on Monday", now=now)
    assert row.state == "replayed"
    new = world.known_as("MRN-CANARY-77")
    assert new.pk != canary.pk
    assert new.key != canary.key
    assert Event.objects.filter(person=new).count() == 1, "what waited for her followed"
    assert adds_up()
    assert queries.suppressed(person_ids=[new.pk], kind="email")[new.pk][0][1].reason == "erased"


def test_a_shared_address_does_not_make_the_record_of_another_hers(canary, cole, now):
    spouse = patient("spouse", telecom=world.CANARY["telecom"])
    shared = world.land(ndjson(spouse), now)
    seen = erasing.look(person_id=canary.pk, now=now)
    assert seen.sharing == 1
    erasing.erase(by=cole, person_id=canary.pk, now=now)
    shared.refresh_from_db()
    assert b"spouse" in landing.raw_of([shared])[shared.pk]
    assert people.names(person_ids=[world.known_as("MRN-spouse").pk])


def test_an_address_that_was_blocked_before_stays_blocked_for_its_own_reason(canary, cole, now):
    suppressions.suppress_person(by=cole, person_id=canary.pk, kind="email", topic="all", reason="complained", now=now)
    erasing.erase(by=cole, person_id=canary.pk, now=now)
    assert Suppression.objects.get(kind="email").reason == "complained"


@pytest.mark.django_db(transaction=True)
def test_an_erasure_waits_for_the_batch_that_is_being_taken_in(cole, now):
    canary = world.arrive(now)
    with psycopg.connect(**other_session()) as door:
        door.execute("SELECT pg_advisory_xact_lock_shared(%s)", [people_erasing._DOOR])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            erasing.erase(by=cole, person_id=canary.pk, now=now)
        assert Person.objects.get(pk=canary.pk).erased_at is None
        door.rollback()
        erasing.erase(by=cole, person_id=canary.pk, now=now)
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
    assert Person.objects.get(pk=canary.pk).erased_at == now


def test_the_page_of_a_held_back_record_lets_her_in_with_a_reason(canary, cole, dee, now):
    erasing.erase(by=cole, person_id=canary.pk, now=now)
    row = world.land(ndjson(patient("can7", **world.CANARY)), now).quarantined_rows.get()
    office = Client()
    office.force_login(dee, backend=settings.AUTHENTICATION_BACKENDS[-1])
    with time.travel(now):
        assert "Let this person in again?" in office.get(f"/sources/held/{row.pk}/").content.decode()
        assert office.post(f"/sources/held/{row.pk}/let-in/", {"reason": ""}).status_code == 422
        assert office.post(f"/sources/held/{row.pk}/let-in/", {"reason": "She came back"}).status_code == 302
    assert world.known_as("MRN-CANARY-77").pk != canary.pk


def test_a_click_after_the_erasure_finds_nobody(canary, wish, cole, now):
    erasing.erase(by=cole, person_id=canary.pk, now=now)
    sent = Intent.objects.get(person=canary, state="sent")
    public = Client()
    with time.travel(now):
        assert public.get(f"/o/{tracking.token('open', sent.pk)}.gif").status_code == 200
        assert public.get(f"/book/{tracking.token('book', sent.pk)}").status_code == 404
        out = f"/u/{tracking.token('unsubscribe', sent.pk)}"
        assert public.post(out, {"List-Unsubscribe": "One-Click"}).status_code == 200
        while flow.take_in(now=now):
            pass
    assert not Event.objects.filter(person=canary).exists()
    assert not ConsentRecord.objects.filter(person=canary).exists()
