"""Looking after the keys: rotate, verify, retire, and notice when the files belong to another installation.

Rotation: 1. a new key-encryption key is made and becomes the current one; 2. the data keys of all subjects are wrapped anew,
batch by batch, each in a transaction of its own; 3. a key that no subject uses any more is put on the shelf. A rotation that
was interrupted goes on where it stopped when it is called again with `fresh=False`. Fields are never encrypted anew.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.db import connection, transaction
from django.db.models import Count

from rapport.trust import audit, key_marks, keyring, sealing
from rapport.trust.actors import System
from rapport.trust.models import SubjectKey

BATCH = 5000
BY = System("rapport keys")
Progress = Callable[[int, int], None]


class StillInUse(RuntimeError):
    """Subjects hang on this key; it can't be forgotten."""


@dataclass(frozen=True)
class InUse:
    kek: str
    subjects: int
    state: str  # current, old, retired, missing


@dataclass
class Verified:
    """What `verify` found: how many keys open, and which do not."""

    opened: int = 0
    destroyed: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.broken


def listing() -> list[InUse]:
    """Every key-encryption key of the files or the database, with how many subjects hang on it."""
    counts = dict(
        SubjectKey.objects.filter(wrapped__isnull=False)
        .values_list("kek")
        .annotate(subjects=Count("subject"))
        .order_by("kek")
    )
    current, ids, shelved = keyring.current_id(), keyring.ids(), keyring.retired_ids()
    states = (
        dict.fromkeys(counts, "missing")
        | dict.fromkeys(shelved, "retired")
        | dict.fromkeys(ids, "old")
        | {current: "current"}
    )
    return [InUse(kek, counts.get(kek, 0), state) for kek, state in sorted(states.items())]


def rotate(
    *, now: datetime, fresh: bool = True, batch: int = BATCH, progress: Progress = lambda done, left: None
) -> int:
    """Wrap all data keys under a new key-encryption key (`fresh`), or finish an interrupted rotation. Returns how many."""
    key_marks.check()
    kek = keyring.add() if fresh else keyring.current_id()
    with transaction.atomic():
        audit.record(by=BY, verb="keys.rotate" if fresh else "keys.resume", now=now, thing=f"kek:{kek}")
    total, after = _others(kek), uuid.UUID(int=0)
    done = 0
    while True:
        with transaction.atomic():
            wrapped, after = _wrap_batch(kek, after, batch)
        if not wrapped:
            break
        done += wrapped
        progress(done, total)
    _shelve_unused(now)
    return done


def verify(*, batch: int = BATCH) -> Verified:
    """Open the data key of every subject, and compare the index keys with the database's marks."""
    found = Verified(destroyed=SubjectKey.objects.filter(wrapped=None).count())
    try:
        key_marks.check()
    except (key_marks.OtherKeys, keyring.KeyDamaged) as other:
        found.broken.append(str(other))
    rows = SubjectKey.objects.filter(wrapped__isnull=False).order_by("subject").values_list("subject", "wrapped", "kek")
    cipher = cache(keyring.wrapping)
    for subject, wrapped, kek in rows.iterator(chunk_size=batch):
        try:
            sealing.unwrap(cipher(kek), kek, subject, bytes(wrapped or b""))
            found.opened += 1
        except (sealing.Tampered, keyring.KeyMissing, keyring.KeyDamaged) as broken:
            found.broken.append(str(broken))
    return found


@transaction.atomic
def forget(*, kek: str, now: datetime) -> None:
    """Destroy a shelved key. Old backups that were written under it can't be read any more: that may be the purpose."""
    if SubjectKey.objects.filter(kek=kek, wrapped__isnull=False).exists():
        raise StillInUse(f"Subjects hang on {kek}. Run: rapport keys rotate --resume")
    if kek not in keyring.retired_ids():
        raise keyring.KeyMissing(f"{kek} is not among the retired keys.")
    audit.record(by=BY, verb="keys.forget", now=now, thing=f"kek:{kek}")
    keyring.forget(kek)


def _others(kek: str) -> int:
    return SubjectKey.objects.filter(wrapped__isnull=False).exclude(kek=kek).count()


def _wrap_batch(kek: str, after: uuid.UUID, batch: int) -> tuple[int, uuid.UUID]:
    """Wrap the next subjects that hang on another key; keys already wrapped are walked over."""
    fresh = keyring.wrapping(kek)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject, wrapped, kek FROM trust_subjectkey WHERE subject > %s AND kek <> %s AND wrapped IS NOT NULL"
            " ORDER BY subject LIMIT %s FOR UPDATE",
            [after, kek, batch],
        )
        rows = cursor.fetchall()
        if not rows:
            return 0, after
        ciphers = {old: keyring.wrapping(old) for old in {row[2] for row in rows}}
        anew = [
            sealing.wrap(fresh, kek, one, sealing.unwrap(ciphers[old], old, one, bytes(held)))
            for one, held, old in rows
        ]
        cursor.execute(
            "UPDATE trust_subjectkey AS k SET wrapped = n.wrapped, kek = %s"
            " FROM unnest(%s::uuid[], %s::bytea[]) AS n (subject, wrapped) WHERE k.subject = n.subject",
            [kek, [row[0] for row in rows], anew],
        )
    return len(rows), rows[-1][0]


def _shelve_unused(now: datetime) -> None:
    for one in listing():
        if one.state == "old" and one.subjects == 0:
            with transaction.atomic():
                audit.record(by=BY, verb="keys.retire", now=now, thing=f"kek:{one.kek}")
                keyring.retire(one.kek)
