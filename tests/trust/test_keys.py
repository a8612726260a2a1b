"""Key files: private, checked before use, rotated without a pause, and never silently another installation's."""

import json
import os
import uuid

import pytest

from rapport.kit import home
from rapport.trust import key_care, key_marks, keyring, sealing
from rapport.trust.models import AuditEntry, KeyMark, SubjectKey

pytestmark = pytest.mark.django_db
PLACE = {"table": "people_person", "column": "family", "row": 7}


def forget_all():
    keyring._cipher.cache_clear()
    keyring._derived.cache_clear()
    sealing._index_key.cache_clear()
    sealing._source_key.cache_clear()
    key_marks._seen.clear()


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """A home of its own, so that keys can be broken."""
    monkeypatch.setenv("RAPPORT_HOME", str(tmp_path / "home"))
    forget_all()
    yield home.find().root
    forget_all()


@pytest.fixture
def sealed():
    subjects = [uuid.uuid4() for _ in range(7)]
    return {one: sealing.seal(key, f"name {one}", **PLACE) for one, key in sealing.new_keys(subjects).items()}


def opens(sealed):
    keys = sealing.keys_of(sealed)
    return len(keys) == len(sealed) and all(
        sealing.unseal_text(keys[one], blob, **PLACE) == f"name {one}" for one, blob in sealed.items()
    )


def test_key_files_can_be_read_by_their_owner_alone(own_home, sealed):
    sealing.digest("email", "x")
    files = [file for file in (own_home / "keys").rglob("*") if file.is_file()]
    assert {file.name.split(".")[-1] for file in files} >= {"key", "current"}
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert all(folder.stat().st_mode & 0o777 == 0o700 for folder in (own_home / "keys").rglob("*") if folder.is_dir())


def test_a_key_file_others_can_read_is_refused(sealed):
    file = keyring.folder() / f"{keyring.current_id()}.key"
    file.chmod(0o644)
    forget_all()
    with pytest.raises(keyring.KeyDamaged, match="0600"):
        sealing.keys_of(sealed)


def test_a_changed_key_file_is_refused_before_it_is_used(sealed):
    file = keyring.folder() / f"{keyring.current_id()}.key"
    sheet = json.loads(file.read_text())
    sheet["key"] = sheet["key"][:-5] + ("AAAA=" if sheet["key"][-5:] != "AAAA=" else "BBBB=")
    file.write_text(json.dumps(sheet))
    forget_all()
    with pytest.raises(keyring.KeyDamaged):
        sealing.keys_of(sealed)
    with pytest.raises(keyring.KeyDamaged):
        sealing.new_keys([uuid.uuid4()])


@pytest.mark.parametrize("text", ["", "{}", "not json", '{"id": "x"}', '{"id": 3, "key": 4, "check": 5}'])
def test_an_unreadable_key_file_is_refused(sealed, text):
    (keyring.folder() / f"{keyring.current_id()}.key").write_text(text)
    forget_all()
    with pytest.raises(keyring.KeyDamaged):
        sealing.keys_of(sealed)


def test_a_key_file_under_another_name_is_refused(sealed):
    first = keyring.current_id()
    second = keyring.add()
    os.replace(keyring.folder() / f"{second}.key", keyring.folder() / f"{first}.key")
    forget_all()
    with pytest.raises(keyring.KeyDamaged):
        sealing.keys_of(sealed)


def test_a_missing_key_file_says_which(sealed):
    kek = keyring.current_id()
    (keyring.folder() / f"{kek}.key").unlink()
    forget_all()
    with pytest.raises(keyring.KeyMissing, match=kek):
        sealing.keys_of(sealed)


def test_a_perfect_key_of_another_home_opens_nothing(sealed):
    kek = keyring.current_id()
    (keyring.folder() / f"{kek}.key").write_text(keyring._sheet(kek, os.urandom(32)))
    forget_all()
    with pytest.raises(sealing.Tampered):
        sealing.keys_of(sealed)
    assert len(key_care.verify().broken) == len(sealed)


def test_rotation_wraps_every_key_anew_and_shelves_the_old_one(sealed, now):
    first = keyring.current_id()
    before = {row.subject: bytes(row.wrapped) for row in SubjectKey.objects.all()}
    assert key_care.rotate(now=now, batch=3) == 7
    second = keyring.current_id()
    assert second != first
    assert {row.kek for row in SubjectKey.objects.all()} == {second}
    assert all(bytes(row.wrapped) != before[row.subject] for row in SubjectKey.objects.all())
    assert opens(sealed)
    assert keyring.ids() == [second]
    assert keyring.retired_ids() == [first]
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == ["keys.rotate", "keys.retire"]


def test_an_interrupted_rotation_is_readable_meanwhile_and_resumes(sealed, now):
    class PowerCut(Exception):
        pass

    def cut(done, total):
        if done >= 3:
            raise PowerCut

    first = keyring.current_id()
    with pytest.raises(PowerCut):
        key_care.rotate(now=now, batch=3, progress=cut)
    assert {one.kek: one.subjects for one in key_care.listing()} == {first: 4, keyring.current_id(): 3}
    assert opens(sealed)
    assert key_care.rotate(now=now, batch=3, fresh=False) == 4
    assert opens(sealed)
    assert keyring.retired_ids() == [first]


def test_new_subjects_use_the_new_key_while_the_old_ones_still_wait(sealed):
    second = keyring.add()
    late = uuid.uuid4()
    sealing.new_keys([late])
    assert SubjectKey.objects.get(pk=late).kek == second
    assert opens(sealed)


def test_a_row_that_came_in_late_under_a_retired_key_still_opens(sealed, now):
    first = keyring.current_id()
    late = uuid.uuid4()
    secret = os.urandom(32)
    wrapped = sealing.wrap(keyring.wrapping(first), first, late, secret)
    key_care.rotate(now=now)
    forget_all()
    SubjectKey.objects.create(subject=late, wrapped=wrapped, kek=first)
    assert late in sealing.keys_of([late])
    with pytest.raises(key_care.StillInUse):
        key_care.forget(kek=first, now=now)
    assert key_care.rotate(now=now, fresh=False) == 1
    key_care.forget(kek=first, now=now)
    assert keyring.retired_ids() == []


def test_a_destroyed_key_is_not_brought_back_by_rotation(sealed, now):
    gone = next(iter(sealed))
    sealing.destroy(gone, now=now)
    assert key_care.rotate(now=now) == 6
    assert sealing.keys_of([gone]) == {}
    found = key_care.verify()
    assert (found.opened, found.destroyed, found.sound) == (6, 1, True)


def test_another_index_key_is_noticed_before_it_makes_every_patient_anew(own_home, sealed, now):
    assert KeyMark.objects.count() == 2
    (own_home / "keys" / "index.key").unlink()
    forget_all()
    with pytest.raises(key_marks.OtherKeys, match=r"index\.key"):
        key_marks.check()
    with pytest.raises(key_marks.OtherKeys):
        key_care.rotate(now=now)
    with pytest.raises(key_marks.OtherKeys):
        sealing.new_keys([uuid.uuid4()])
    assert not key_care.verify().sound


def test_two_first_starts_at_once_agree_on_one_key(own_home):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: keyring.current_id(), range(8)))) == 1
        assert len(set(pool.map(lambda _: keyring.index_key("x"), range(8)))) == 1
