"""The journal outlives the database: private, append-only, without a name; and it erases again what a backup brings back."""

import stat

import pytest

from rapport.consent.models import Suppression
from rapport.governance import erasing, erasure_journal, reapplying
from rapport.people.models import ErasedDigest, Person
from rapport.trust.models import AuditEntry
from tests.governance import erasure_world as world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def journal(tmp_path, monkeypatch):
    monkeypatch.setattr(erasure_journal, "place", lambda: tmp_path / "erasures.log")
    return tmp_path / "erasures.log"


@pytest.fixture
def erased(cole, now, django_capture_on_commit_callbacks):
    canary = world.arrive(now)
    world.live(canary, cole, now)
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(by=cole, person_id=canary.pk, now=now)
    return canary


def test_it_is_private_and_holds_no_name(erased, journal):
    text = journal.read_text()
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert not [word for word in world.WORDS if word.casefold() in text.casefold()]
    (entry,) = erasure_journal.read()
    assert entry.people == (erased.key,)
    assert entry.pseudonyms == (erased.pseudonym,)
    assert {kind for kind, _ in entry.addresses} == {"email", "phone"}
    assert len(entry.identifiers) == 2


def test_a_torn_last_line_counts_as_not_written_and_is_written_over(erased, journal):
    entries = erasure_journal.read()
    journal.write_text(journal.read_text() + '{"at":"2026-')
    assert erasure_journal.read() == entries
    erasure_journal.append(entries)
    assert len(journal.read_text().splitlines()) == 1


def test_a_damaged_line_is_named_and_nothing_is_guessed(erased, journal):
    journal.write_text("nonsense\n" + journal.read_text())
    with pytest.raises(erasure_journal.JournalDamaged, match="line 1"):
        reapplying.apply(now=erased.created_at)


def test_an_erasure_that_a_crash_kept_out_of_the_journal_is_noted_at_the_next_start(erased, journal, now):
    whole = erasure_journal.read()
    journal.unlink()
    assert reapplying.apply(now=now).noted == 1
    (again,) = erasure_journal.read()
    assert (again.people, set(again.identifiers), set(again.addresses)) == (
        whole[0].people,
        set(whole[0].identifiers),
        set(whole[0].addresses),
    )


def test_with_nothing_to_do_nothing_is_done_and_nothing_is_asked_twice(erased, now, django_assert_max_num_queries):
    before = AuditEntry.objects.count()
    with django_assert_max_num_queries(20):
        done = reapplying.apply(now=now)
    assert done.nothing
    assert done.known == 1
    assert AuditEntry.objects.count() == before


def test_a_database_that_never_knew_her_still_blocks_her_address_and_holds_her_numbers_back(erased, now):
    entry = erasure_journal.read()[0]
    Suppression.objects.all().delete()
    ErasedDigest.objects.all().delete()
    done = reapplying.apply(now=now)
    assert (done.people, done.numbers, done.addresses) == (0, len(entry.identifiers), len(entry.addresses))
    assert world.land(world.hers(), now).accepted == 0
    assert Person.objects.filter(erased_at__isnull=True).count() == 2
    assert AuditEntry.objects.filter(verb="erasures.apply").count() == 1
