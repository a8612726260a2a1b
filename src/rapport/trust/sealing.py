"""Field encryption: what names a patient is unreadable in the database, in its backups and in its logs.

- Every subject (a person, a landing) has a data key of its own, stored wrapped by a key-encryption key that lives outside
  the database (`keyring`). Destroying the wrapped key makes everything sealed under it unreadable, everywhere at once.
- AES-256-GCM with a random nonce. The blob is bound to table, column and row: moved elsewhere it does not open.
- Looking things up: a keyed blind index (`digest`, `token`), one key a use, so that equal values of two uses look different.
  Never for fields with few values (sex, state, ZIP): counting would give them away.

Unwrapped keys are not cached between calls: a destroyed key must be gone at once, and unwrapping costs microseconds.

A blob is: version (1 byte) | nonce (12) | ciphertext | tag (16).
"""

import hmac
import os
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import IntegrityError, connection, transaction

from rapport.trust import key_marks, keyring
from rapport.trust.models import SubjectKey

VERSION = b"\x01"
NONCE = 12
TAG = 16
_KEY = 32
_STORE = "COPY trust_subjectkey (subject, wrapped, kek) FROM STDIN (FORMAT BINARY)"
HOUSE = uuid.UUID("686f7573-6500-4000-8000-000000000000")


class Tampered(ValueError):
    """The blob was changed, moved to another place, or sealed under another key."""


class DataKey:
    """The unwrapped key of one subject. Shows nothing of itself, and is not kept longer than the work at hand."""

    __slots__ = ("_cipher", "subject")

    def __init__(self, subject: uuid.UUID, secret: bytes) -> None:
        self.subject = subject
        self._cipher = AESGCM(secret)

    def __repr__(self) -> str:
        return f"DataKey({self.subject})"

    def __reduce__(self) -> str:
        raise TypeError("a data key is not written down")


def new_keys(subjects: Iterable[uuid.UUID]) -> dict[uuid.UUID, DataKey]:
    """Make a data key for each subject and store it wrapped. A subject that has one already is an error of the database."""
    wanted = list(dict.fromkeys(subjects))
    if not wanted:
        return {}
    key_marks.check_once()
    kek = keyring.current_id()
    cipher = keyring.wrapping(kek)
    keys: dict[uuid.UUID, DataKey] = {}
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_STORE) as rows:
        rows.set_types(["uuid", "bytea", "varchar"])
        for subject in wanted:
            secret = os.urandom(_KEY)
            rows.write_row((subject, wrap(cipher, kek, subject, secret), kek))
            keys[subject] = DataKey(subject, secret)
    return keys


def keys_of(subjects: Iterable[uuid.UUID]) -> dict[uuid.UUID, DataKey]:
    """The data keys of these subjects; who has none, or whose key was destroyed, is left out."""
    wanted = list(set(subjects))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject, wrapped, kek FROM trust_subjectkey WHERE subject = ANY(%s) AND wrapped IS NOT NULL",
            [wanted],
        )
        found = cursor.fetchall()
    ciphers = {kek: keyring.wrapping(kek) for kek in {row[2] for row in found}}
    return {subject: DataKey(subject, unwrap(ciphers[kek], kek, subject, bytes(blob))) for subject, blob, kek in found}


def house_key() -> DataKey:
    """The data key of the house itself, for the few secrets that belong to no person."""
    found = keys_of([HOUSE])
    if not found:
        with suppress(IntegrityError), transaction.atomic():  # somebody else may be making it now
            return new_keys([HOUSE])[HOUSE]
        found = keys_of([HOUSE])
    return found[HOUSE]


def destroy(subject: uuid.UUID, *, now: datetime) -> bool:
    """Destroy the data key: nothing sealed under it opens ever again. False when there was none to destroy.

    The verb that erases a person writes the audit line, and vacuums so that the dead row leaves the data files as well.
    """
    return bool(
        SubjectKey.objects.filter(subject=subject, wrapped__isnull=False).update(wrapped=None, destroyed_at=now)
    )


def discard(subjects: Iterable[uuid.UUID]) -> None:
    """Take back keys that were made in this transaction and seal nothing."""
    unused = list(subjects)
    if unused:
        SubjectKey.objects.filter(subject__in=unused).delete()


def seal(key: DataKey, text: str | bytes, *, table: str, column: str, row: object) -> bytes:
    """Encrypt one field for this place and no other."""
    nonce = os.urandom(NONCE)
    plain = text.encode() if isinstance(text, str) else text
    return VERSION + nonce + key._cipher.encrypt(nonce, plain, _place(table, column, row))


def unseal(key: DataKey, blob: bytes | memoryview, *, table: str, column: str, row: object) -> bytes:
    """Open one field. Raises Tampered when it isn't exactly what was sealed for this place under this key."""
    blob = bytes(blob)
    if blob[:1] != VERSION or len(blob) < 1 + NONCE + TAG:
        raise Tampered(f"{table}.{column} holds no sealed field")
    try:
        return key._cipher.decrypt(blob[1 : 1 + NONCE], blob[1 + NONCE :], _place(table, column, row))
    except InvalidTag:
        raise Tampered(f"{table}.{column} of row {row} does not open with the key of its subject") from None


def unseal_text(key: DataKey, blob: bytes | memoryview, *, table: str, column: str, row: object) -> str:
    return unseal(key, blob, table=table, column=column, row=row).decode()


def digest(kind: str, value: str) -> bytes:
    """The keyed blind index of a value, 16 bytes. `kind` names the use: an MRN never equals an e-mail address."""
    return hmac.digest(_index_key(kind), value.encode(), "sha256")[:16]


def token(kind: str, value: str) -> int:
    """The keyed blind index as a signed 64-bit number, for arrays of prefixes and match keys."""
    return int.from_bytes(digest(kind, value)[:8], "big", signed=True)


def source_key(*parts: str) -> uuid.UUID:
    """The name of a source record: the same parts give the same key for ever, and tell nobody what they were."""
    hashed = blake2b(key=_source_key(), digest_size=16)
    for part in parts:
        told = part.encode()
        hashed.update(len(told).to_bytes(4, "big") + told)  # lengths, so that ("ab", "c") is not ("a", "bc")
    return uuid.UUID(bytes=hashed.digest())


def wrap(cipher: AESGCM, kek: str, subject: uuid.UUID, secret: bytes) -> bytes:
    """A data key under a key-encryption key, bound to its subject."""
    nonce = os.urandom(NONCE)
    return VERSION + nonce + cipher.encrypt(nonce, secret, _envelope(kek, subject))


def unwrap(cipher: AESGCM, kek: str, subject: uuid.UUID, wrapped: bytes) -> bytes:
    if wrapped[:1] != VERSION:
        raise Tampered(f"the key of subject {subject} is of an unknown kind")
    try:
        return cipher.decrypt(wrapped[1 : 1 + NONCE], wrapped[1 + NONCE :], _envelope(kek, subject))
    except InvalidTag:
        raise Tampered(f"the key of subject {subject} does not open with key-encryption key {kek}") from None


def _envelope(kek: str, subject: uuid.UUID) -> bytes:
    return b"rapport/subject-key|" + kek.encode() + b"|" + subject.bytes


def _place(table: str, column: str, row: object) -> bytes:
    return f"{table}|{column}|{row}".encode()


@lru_cache(maxsize=256)
def _index_key(kind: str) -> bytes:
    return keyring.index_key(kind)


@lru_cache(maxsize=256)
def _source_key() -> bytes:
    return keyring.source_key("source-record")
