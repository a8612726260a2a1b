"""The warehouse is the record, without names, seconds later; whatever happens in between."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from rapport.consent.models import ConsentRecord
from rapport.people import erasing, profile
from rapport.people.models import Event, Fact, Merge, Person, Trait
from rapport.people.records import NewFact
from rapport.segments import queries, store, sync, tables
from rapport.segments.language import Consented, Encountered, LivesIn
from rapport.segments.models import CodeName, WarehouseVersion
from rapport.segments.sources import BY_ID, PROFILE, SOURCES, Column, NotForTheWarehouse, Only
from tests import people_cast
from tests.segments.conftest import happen, speak
from tests.segments.other_session import other_session

pytestmark = pytest.mark.usefixtures("warehouse")
VISIT_AT = datetime(2026, 2, 2, 15, 0, tzinfo=UTC)


def test_people_events_consents_and_traits_arrive(now, column):
    pat = people_cast.pat()
    happen(pat, "encounter", VISIT_AT, service_line_id=3, location_id=None)
    happen(pat, "condition", VISIT_AT, code_system="icd10cm", code="M17.11", label="Osteoarthritis of knee")
    speak(pat)
    Trait.objects.create(person=pat, name="score.no_show", number=0.25, source="test", at=now)

    version = sync.refresh(now=now)

    assert (version.people, version.events, version.data_until) == (1, 2, now)
    assert column("SELECT pseudonym, birth_month, sex, zip5, deceased FROM profile") == [
        (pat.pseudonym, date(1971, 3, 1), "F", "01852", False)
    ]
    assert column('SELECT kind, "at", service_line_id FROM event WHERE pseudonym = ? ORDER BY kind', pat.pseudonym) == [
        ("condition", VISIT_AT.replace(tzinfo=None), None),
        ("encounter", VISIT_AT.replace(tzinfo=None), 3),
    ]
    assert column("SELECT channel, topic, status FROM consent_now") == [("email", "health_services", "granted")]
    assert column("SELECT name, number FROM trait") == [("score.no_show", 0.25)]
    assert CodeName.objects.get().label == "Osteoarthritis of knee"


def test_nothing_in_the_warehouse_names_a_person(now, column):
    pat = people_cast.pat()
    happen(pat, "condition", VISIT_AT, code="X", code_system="local", label="Free text about Pat Rivera")
    sync.refresh(now=now)
    everything = "".join(
        str(column(f"SELECT * FROM {table}"))
        for table in ("profile", "event", "fact", "consent_now", "trait", "progress")
    )
    assert str(pat.pseudonym) in everything
    for secret in ("Pat", "Rivera", "pat.rivera@mail.example", str(pat.key), "Elm Street", "1971-03-08"):
        assert secret not in everything


def test_the_files_are_encrypted(now):
    happen(people_cast.pat(), "canary_event_kind", VISIT_AT)
    sync.refresh(now=now)
    for file in store.folder().path.glob("*.duckdb"):
        assert b"canary_event" not in file.read_bytes()


def test_an_increment_brings_only_what_changed_and_keeps_the_rest(now, column):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    happen(pat, "encounter", VISIT_AT)
    first = sync.refresh(now=now)
    happen(quinn, "encounter", VISIT_AT)
    Person.objects.filter(pk=quinn.pk).update(zip5="02139")
    second = sync.refresh(now=now + timedelta(minutes=1))
    assert (second.number, second.events, second.lineage) == (first.number + 1, 2, first.lineage)
    assert column("SELECT zip5 FROM profile WHERE pseudonym = ?", quinn.pseudonym) == [("02139",)]
    assert column("SELECT count(*) FROM profile") == [(2,)]


def test_a_quiet_minute_moves_only_the_freshness(now):
    people_cast.pat()
    first = sync.refresh(now=now)
    again = sync.refresh(now=now + timedelta(minutes=1))
    assert again.number == first.number
    assert store.newest().data_until == now + timedelta(minutes=1)
    assert WarehouseVersion.objects.count() == 1


def test_a_late_fact_about_long_ago_arrives_too(now):
    pat = people_cast.pat()
    sync.refresh(now=now)
    happen(pat, "encounter", datetime(1961, 5, 4, 12, 0, tzinfo=UTC))
    sync.refresh(now=now)
    assert queries.person_ids(Encountered(at_least=1), now, purpose="P1") == [pat.pk]


def test_a_withdrawal_takes_the_yes_away(now):
    pat = people_cast.pat()
    speak(pat)
    sync.refresh(now=now)
    yes = Consented("email", "health_services")
    assert queries.person_ids(yes, now, purpose="P1") == [pat.pk]
    speak(pat, "withdrawn", at=now - timedelta(hours=1), channel="all", topic="all")
    sync.refresh(now=now)
    assert queries.person_ids(yes, now, purpose="P1") == []
    assert queries.person_ids(Consented("sms", "billing", "withdrawn"), now, purpose="P1") == [pat.pk]


def test_an_authorization_is_no_consent_to_messages(now):
    pat = people_cast.pat()
    speak(pat, kind="authorization", channel="all", topic="all")
    sync.refresh(now=now)
    assert queries.person_ids(Consented("email", "health_services"), now, purpose="P1") == []


def test_merged_people_are_one_and_come_apart_again(now, column):
    pat, twin = people_cast.pat(), people_cast.person()
    happen(twin, "encounter", VISIT_AT)
    speak(twin)
    sync.refresh(now=now)
    merge = Merge.objects.create(kept=pat, gone=twin, rule="test", merged_at=now)
    Person.objects.filter(pk=twin.pk).update(merged_into=pat)
    Person.objects.filter(pk=pat.pk).update(changed_at=now)
    sync.refresh(now=now)
    assert queries.person_ids(Encountered(at_least=1), now, purpose="P1") == [pat.pk]
    assert queries.person_ids(Consented("email", "health_services"), now, purpose="P1") == [pat.pk]
    assert column("SELECT count(*) FROM profile") == [(1,)]
    assert column("SELECT count(*) FROM event") == [(1,)]

    Merge.objects.filter(pk=merge.pk).update(undone_at=now)
    Person.objects.filter(pk__in=[pat.pk, twin.pk]).update(merged_into=None)
    sync.refresh(now=now)
    assert queries.person_ids(Encountered(at_least=1), now, purpose="P1") == [twin.pk]
    assert queries.person_ids(Consented("email", "health_services"), now, purpose="P1") == [twin.pk]


def test_a_person_merged_since_the_last_refresh_comes_out_as_the_one_that_is_left(now):
    pat, twin = people_cast.pat(), people_cast.person(zip5="02139")
    sync.refresh(now=now)
    Person.objects.filter(pk=twin.pk).update(merged_into=pat)
    assert queries.person_ids(LivesIn(zips=("02139",)), now, purpose="P1") == [pat.pk]


def test_an_erased_person_leaves_every_table_without_a_rebuild_and_older_copies_go(now, column):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    for one in (pat, quinn):
        happen(one, "encounter", VISIT_AT)
        speak(one)
        Trait.objects.create(person=one, name="score.no_show", number=0.25, source="test", at=now)
        profile.fold(facts=[NewFact(person_id=one.pk, kind="condition", source_key=uuid4(), code="x")], now=now)
    first = sync.refresh(now=now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL rapport.erasing = 'on'")
        for model in (Event, Fact, Trait, ConsentRecord):
            model.objects.filter(person_id=pat.pk).delete()
        erasing.erase(erasing.known_by([pat.pk]), now=now)
    second = sync.refresh(now=now + timedelta(minutes=1))
    assert (second.number, second.lineage) == (first.number + 1, first.lineage), "not built anew"
    for table in ("profile", "event", "fact", "consent_now", "trait"):
        assert column(f"SELECT DISTINCT pseudonym FROM {table}") == [(quinn.pseudonym,)], table
    assert store.folder().numbers() == [second.number]
    assert queries.person_ids(Encountered(at_least=1), now, purpose="P2") == [quinn.pk]
    assert sync.rebuild(now=now + timedelta(minutes=2)).people == 1


def test_a_work_file_of_another_database_is_built_anew(now, column):
    people_cast.pat()
    first = sync.refresh(now=now)
    WarehouseVersion.objects.all().delete()
    Person.objects.all().update(zip5="10001")
    second = sync.refresh(now=now)
    assert second.lineage != first.lineage
    assert second.number > first.number
    assert column("SELECT zip5 FROM profile") == [("10001",)]


def test_a_damaged_work_file_is_built_anew(now, column):
    pat = people_cast.pat()
    sync.refresh(now=now)
    store.folder().work.write_bytes(b"not a database" * 400)
    happen(pat, "encounter", VISIT_AT)
    sync.refresh(now=now)
    assert column("SELECT count(*) FROM event") == [(1,)]


def test_rebuilding_from_zero_gives_the_same_answer(now, column):
    for person in (people_cast.pat(), people_cast.quinn()):
        happen(person, "encounter", VISIT_AT)
        speak(person)
    sync.refresh(now=now)
    tables = ("profile", "event", "consent_now")
    before = [sorted(column(f"SELECT * FROM {table}")) for table in tables]
    sync.rebuild(now=now)
    assert [sorted(column(f"SELECT * FROM {table}")) for table in tables] == before


def test_two_published_versions_are_kept(now):
    pat = people_cast.pat()
    for minute in range(4):
        happen(pat, "encounter", VISIT_AT + timedelta(minutes=minute))
        version = sync.refresh(now=now)
    assert store.folder().numbers() == [version.number - 1, version.number]


def test_events_are_kept_in_order_when_many_are_appended(now, column, monkeypatch):
    monkeypatch.setattr(tables, "UNSORTED_ROWS", 1)
    pat = people_cast.pat()
    for kind in ("payment", "encounter", "claim"):
        happen(pat, kind, VISIT_AT)
        sync.refresh(now=now)
    assert [row[0] for row in column("SELECT kind FROM event")] == ["claim", "encounter", "payment"]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.table)
def test_every_column_of_the_warehouse_is_classed_for_it(source):
    source.check()
    allowed = set(source.model.Privacy.warehouse)
    assert {column.field for column in source.columns} <= allowed
    assert not allowed & set(getattr(source.model.Privacy, "pii", []))
    assert not allowed & set(getattr(source.model.Privacy, "sensitive", []))


def unclassed(source) -> list[str]:
    names = [field.name for field in source.model._meta.local_fields]
    return [name for name in names if name not in source.model.Privacy.warehouse] + ["nonsense"]


@pytest.mark.parametrize(
    ("source", "field"), [(one, field) for one in SOURCES for field in unclassed(one)],
    ids=lambda one: one if isinstance(one, str) else one.table,
)  # fmt: skip
def test_no_source_takes_a_field_that_is_not_classed_for_the_warehouse(source, field):
    for leak in (
        replace(source, columns=(*source.columns, Column("leak", field))),
        replace(source, only=(*source.only, Only(field, "IS NULL"))),
    ):
        with pytest.raises(NotForTheWarehouse, match=field):
            leak.check()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.table)
def test_a_source_whose_column_lost_its_class_is_refused(source, monkeypatch):
    monkeypatch.setattr(source.model.Privacy, "warehouse", ["id", "person", "pseudonym"])
    with pytest.raises(NotForTheWarehouse):
        source.check()


@pytest.mark.parametrize("source", BY_ID, ids=lambda source: source.table)
def test_every_table_of_rows_is_stamped_and_notes_what_is_deleted(source):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname IN ('stamp_tx', 'note_gone') ORDER BY 1",
            [source.model._meta.db_table],
        )
        assert [row[0] for row in cursor.fetchall()] == ["note_gone", "stamp_tx"]
        cursor.execute(
            "SELECT count(*) FROM pg_index i WHERE i.indrelid = %s::regclass AND pg_get_indexdef(i.indexrelid) LIKE '%%(tx)'",
            [source.model._meta.db_table],
        )
        assert cursor.fetchone()[0] == 1


@pytest.mark.parametrize("field", ["given", "birth_date", "nonsense"])
def test_a_column_that_is_not_classed_for_it_is_refused_before_a_row_is_read(field, now, monkeypatch):
    people_cast.pat()
    leak = replace(PROFILE, columns=(*PROFILE.columns, Column("leak", field)))
    monkeypatch.setattr("rapport.segments.pull.SOURCES", (leak,))
    with pytest.raises(NotForTheWarehouse):
        sync.refresh(now=now)
    assert store.newest() is None


def test_a_transaction_that_commits_late_is_not_missed(now):
    """An older transaction, still running during a refresh, commits afterwards: its row must come with the next one."""
    pat = people_cast.pat()
    with other_session() as late:
        late.execute("SELECT pg_current_xact_id()")
        happen(pat, "encounter", VISIT_AT)  # a newer transaction, committed first
        sync.refresh(now=now)
        late.execute("UPDATE people_person SET zip5 = '02139' WHERE id = %s", [pat.pk])
        late.commit()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
    sync.refresh(now=now)
    assert queries.person_ids(LivesIn(zips=("02139",)), now, purpose="P1") == [pat.pk]
    assert queries.person_ids(Encountered(at_least=1), now, purpose="P1") == [pat.pk]
