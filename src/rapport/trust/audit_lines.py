"""How an audit line becomes bytes: the same line gives the same bytes on every machine and in every year.

A line is a JSON list in a fixed order, keys of `details` sorted, instants in UTC to the microsecond, no spaces, UTF-8. A JSON
list can't be read in two ways, so no two different lines share their bytes. Changing anything here changes every digest:
a new form gets a new number in `FORM`, and old seals keep theirs.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from rapport.trust.models import AuditEntry

FORM = 1
FIELDS = (
    "id", "tx", "at", "actor_id", "actor_label", "verb", "person_id", "person_ids", "thing", "details", "reason", "trace",
)  # fmt: skip
GENESIS = b"\0" * 32


@dataclass(frozen=True)
class Covered:
    """What a walk over the lines of one seal found."""

    first: int
    last: int
    entries: int
    digest: bytes


def between(from_tx: int, until_tx: int) -> QuerySet[AuditEntry, tuple[Any, ...]]:
    """The lines written by transactions from `from_tx` up to but not including `until_tx`, in the order of their ids."""
    return AuditEntry.objects.filter(tx__gte=from_tx, tx__lt=until_tx).order_by("id").values_list(*FIELDS)


def canonical(line: Iterable[Any]) -> bytes:
    return json.dumps([_plain(one) for one in line], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def cover(*, number: int, from_tx: int, until_tx: int, previous: bytes) -> Covered:
    """Walk over the lines of these transactions; the digest hangs on the one before."""
    lines = hashlib.sha256()
    first = last = count = 0
    for line in _streamed(from_tx, until_tx):
        lines.update(hashlib.sha256(canonical(line)).digest())
        last, count = line[0], count + 1
        first = first or last
    head = json.dumps([FORM, number, from_tx, until_tx, first, last, count], separators=(",", ":")).encode()
    return Covered(first, last, count, hashlib.sha256(previous + head + lines.digest()).digest())


def _streamed(from_tx: int, until_tx: int) -> Iterator[tuple[Any, ...]]:
    return between(from_tx, until_tx).iterator(chunk_size=5000)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if value is None or isinstance(value, int | str | list | dict):
        return value
    return str(value)
