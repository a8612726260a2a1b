"""The sealed chain: what has settled is sealed once, and any hand that touches it afterwards is found."""

import threading
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection, transaction

from rapport.trust import audit, audit_heads, audit_seal, audit_verify
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, AuditSeal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heads(tmp_path):
    return tmp_path / "heads.log"


@pytest.fixture
def trail(heads, now):
    """Nine lines in three seals."""

    def write(count=3, verb="people.read"):
        for n in range(count):
            with transaction.atomic():
                audit.record(
                    by=SYSTEM, verb=verb, now=now, person=n + 1, details={"b": n, "a": [1.5, None]}, reason="é"
                )
        return audit_seal.seal(now=now, heads=heads)

    for _ in range(3):
        write()
    return write


@contextmanager
def as_table_owner():
    """What a database administrator can do: switch the triggers off."""
    with connection.cursor() as cursor:
        for table in ("trust_auditentry", "trust_auditseal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            yield cursor
        finally:
            for table in ("trust_auditentry", "trust_auditseal"):
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def kinds(heads):
    return {(one.kind, one.seal) for one in audit_verify.verify(heads=heads).findings}


def ids():
    return list(AuditEntry.objects.order_by("id").values_list("id", flat=True))


def test_an_untouched_trail_is_whole(trail, heads):
    proof = audit_verify.verify(heads=heads)
    assert proof.whole
    assert (proof.seals, proof.entries, proof.waiting) == (3, 9, 0)
    assert proof.head == audit_heads.read(heads)[-1].digest
    assert heads.stat().st_mode & 0o777 == 0o600


def test_what_another_database_of_the_server_finishes_meanwhile_is_no_clock_that_went_back(heads, now, monkeypatch):
    where = {
        key: value
        for key, value in connection.get_connection_params().items()
        if key in ("host", "port", "user", "password")
    }
    with psycopg.connect(**where, dbname="postgres") as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        with transaction.atomic():
            audit.record(by=SYSTEM, verb="people.read", now=now, person=1)
        assert audit_seal.seal(now=now, heads=heads).entries == 1, "a transaction of another database can't write here"
        outside = audit_verify._outside

        def meanwhile(*given):
            elsewhere.commit()
            return outside(*given)

        monkeypatch.setattr(audit_verify, "_outside", meanwhile)
        assert audit_verify.verify(heads=heads).findings == []


def test_an_empty_trail_is_whole_and_nothing_is_sealed(heads, now):
    assert audit_seal.seal(now=now, heads=heads) is None
    assert audit_verify.verify(heads=heads).whole


def test_without_new_lines_there_is_no_new_seal(trail, heads, now):
    assert audit_seal.seal(now=now, heads=heads) is None
    assert len(audit_heads.read(heads)) == 3


CHANGES = [
    "verb = 'people.export'",
    "at = at + interval '1 microsecond'",
    "actor_label = 'Somebody'",
    "person_id = 99",
    "person_ids = '[4]'",
    "details = jsonb_set(details, '{b}', '7')",
    "reason = 'e'",
    "thing = ' '",
    "trace = gen_random_uuid()",
    "person_id = NULL",
]


def test_a_changed_line_is_found_whatever_was_changed(trail, heads):
    for change in CHANGES:
        with transaction.atomic():
            with as_table_owner() as cursor:
                cursor.execute(f"UPDATE trust_auditentry SET {change} WHERE id = {ids()[4]}")
            assert kinds(heads) == {("changed", 2)}, change
            transaction.set_rollback(True)
    assert kinds(heads) == set()


def test_a_removed_line_is_found(trail, heads):
    with as_table_owner() as cursor:
        cursor.execute(f"DELETE FROM trust_auditentry WHERE id = {ids()[4]}")
    assert kinds(heads) == {("deleted", 2)}


def test_an_added_line_is_found(trail, heads):
    with as_table_owner() as cursor:
        cursor.execute(
            "INSERT INTO trust_auditentry (at, actor_label, verb, person_ids, thing, details, reason, tx)"
            f" SELECT at, actor_label, verb, person_ids, thing, details, reason, tx FROM trust_auditentry WHERE id = {ids()[4]}"
        )
    assert kinds(heads) == {("added", 2)}


def test_two_exchanged_lines_are_found(trail, heads):
    one, two = ids()[3:5]
    with as_table_owner() as cursor:
        cursor.execute(f"UPDATE trust_auditentry SET id = -1 WHERE id = {one}")
        cursor.execute(f"UPDATE trust_auditentry SET id = {one} WHERE id = {two}")
        cursor.execute(f"UPDATE trust_auditentry SET id = {two} WHERE id = -1")
    assert kinds(heads) == {("changed", 2)}


def test_a_line_moved_to_another_seal_is_found(trail, heads):
    with as_table_owner() as cursor:
        cursor.execute(
            f"UPDATE trust_auditentry SET tx = (SELECT tx FROM trust_auditentry WHERE id = {ids()[0]}) WHERE id = {ids()[4]}"
        )
    assert kinds(heads) == {("added", 1), ("deleted", 2)}


def test_a_cut_off_tail_is_found_by_the_file_outside(trail, heads):
    with as_table_owner() as cursor:
        cursor.execute(
            "DELETE FROM trust_auditentry WHERE tx >= (SELECT from_tx FROM trust_auditseal WHERE number = 3)"
        )
        cursor.execute("DELETE FROM trust_auditseal WHERE number = 3")
    assert kinds(heads) == {("truncated", 3)}


def test_a_trail_emptied_altogether_is_found(trail, heads):
    with as_table_owner() as cursor:
        cursor.execute("TRUNCATE trust_auditentry")
        cursor.execute("TRUNCATE trust_auditseal")
    assert kinds(heads) == {("truncated", 1), ("truncated", 2), ("truncated", 3)}


def test_a_removed_seal_in_the_middle_is_found(trail, heads):
    with as_table_owner() as cursor:
        cursor.execute("DELETE FROM trust_auditseal WHERE number = 2")
    assert ("chain", 3) in kinds(heads)
    assert ("truncated", 2) in kinds(heads)


def test_a_removed_first_seal_is_found(trail, heads):
    with as_table_owner() as cursor:
        cursor.execute("DELETE FROM trust_auditseal WHERE number = 1")
    assert ("chain", 2) in kinds(heads)


def test_exchanged_seals_are_found(trail, heads):
    with as_table_owner() as cursor:
        cursor.execute("UPDATE trust_auditseal SET number = number + 10 WHERE number IN (1, 2)")
        cursor.execute("UPDATE trust_auditseal SET number = CASE number WHEN 11 THEN 2 ELSE 1 END WHERE number > 10")
    assert {one for one, _seal in kinds(heads)} >= {"chain", "rewritten"}


def test_a_chain_computed_anew_over_a_changed_line_is_found_by_the_file_outside(trail, heads, now):
    """Somebody with all rights in the database, who knows our arithmetic, changes a line and seals everything again."""
    with as_table_owner() as cursor:
        cursor.execute(f"UPDATE trust_auditentry SET person_id = 99 WHERE id = {ids()[4]}")
        previous = audit_verify.GENESIS
        for seal in AuditSeal.objects.order_by("number"):
            again = audit_verify.cover(
                number=seal.number, from_tx=seal.from_tx, until_tx=seal.until_tx, previous=previous
            )
            cursor.execute(
                "UPDATE trust_auditseal SET digest = %s, previous = %s WHERE number = %s",
                [again.digest, previous, seal.number],
            )
            previous = again.digest
    assert kinds(heads) == {("rewritten", 2), ("rewritten", 3)}
    with transaction.atomic():
        audit.record(by=SYSTEM, verb="people.read", now=now)
    with pytest.raises(audit_seal.HeadsDisagree):
        audit_seal.seal(now=now, heads=heads)


def test_a_cut_or_rewritten_file_of_heads_is_found(trail, heads):
    whole = heads.read_text()
    heads.write_text("\n".join(whole.splitlines()[:1]) + "\n")
    assert ("heads", 1) in kinds(heads)
    heads.write_text(whole.replace(" 3 ", " 4 ", 1))
    assert {one for one, _ in kinds(heads)} == {"rewritten"}
    heads.write_text("nonsense\n" + whole)
    assert kinds(heads) == {("heads", 0)}
    heads.unlink()
    assert ("heads", 0) in kinds(heads)


def test_a_crash_between_commit_and_file_heals_with_the_next_seal(trail, heads, now):
    whole = heads.read_text()
    heads.write_text("\n".join(whole.splitlines()[:2]) + "\n3 torn")
    assert audit_verify.verify(heads=heads).whole
    trail(1)
    assert [one.number for one in audit_heads.read(heads)] == [1, 2, 3, 4]
    assert audit_verify.verify(heads=heads).whole


def test_rolled_back_lines_leave_gaps_that_mean_nothing(trail, heads, now):
    with transaction.atomic():
        audit.record(by=SYSTEM, verb="people.read", now=now)
        transaction.set_rollback(True)
    trail(2)
    assert audit_verify.verify(heads=heads).whole


def test_a_long_transaction_is_sealed_later_and_not_missed(trail, heads, now):
    """A line with an early id commits after later lines: everything from that transaction on waits."""
    written, go = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                audit.record(by=SYSTEM, verb="slow.one", now=now)
                written.set()
                assert go.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    assert trail(2) is None, "lines after an open transaction are not settled"
    assert audit_seal.unsealed() == 2
    go.set()
    thread.join()
    assert audit_seal.seal(now=now, heads=heads).entries == 3
    assert AuditEntry.objects.filter(verb="slow.one").get().pk < ids()[-1]
    assert audit_verify.verify(heads=heads).whole


def test_two_sealers_at_once_make_one_chain(trail, heads, now):
    for _ in range(6):
        with transaction.atomic():
            audit.record(by=SYSTEM, verb="people.read", now=now)
    failed = []

    def run():
        try:
            audit_seal.seal(now=now, heads=heads)
        except Exception as error:  # noqa: BLE001 - looked at below, in the test's own thread
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not failed
    assert audit_verify.verify(heads=heads).whole
    assert AuditSeal.objects.count() == 4


def test_a_head_that_another_sealer_noted_first_is_not_written_twice(trail, heads, now):
    """Between the commit of a seal and the writing of its head the next sealer may have caught up for us."""
    late = list(AuditSeal.objects.filter(number__gte=2).order_by("number"))
    audit_heads.append(heads, late)
    assert [one.number for one in audit_heads.read(heads)] == [1, 2, 3]
    assert audit_verify.verify(heads=heads).whole


def test_a_restored_database_refuses_lines_until_its_clock_is_moved_on(trail, heads, now):
    """A dump restored on a new server counts its transactions from the start again."""
    with as_table_owner() as cursor:  # the same picture: what is sealed lies far ahead of this server's count
        cursor.execute("UPDATE trust_auditentry SET tx = tx + 1000000")
        cursor.execute("UPDATE trust_auditseal SET from_tx = from_tx + 1000000 WHERE number > 1")
        cursor.execute("UPDATE trust_auditseal SET until_tx = until_tx + 1000000")
    with pytest.raises(Exception, match="rapport audit adopt"), transaction.atomic():
        audit.record(by=SYSTEM, verb="people.read", now=now)
    assert ("clock", 3) in kinds(heads)
    assert audit_seal.adopt(now=now) > 0
    assert audit_seal.adopt(now=now) == 0
    with transaction.atomic():
        audit.record(by=SYSTEM, verb="people.read", now=now)
    assert audit_seal._next(AuditSeal.objects.order_by("-number").first(), now).entries == 2
