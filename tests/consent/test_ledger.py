"""The ledger and the suppression list, on a real PostgreSQL."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from rapport.consent import ledger, queries, rules, suppressions
from rapport.consent.models import ConsentRecord, Suppression
from rapport.people.models import ContactPoint, Event
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry

pytestmark = pytest.mark.django_db


def yes(person, now, **more):
    said = {
        "channel": "email",
        "topic": "newsletter",
        "via": "form",
        "text_version": "1",
        "evidence": {"form": 7},
    } | more
    return ledger.grant(by=SYSTEM, person_id=person.pk, now=now, **said)


def no(person, now, **more):
    said = {"channel": "email", "topic": "newsletter", "via": "phone"} | more
    return ledger.withdraw(by=SYSTEM, person_id=person.pk, now=now, **said)


def test_a_statement_can_be_neither_changed_nor_removed(pat, now):
    record = yes(pat, now)
    for wrong in (lambda: ConsentRecord.objects.update(status="withdrawn"), record.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            wrong()
    assert ConsentRecord.objects.get().status == "granted"


def test_erasing_a_person_may_remove_statements(pat, now):
    record = yes(pat, now)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL rapport.erasing = 'on'")
    record.delete()
    assert not ConsentRecord.objects.exists()


def test_the_latest_statement_holds(pat, now):
    yes(pat, now - timedelta(days=2))
    no(pat, now - timedelta(days=1))
    assert queries.current([pat.pk], now=now)[pat.pk]["email", "newsletter"].status == "withdrawn"
    yes(pat, now)
    assert queries.current([pat.pk], now=now)[pat.pk]["email", "newsletter"].status == "granted"


def test_an_expired_yes_is_absent(pat, now):
    yes(pat, now - timedelta(days=2), expires_at=now - timedelta(days=1))
    assert queries.current([pat.pk], now=now) == {}


def test_no_to_everything_is_no_to_each(pat, now):
    yes(pat, now - timedelta(days=1))
    no(pat, now, channel="all", topic="all")
    standing = queries.current([pat.pk], now=now)[pat.pk]
    assert {one.status for one in standing.values()} == {"withdrawn"}
    assert ("sms", "care") in standing


def test_a_statement_is_written_once_however_often_it_is_told(pat, now):
    records = [
        ledger.NewRecord(
            person_id=pat.pk, channel="email", topic="newsletter", status="granted", at=now, via="fhir", text_version="1",
            source_key=uuid.uuid4(),
        )
        for _ in range(3)
    ]  # fmt: skip
    assert ledger.append(by=SYSTEM, records=records, now=now) == 3
    assert ledger.append(by=SYSTEM, records=records, now=now) == 0
    assert ConsentRecord.objects.count() == 3
    assert Event.objects.filter(kind="consent").count() == 3
    assert AuditEntry.objects.filter(verb="consent.append").count() == 1


def test_a_statement_is_on_the_timeline_and_in_the_trail(pat, now):
    record = no(pat, now)
    assert Event.objects.get(kind="consent", person=pat).label == "withdrawn"
    line = AuditEntry.objects.get(verb="consent.withdraw")
    assert (line.person_id, line.details["record"]) == (pat.pk, record.pk)
    assert record.tx == 0 or record.tx > 0
    record.refresh_from_db()
    assert record.tx > 0, "stamped for the warehouse"


def test_a_suppression_works_without_knowing_whose_address_it_is(pat, now):
    suppressions.suppress_address(
        by=SYSTEM, kind="email", value=" Pat.Rivera@Mail.example ", topic="all", reason="staff", now=now
    )
    (found,) = queries.suppressed(person_ids=[pat.pk], kind="email")[pat.pk]
    assert found[1].reason == "staff"
    assert b"rivera" not in bytes(Suppression.objects.get().digest)


def test_a_suppression_outlives_the_address(pat, now):
    suppressions.suppress_person(by=SYSTEM, person_id=pat.pk, kind="email", topic="all", reason="complained", now=now)
    point = ContactPoint.objects.get(person=pat, kind="email")
    digest = bytes(point.digest)
    point.delete()
    assert bytes(Suppression.objects.get().digest) == digest


def test_a_lifted_suppression_can_be_set_again(pat, now):
    for _ in range(2):
        suppressions.suppress_person(by=SYSTEM, person_id=pat.pk, kind="email", topic="all", reason="staff", now=now)
    assert suppressions.lift_person(by=SYSTEM, person_id=pat.pk, kind="email", topic="all", now=now) == 1
    assert queries.suppressed(person_ids=[pat.pk], kind="email") == {}
    suppressions.suppress_person(by=SYSTEM, person_id=pat.pk, kind="email", topic="all", reason="staff", now=now)
    assert len(queries.suppressed(person_ids=[pat.pk], kind="email")[pat.pk]) == 1


def test_every_rule_says_where_it_comes_from(now):
    assert len(rules.rows()) >= 15
    for one in rules.rows():
        assert one.authority
        assert one.jurisdiction
    assert set(rules.in_force(now.date()).purposes) == {f"P{n}" for n in range(1, 14)}


def test_a_rule_that_is_not_yet_in_force_says_nothing():
    from datetime import date

    assert "TX" not in str([one.jurisdiction for one in rules.in_force(date(2024, 1, 1)).windows])
    assert "US-TX" in {one.jurisdiction for one in rules.in_force(date(2026, 3, 4)).windows}
