"""The same broken record again makes no second row: it is counted on the first, and everything still adds up."""

import json
import threading
import time
from collections import Counter

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.integrations import importing, joining, landing, quarantine, refused, take_in, totals
from rapport.integrations.models import Delivery, Landing, Quarantine
from rapport.people.models import Person
from rapport.trust.models import SubjectKey
from tests.integrations.conftest import adds_up
from tests.integrations.fhir_samples import bundle, ndjson, observation, patient

BROKEN = patient("2", birthDate="0000-00-00")


def counts(done) -> tuple[int, int, int, int]:
    return tuple(done.tally[name] for name in ("read", "quarantined", "duplicates", "held_again"))


@pytest.mark.django_db
def test_twice_in_one_file_and_again_in_the_next_is_one_row_that_counts(take_file, clock):
    spaced = json.dumps(BROKEN, indent=None, separators=(" , ", " : ")).encode()
    first = take_file("a.ndjson", ndjson(BROKEN, patient("1")) + spaced + b"\n{not json}\n{not json}")
    assert counts(first) == (5, 2, 2, 2)
    clock.forward(days=1)
    again = take_file("b.json", json.dumps(bundle(BROKEN, patient("1"))).encode())
    assert counts(again) == (2, 0, 2, 1)
    row = Quarantine.objects.get(resource_type="Patient")
    assert (row.line, row.seen, row.last_seen_at) == (1, 3, clock.now())
    assert sorted(Quarantine.objects.values_list("seen", flat=True)) == [2, 3]
    assert Delivery.objects.last().counts["kinds"]["Patient"] == {"read": 2, "duplicates": 2, "held_again": 1}
    assert adds_up()


@pytest.mark.django_db
def test_rows_without_a_whole_record_are_the_same_only_where_they_stood(take_file):
    """Two letters that break off are two, though nothing is left of either to compare."""
    cut = [json.dumps(bundle(patient(name)))[:-2] + ", " for name in ("1", "2")]
    for name, raw in (("a.json", cut[0]), ("b.json", cut[1]), ("a.json", cut[0])):
        take_file(name, raw.encode())
    assert sorted(Quarantine.objects.values_list("seen", flat=True)) == [1, 2]
    assert adds_up()


@pytest.mark.django_db
def test_what_a_person_decided_holds_as_long_as_the_same_is_wrong(take_file, dee, now):
    """Mended, it is not asked for again; dismissed, it stays dismissed. What was taken in as it came is looked at anew."""
    other, waits = patient("3", name=[]), observation("o", "9")
    take_file("a.ndjson", ndjson(BROKEN, other, waits))
    mended, dismissed, waiting = Quarantine.objects.order_by("line")
    quarantine.mend(by=dee, row=mended, text=json.dumps(patient("2")), now=now)
    quarantine.dismiss(by=dee, row=dismissed, reason="A test record.", now=now)
    again = take_file("b.ndjson", ndjson(BROKEN, other, waits))
    assert counts(again) == (3, 0, 3, 3)
    assert list(Quarantine.objects.order_by("line").values_list("state", "seen")) == [
        ("replayed", 2), ("dismissed", 2), ("open", 2),
    ]  # fmt: skip
    mended.refresh_from_db()
    assert quarantine.text_of(mended) == json.dumps(patient("2"))
    Quarantine.objects.filter(pk=dismissed.pk).update(reason="something else was wrong with it then")
    Quarantine.objects.filter(pk=waiting.pk).update(state="replayed")  # its patient had come, and is gone since
    Landing.objects.filter(pk=waiting.landing_id).update(quarantined=1, accepted=2)
    assert counts(take_file("c.ndjson", ndjson(other, waits))) == (2, 2, 0, 0)
    assert adds_up()


@pytest.mark.django_db
def test_a_row_that_is_being_mended_keeps_its_text_and_its_reason(take_file, dee, now):
    take_file("a.ndjson", ndjson(BROKEN))
    row = quarantine.mend(by=dee, row=Quarantine.objects.get(), text=json.dumps(patient("2", name=[])), now=now)
    assert counts(take_file("a.ndjson", ndjson(BROKEN))) == (1, 0, 1, 1)
    row.refresh_from_db()
    assert (row.seen, row.path) == (2, "Patient.name")
    assert quarantine.mend(by=dee, row=row, text=json.dumps(patient("2")), now=now).state == "replayed"
    assert adds_up()


@pytest.mark.django_db
def test_the_key_says_nothing_of_the_record_and_one_key_seals_one_row(take_file):
    for _ in range(3):
        take_file("a.ndjson", ndjson(BROKEN))
    row = Quarantine.objects.get()
    assert len(row.fingerprint) == 16
    sealed = {
        row.key,
        *Landing.objects.values_list("key", flat=True),
        *Delivery.objects.values_list("trace", flat=True),
    }
    assert set(SubjectKey.objects.values_list("subject", flat=True)) == sealed


