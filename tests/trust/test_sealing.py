"""What names a patient opens with the key of its subject, in the place it was sealed for, and nowhere else."""

import pickle
import uuid

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from rapport.trust import sealing
from rapport.trust.models import SubjectKey

pytestmark = pytest.mark.django_db
PLACE = {"table": "people_person", "column": "family", "row": 7}


@pytest.fixture
def subject() -> uuid.UUID:
    return uuid.uuid4()


@pytest.fixture
def key(subject):
    return sealing.new_keys([subject])[subject]


def test_a_sealed_field_opens_in_its_place_with_the_key_kept_in_the_database(subject, key):
    blob = sealing.seal(key, "Okonkwo-Ñuñez", **PLACE)
    again = sealing.keys_of([subject])[subject]
    assert sealing.unseal_text(again, blob, **PLACE) == "Okonkwo-Ñuñez"
    assert sealing.unseal(again, memoryview(blob), **PLACE) == "Okonkwo-Ñuñez".encode()


def test_the_same_name_sealed_twice_looks_different_and_shows_nothing(key):
    one, two = (sealing.seal(key, "Okonkwo", **PLACE) for _ in range(2))
    assert one != two
    assert b"Okonkwo" not in one
    assert one[:1] == sealing.VERSION


@pytest.mark.parametrize(
    "elsewhere",
    [PLACE | {"table": "people_event"}, PLACE | {"column": "given"}, PLACE | {"row": 8}, PLACE | {"row": "7 "}],
)
def test_a_field_copied_to_another_place_does_not_open(key, elsewhere):
    blob = sealing.seal(key, "Okonkwo", **PLACE)
    with pytest.raises(sealing.Tampered):
        sealing.unseal(key, blob, **elsewhere)


def test_a_field_does_not_open_with_the_key_of_somebody_else(key):
    other = uuid.uuid4()
    blob = sealing.seal(key, "Okonkwo", **PLACE)
    with pytest.raises(sealing.Tampered):
        sealing.unseal(sealing.new_keys([other])[other], blob, **PLACE)


@pytest.mark.parametrize("at", [0, 1, 13, -1])
def test_one_changed_byte_is_noticed(key, at):
    blob = bytearray(sealing.seal(key, "Okonkwo", **PLACE))
    blob[at] ^= 1
    with pytest.raises(sealing.Tampered):
        sealing.unseal(key, bytes(blob), **PLACE)


@pytest.mark.parametrize("blob", [b"", b"\x01", b"Okonkwo", b"\x01" + b"\0" * 27])
def test_what_was_never_sealed_is_refused(key, blob):
    with pytest.raises(sealing.Tampered):
        sealing.unseal(key, blob, **PLACE)


def test_an_empty_text_can_be_sealed(key):
    assert sealing.unseal(key, sealing.seal(key, "", **PLACE), **PLACE) == b""


def test_the_wrapped_key_of_one_subject_does_not_serve_another(subject, key):
    other = uuid.uuid4()
    SubjectKey.objects.create(
        subject=other, wrapped=SubjectKey.objects.get(pk=subject).wrapped, kek=SubjectKey.objects.get().kek
    )
    with pytest.raises(sealing.Tampered):
        sealing.keys_of([other])


def test_a_destroyed_key_is_gone_at_once_and_for_good(subject, key, now):
    blob = sealing.seal(key, "Okonkwo", **PLACE)
    assert sealing.destroy(subject, now=now) is True
    assert sealing.keys_of([subject]) == {}
    assert sealing.destroy(subject, now=now) is False
    with pytest.raises(IntegrityError):
        sealing.new_keys([subject])
    assert blob  # it stands there, and nobody can read it


def test_unknown_subjects_are_left_out(subject, key):
    assert set(sealing.keys_of([subject, uuid.uuid4()])) == {subject}
    assert sealing.keys_of([]) == {} == sealing.new_keys([])


def test_a_subject_named_twice_in_a_batch_gets_one_key(subject):
    assert len(sealing.new_keys([subject, subject])) == 1


def test_a_key_neither_shows_nor_pickles_itself(key):
    assert str(key.subject) in repr(key)
    assert "cipher" not in repr(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_the_database_keeps_no_key_in_the_open(subject, key):
    wrapped = bytes(SubjectKey.objects.get(pk=subject).wrapped)
    assert len(wrapped) == 1 + 12 + 32 + 16


def test_blind_indexes_are_keyed_stable_and_apart_by_use():
    assert sealing.digest("email", "pat@example.org") == sealing.digest("email", "pat@example.org")
    assert sealing.digest("email", "pat@example.org") != sealing.digest("mrn", "pat@example.org")
    assert len(sealing.digest("email", "x")) == 16
    import hashlib

    assert sealing.digest("email", "x") not in hashlib.sha256(b"x").digest()


def test_tokens_fill_signed_64_bits():
    tokens = {sealing.token("name", str(n)) for n in range(2000)}
    assert len(tokens) == 2000
    assert min(tokens) < 0 < max(tokens)
    assert all(-(2**63) <= one < 2**63 for one in tokens)


def test_source_keys_do_not_run_their_parts_together():
    assert sealing.source_key("ab", "c") != sealing.source_key("a", "bc")
    assert sealing.source_key("ab", "c") == sealing.source_key("ab", "c")


def test_a_batch_of_keys_is_read_in_as_many_questions_as_one():
    """They are written by one COPY, which is no question; reading must not ask one by one either."""
    subjects = [uuid.uuid4() for _ in range(2_000)]
    sealing.new_keys(subjects)
    with CaptureQueriesContext(connection) as one:
        sealing.keys_of(subjects[:1])
    with CaptureQueriesContext(connection) as many:
        assert len(sealing.keys_of(subjects)) == 2_000
    assert len(many) == len(one)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM trust_subjectkey")
        assert cursor.fetchone() == (2_000,)
