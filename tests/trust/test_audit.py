"""One line a verb, in the transaction of the act. No line, no act."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from rapport.trust import audit
from rapport.trust.actors import SYSTEM, System
from rapport.trust.models import AuditEntry, BreakGlass


def test_a_line_says_who_did_what_to_whom_and_why(ana, now):
    trace = uuid.uuid4()
    audit.record(
        by=ana,
        verb="people.read",
        now=now,
        person=7,
        thing="person:7",
        details={"rows": 1},
        reason="call back",
        trace=trace,
    )
    line = AuditEntry.objects.get()
    assert (line.actor, line.actor_label, line.verb, line.at) == (ana, "Ana Marsh", "people.read", now)
    assert (line.person_id, line.thing, line.details, line.reason, line.trace) == (
        7,
        "person:7",
        {"rows": 1},
        "call back",
        trace,
    )
    assert line.person_ids == []


def test_a_search_names_everybody_it_showed(ana, now):
    audit.record(by=ana, verb="people.search", now=now, people=(3, 1, 2))
    assert AuditEntry.objects.get().person_ids == [3, 1, 2]


def test_the_program_acts_under_its_own_label(db, now):
    audit.record(by=System("worker"), verb="messages.send", now=now)
    audit.record(by=SYSTEM, verb="messages.send", now=now)
    assert list(AuditEntry.objects.order_by("id").values_list("actor", "actor_label")) == [
        (None, "worker"),
        (None, "system"),
    ]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded_and_so_nothing_is_done(now):
    with pytest.raises(audit.OutsideTransaction):
        audit.record(by=SYSTEM, verb="people.read", now=now)
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_act_whose_line_can_not_be_written_does_not_happen(hire, now):
    from rapport.trust import breakglass

    user = hire("Ana Marsh")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE trust_auditentry ADD CONSTRAINT full_up CHECK (false) NOT VALID")
    try:
        with pytest.raises(DatabaseError):
            breakglass.open(by=user, person_id=7, reason="The patient collapsed at the door", now=now)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE trust_auditentry DROP CONSTRAINT full_up")
    assert not BreakGlass.objects.exists()


@pytest.mark.parametrize("change", ["UPDATE trust_auditentry SET verb = 'x'", "DELETE FROM trust_auditentry"])
def test_the_database_refuses_to_change_or_remove_a_line(ana, now, change):
    audit.record(by=ana, verb="people.read", now=now, person=7)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert AuditEntry.objects.get().verb == "people.read"


def test_the_transaction_of_a_line_is_stamped_by_the_database_whatever_the_caller_says(ana, now):
    AuditEntry.objects.create(at=now, actor=ana, actor_label="Ana", verb="x", tx=3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tx = pg_current_xact_id()::text::bigint FROM trust_auditentry")
        assert cursor.fetchone() == (True,)
