"""What stands in the newer tables of the warehouse, and how each of them is kept right."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from rapport.consent import preferences
from rapport.consent.models import Preference
from rapport.directory.models import Payer
from rapport.governance import erasing
from rapport.kit import partitions
from rapport.people import merges, profile
from rapport.people.models import Gone, Household, Person, Relationship, Trait
from rapport.people.records import NewFact
from rapport.segments import pull, store, sync, tables
from rapport.trust.actors import System
from tests import people_cast
from tests.segments.conftest import happen, speak
from tests.segments.other_session import other_session

pytestmark = pytest.mark.usefixtures("warehouse")
VISIT_AT = datetime(2026, 2, 2, 15, 0, tzinfo=UTC)
BY = System("test")


def covered(person, key=None, **said) -> None:
    fact = NewFact(person_id=person.pk, kind="coverage", source_key=key or uuid4(), **said)
    profile.fold(facts=[fact], now=VISIT_AT)


def test_it_knows_since_when_we_know_somebody_and_in_what_a_value_is_measured(now, column):
    pat = people_cast.person(now=datetime(2024, 6, 1, 12, 30, tzinfo=UTC))
    happen(pat, "observation", VISIT_AT, code_system="loinc", code="4548-4", value=7, unit="%")
    sync.refresh(now=now)
    assert column("SELECT known_since FROM profile") == [(datetime(2024, 6, 1, 12, 30),)]
    assert column("SELECT value, unit FROM event") == [(7.0, "%")]


def test_a_household_is_who_lives_together_and_nothing_else(now, column):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    house = Household.objects.create(created_at=now)
    Relationship.objects.create(person=pat, household=house, kind="member", starts_on=date(2020, 1, 1))
    Relationship.objects.create(person=quinn, household=house, kind="guarantor")
    Relationship.objects.create(person=quinn, other=pat, kind="member")
    sync.refresh(now=now)
    assert column("SELECT pseudonym, household_id, starts_on, ends_on FROM household") == [
        (pat.pseudonym, house.pk, date(2020, 1, 1), None)
    ]
    Relationship.objects.filter(person=quinn, kind="guarantor").update(kind="member")
    Relationship.objects.filter(person=pat).update(kind="spouse")
    sync.refresh(now=now)
    assert column("SELECT pseudonym FROM household") == [(quinn.pseudonym,)]


def test_wishes_are_the_newest_of_a_human_being_whichever_record_said_them(now, column):
    pat, twin = people_cast.pat(), people_cast.person()
    preferences.say(by=BY, person_id=pat.pk, wish=preferences.Wish(at_most=4), via="test", now=now - timedelta(days=2))
    sync.refresh(now=now)
    Preference.objects.create(person=twin, at_most=1, feeling="too_much", via="test", at=now - timedelta(days=1))
    sync.refresh(now=now)
    assert sorted(column("SELECT pseudonym, at_most FROM preference_now")) == sorted(
        [(pat.pseudonym, 4), (twin.pseudonym, 1)]
    )
    merge = merges.merge(by=BY, kept=pat, gone=twin, rule="test", now=now)
    sync.refresh(now=now)
    assert column("SELECT pseudonym, at_most, pause_until, feeling FROM preference_now") == [
        (pat.pseudonym, 1, None, "too_much")
    ]
    merges.unmerge(by=BY, merge=merge, now=now)
    sync.refresh(now=now)
    assert (pat.pseudonym, 4) in column("SELECT pseudonym, at_most FROM preference_now")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"code": "medicare", "label": "Blue Shield"}, "medicare"),
        ({"code": "MEMBER-4711", "label": "Blue Shield"}, "commercial"),
        ({"label": "Unheard Of Mutual"}, "other"),
        ({"code": "SUBSCRIBER-12", "label": ""}, "other"),
    ],
)
def test_of_a_coverage_only_the_class_of_the_payer_enters(now, column, said, wanted):
    Payer.objects.create(name="Blue Shield", payer_class="commercial")
    covered(people_cast.pat(), **said)
    sync.refresh(now=now)
    assert column("SELECT kind, code FROM fact") == [("coverage", wanted)]


def test_a_payer_that_is_classed_anew_changes_the_coverages_that_stand_already(now, column):
    pat = people_cast.pat()
    covered(pat, label="Evergreen")
    happen(pat, "encounter", VISIT_AT)
    first = sync.refresh(now=now)
    payer = Payer.objects.create(name="Evergreen", payer_class="medicaid")
    assert sync.refresh(now=now).lineage == first.lineage
    assert column("SELECT code FROM fact") == [("medicaid",)]
    Payer.objects.filter(pk=payer.pk).update(name="Evergreen of Vermont")
    sync.refresh(now=now)
    assert column("SELECT code FROM fact") == [("other",)]


def test_what_is_deleted_is_deleted_here_too_and_the_note_of_it_goes(now, column):
    pat, quinn = people_cast.pat(), people_cast.quinn()
    for person in (pat, quinn):
        Trait.objects.create(person=person, name="gap.mammogram", text="open", source="test", at=now)
    house = Household.objects.create(created_at=now)
    Relationship.objects.create(person=pat, household=house, other=quinn, kind="member")
    sync.refresh(now=now)
    Trait.objects.filter(person=pat).delete()
    Relationship.objects.filter(other=quinn).delete()
    assert set(Gone.objects.values_list("name", flat=True)) == {"people_trait", "people_relationship"}
    sync.refresh(now=now)
    assert column("SELECT pseudonym FROM trait") == [(quinn.pseudonym,)]
    assert column("SELECT count(*) FROM household") == [(0,)]
    happen(pat, "encounter", VISIT_AT)
    sync.refresh(now=now)
    assert not Gone.objects.exists()


def test_moving_events_to_their_month_is_no_deletion(now, column):
    happen(people_cast.pat(), "encounter", datetime(2009, 2, 2, tzinfo=UTC))
    sync.refresh(now=now)
    partitions.ensure(table="people_event", first=date(2009, 2, 1), last=date(2009, 2, 1))
    assert not Gone.objects.exists()
    sync.refresh(now=now)
    assert column("SELECT count(*) FROM event") == [(1,)]


def test_what_an_earlier_merge_left_behind_follows_a_later_one(now, column):
    """Kim became Lee long ago and kept her own consents; now Lee becomes Max."""
    kim, lee, max_ = (people_cast.person() for _ in range(3))
    speak(kim)
    for one in (kim, lee):
        Trait.objects.create(person=one, name="score.no_show", number=0.5, source="test", at=now)
    merges.merge(by=BY, kept=lee, gone=kim, rule="test", now=now)
    sync.refresh(now=now)
    merge = merges.merge(by=BY, kept=max_, gone=lee, rule="test", now=now)
    sync.refresh(now=now)
    for table in ("consent_now", "trait"):
        assert column(f"SELECT DISTINCT pseudonym FROM {table}") == [(max_.pseudonym,)], table
    merges.unmerge(by=BY, merge=merge, now=now)
    sync.refresh(now=now)
    for table in ("consent_now", "trait"):
        assert column(f"SELECT DISTINCT pseudonym FROM {table}") == [(lee.pseudonym,)], table


def test_a_merge_that_is_undone_before_one_of_the_two_is_erased_leaves_nothing_with_the_other(now, column):
    """Both between two refreshes: the erasure takes the record of the merge with it."""
    kim, lee = people_cast.person(), people_cast.person()
    speak(kim)
    Preference.objects.create(person=kim, at_most=1, via="test", at=now)
    merge = merges.merge(by=BY, kept=lee, gone=kim, rule="test", now=now)
    sync.refresh(now=now)
    merges.unmerge(by=BY, merge=merge, now=now)
    erasing.erase(by=BY, person_id=kim.pk, now=now, reason="test")
    sync.refresh(now=now)
    for table in ("consent_now", "preference_now"):
        assert column(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_a_consent_expires_and_another_begins_while_nobody_writes(now, column):
    pat = people_cast.pat()
    speak(pat, at=now - timedelta(days=9), topic="care")
    speak(pat, "withdrawn", at=now - timedelta(days=2), topic="care", expires_at=now + timedelta(days=3))
    speak(pat, at=now + timedelta(days=5), topic="survey")
    first = sync.refresh(now=now)
    said = 'SELECT topic, status FROM consent_now ORDER BY "topic"'
    assert column(said) == [("care", "withdrawn")]
    assert sync.refresh(now=now + timedelta(days=2)).number == first.number
    sync.refresh(now=now + timedelta(days=4))
    assert column(said) == [("care", "granted")]
    sync.refresh(now=now + timedelta(days=6))
    assert column(said) == [("care", "granted"), ("survey", "granted")]


def test_a_long_transaction_of_somebody_else_holds_nothing_up(now, column):
    """What others committed meanwhile is in at once, so that `data_until` is true; and it is not read a second time."""
    pat = people_cast.pat()
    first = sync.refresh(now=now)
    with other_session() as long:
        long.execute("UPDATE people_person SET zip5 = '02139' WHERE id = %s", [pat.pk])
        happen(pat, "encounter", VISIT_AT)
        second = sync.refresh(now=now + timedelta(minutes=1))
        assert second.number > first.number
        assert column("SELECT count(*) FROM event") == [(1,)]
        third = sync.refresh(now=now + timedelta(minutes=2))
        assert (third.number, third.data_until) == (second.number, now + timedelta(minutes=2))
        long.commit()
    sync.refresh(now=now + timedelta(minutes=3))
    assert column("SELECT zip5 FROM profile") == [("02139",)]


def test_a_refresh_that_was_left_out_does_not_pretend_to_be_fresh(now):
    pat = people_cast.pat()
    first = sync.refresh(now=now)
    happen(pat, "encounter", VISIT_AT)
    soon = now + timedelta(seconds=2)
    assert sync.keep_fresh(now=soon).data_until == now, "too soon after the last one"
    with store.folder().writing():
        later = sync.refresh(now=now + timedelta(minutes=1))
        assert (later.number, later.data_until) == (first.number, now), "somebody else was writing"
    assert sync.keep_fresh(now=now + timedelta(minutes=2)).data_until == now + timedelta(minutes=2)


def test_a_work_file_of_an_older_schema_is_built_anew_by_itself(now, column, monkeypatch):
    people_cast.pat()
    older = tables.SCHEMA.replace("zip5 VARCHAR NOT NULL, ", "zip5 VARCHAR NOT NULL, forgotten VARCHAR, ")
    with monkeypatch.context() as past:
        past.setattr(tables, "SCHEMA", older)
        sync._made_by.cache_clear()
        first = sync.refresh(now=now)
        assert column("SELECT forgotten FROM profile") == [(None,)]
    sync._made_by.cache_clear()
    with pytest.raises(store.NoWarehouse, match="again"):
        store.snapshot()
    second = sync.keep_fresh(now=now + timedelta(seconds=1))
    assert second.lineage != first.lineage
    assert "forgotten" not in [
        row[0] for row in column("SELECT column_name FROM duckdb_columns() WHERE table_name = 'profile'")
    ]
    assert store.folder().numbers() == [second.number]


def test_a_program_that_means_something_else_by_the_same_table_builds_it_anew(now, monkeypatch):
    people_cast.pat()
    first = sync.refresh(now=now)
    sync._made_by.cache_clear()
    monkeypatch.setattr(pull, "meaning", lambda: "another")
    monkeypatch.setattr(tables, "meaning", lambda: "another")
    second = sync.refresh(now=now)
    sync._made_by.cache_clear()
    assert second.lineage != first.lineage


def test_a_row_without_a_change_is_not_read_again(now, monkeypatch):
    people_cast.pat()
    version = sync.refresh(now=now)
    with pull.reading(now) as reader:
        again = reader.changed(next(one for one in pull.SOURCES if one.table == "profile"), pull.seen_by(version))
        assert again.read_all().num_rows == 0
    assert Person.objects.count() == 1


def test_a_writer_killed_before_the_pointer_row_is_gone_on_from(now, column, monkeypatch):
    """The erased are forgotten and the copy that held them goes, although the work file had noted them before the kill."""
    pat, quinn = people_cast.pat(), people_cast.quinn()
    first = sync.refresh(now=now)
    erasing.erase(by=BY, person_id=pat.pk, now=now, reason="test")
    happen(quinn, "condition", VISIT_AT, code_system="icd10cm", code="M17.11", label="Osteoarthritis of knee")

    class Killed(BaseException):
        pass

    def killed(*_args, **_values):
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(sync.Writer, "publish", killed)
        with pytest.raises(Killed):
            sync.refresh(now=now)
    second = sync.refresh(now=now)
    assert second.lineage == first.lineage
    assert second.stands_alone
    assert store.folder().numbers() == [second.number]
    assert column("SELECT pseudonym FROM profile") == [(quinn.pseudonym,)]
    with monkeypatch.context() as broken:
        broken.setattr(sync, "_prune", killed)
        happen(quinn, "encounter", VISIT_AT)
        with pytest.raises(Killed):
            sync.refresh(now=now)
    assert sync.refresh(now=now + timedelta(minutes=1)).number == second.number + 1
    assert column("SELECT count(*) FROM event") == [(2,)]