PIECES = st.sampled_from([
    patient("1"), patient("2"), BROKEN, patient("3", name=[]), observation("a", "1"), observation("b", "2"), observation("c", "9"),
    observation("c", "9", status="final", note=[{"text": "x"}]), b"{", b"", b"[1]", b'{"resourceType":"Patient"}', b'{"id":"x"}',
])  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.lists(PIECES, min_size=1, max_size=8), min_size=1, max_size=2), times=st.integers(1, 3))
def test_totals_add_up_for_any_file_imported_any_number_of_times(feed, now, files, times):
    with transaction.atomic():
        for lines in files * times:
            raw = b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines)
            delivery = landing.open_delivery(source=feed, file_name="x.ndjson", now=now)
            landing.receive(source=feed, raw=raw, form="fhir_ndjson", now=now, delivery=delivery)
            taken = take_in.take(landings=take_in.claim(limit=5, now=now), now=now)
            assert taken["read"] == sum(1 for one in lines if one)
            assert taken["read"] == taken["accepted"] + taken["quarantined"] + taken["duplicates"]
            assert taken["held_again"] <= taken["duplicates"]
        for delivery in Delivery.objects.filter(source=feed):
            assert {name: delivery.counts[name] for name in totals.NAMES} == totals.of_delivery(delivery)
        rows = Quarantine.objects.all()
        assert max(Counter(bytes(row.fingerprint) for row in rows).values(), default=0) <= 1
        texts = Counter(quarantine.texts_of(rows).values())
        assert max(texts.values(), default=0) <= 1
        assert adds_up()
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_make_one_row_and_count_both(feed, now):
    raw = ndjson(*[patient(str(n), birthDate="0000-00-00") for n in range(30)])
    for _ in range(4):
        landing.receive(source=feed, raw=raw, form="fhir_ndjson", now=now)
    start, failed = threading.Barrier(2), []

    def work():
        try:
            for _ in range(2):
                start.wait(10)
                with transaction.atomic():
                    take_in.take(landings=take_in.claim(limit=1, now=now), now=now)
        except Exception as error:  # noqa: BLE001 - shown by the test
            failed.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert failed == []
    assert set(Quarantine.objects.values_list("seen", flat=True)) == {4}
    assert Quarantine.objects.count() == 30
    assert Landing.objects.filter(state="taken", held_again=30).count() == 3
    assert adds_up()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("late", [0.0, 1.5], ids=["the import starts over", "the person starts over"])
def test_an_import_that_meets_a_person_who_is_mending_the_same_record_goes_on_and_so_does_she(
    take_file, dee, now, monkeypatch, late
):
    """She holds the row and needs the key of what she mended; the import holds that key and needs the row.

    PostgreSQL ends whoever has waited a second and finds the ring closed: the import, when she comes within that second.
    """
    take_file("a.ndjson", ndjson(BROKEN))
    row, holds, again, begun = Quarantine.objects.get(), threading.Event(), quarantine._again, []

    def when_the_import_waits(*asked):
        begun.append(asked)
        holds.set()
        if len(begun) == 1:
            while not waiting():
                time.sleep(0.02)
            time.sleep(late)
        return again(*asked)

    def mending():
        try:
            with transaction.atomic():  # as a request is
                quarantine.mend(by=dee, row=row, text=json.dumps(patient("1")), now=now)
        finally:
            connection.close()

    other = threading.Thread(target=mending)
    monkeypatch.setattr(quarantine, "_again", when_the_import_waits)
    landed, land = [], importing.land
    monkeypatch.setattr(importing, "land", lambda *asked: landed.append(asked) or land(*asked))
    other.start()
    assert holds.wait(10)
    done = take_file("b.ndjson", ndjson(patient("1"), BROKEN))
    other.join(10)
    row.refresh_from_db()
    assert (row.state, row.seen, Quarantine.objects.count()) == ("replayed", 2, 1)
    assert json.loads(quarantine.text_of(row)) == patient("1")
    assert (done.tally["read"], done.tally["held_again"]) == (2, 1)
    assert len(begun) + len(landed) >= 3, "at least one of the two started over"
    assert Person.objects.count() == 1
    assert adds_up()


def waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db
def test_doubles_from_before_become_one_row_and_what_was_edited_is_kept(take_file, dee, now):
    """As the migration finds them: no fingerprints, one row an arrival."""
    names = ("a.ndjson", "b.ndjson", "c.ndjson")
    for name in names:
        take_file(name, ndjson(BROKEN, observation("o", "9"), patient("1")) + b"\n{not json}")
        Quarantine.objects.update(fingerprint=None)
    edited = Quarantine.objects.filter(resource_type="Patient").order_by("id")[1]
    quarantine.mend(by=dee, row=edited, text=json.dumps(patient("2", name=[])), now=now)
    assert Quarantine.objects.count() == 9
    assert joining.join_doubles(now) == 6
    assert list(Quarantine.objects.order_by("line").values_list("seen", flat=True)) == [3, 3, 3]
    assert json.loads(quarantine.text_of(Quarantine.objects.get(resource_type="Patient")))["name"] == []
    assert [one.held_again for one in Landing.objects.order_by("id")] == [1, 2, 3]
    for delivery in Delivery.objects.all():
        assert {name: delivery.counts[name] for name in totals.NAMES} == totals.of_delivery(delivery)
    assert adds_up()
    again = take_file("d.ndjson", ndjson(BROKEN, observation("o", "9")) + b"\n{not json}")
    assert counts(again) == (3, 0, 3, 3)
    assert joining.join_doubles(now) == 0


@pytest.mark.django_db
def test_what_could_not_even_be_opened_does_not_stop_the_joining(take_file, feed, now):
    """The beginning of a broken line is no refusal written by us; such rows keep no fingerprint."""
    for excerpt in (b"\x00\x01 no JSON", b'"x"', b"[1]"):
        one = refused.Refusal(3, "", "a line is too long", excerpt=excerpt)
        landing.receive(source=feed, raw=refused.pack(one), form=refused.FORM, now=now)
    take_in.take(landings=take_in.claim(limit=5, now=now), now=now)
    Quarantine.objects.update(fingerprint=None)
    assert joining.join_doubles(now) == 0
    assert set(Quarantine.objects.values_list("fingerprint", flat=True)) == {None}
