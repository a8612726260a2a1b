"""Sheets on their way to become lists: a long one is read by the worker, a part at a time, and can be watched and stopped.

1. `begin` looks at the whole sheet once, so that one that can't be read is refused at once. It is kept sealed under a key of its own.
2. `turn` reads a part in one transaction: who is meant, which lines name nobody, how far it came. A worker that is killed leaves
   the part unread, and whoever comes next goes on there: nobody is on the list twice, no line is left out.
3. After the last part the list is made, in that same transaction.
4. However it ends, the sheet and its key go. What was found is sealed until then, too.
5. While the database is away nothing happens to a sheet. One whose part fails in a database that goes on answering lets the others
   go first, and is ended when it has failed `PATIENCE` times.

Who is known is asked with the sight of the person who sent it, as it is when the part is read: whoever lost the right meanwhile
gets no answer. A sheet that names nobody we know makes no list by itself; an empty one may be wanted, so that can be said.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

import msgspec
import structlog
import zstandard
from django.db import OperationalError, transaction

from rapport.people import erasing
from rapport.segments import actions, permission
from rapport.segments.membership import lists, sheet
from rapport.segments.membership.models import SheetReading
from rapport.trust import audit, sealing
from rapport.trust.access import as_seen_by, may
from rapport.trust.actors import System
from rapport.trust.models import User

AT_ONCE = 2_000  # lines that are answered while somebody waits
PATIENCE = 5  # errors of the database at one part
PART = 2_500  # lines of one transaction: what a message that is due waits at most
NEEDS = ("segments.write", "people.read")
TABLE = "segments_sheetreading"
LOST_RIGHTS = "Whoever sent it may not ask for people any more."
BROKEN = "It could not be read to its end. Nothing of it was kept; send it again."
READER = System("sheets")
log = structlog.get_logger("rapport.segments")


class Ended(ValueError):
    """The sheet was read, or stopped, meanwhile."""


def is_long(text: str) -> bool:
    """Whether it is too long to be answered at once. Raises UnreadableSheet."""
    return sum(1 for _ in islice(sheet.lines(text), AT_ONCE + 1)) > AT_ONCE


@transaction.atomic
def begin(*, by: User, text: str, name: str, purpose: str, form: uuid.UUID, now: datetime) -> SheetReading:
    """Put a sheet in line for the worker. The same form again is the same reading. Raises UnreadableSheet, Nameless, Purposeless."""
    if purpose not in dict(permission.purposes(now.date())):
        raise actions.Purposeless("Say what the list is for.")
    if not name.strip():
        raise actions.Nameless("Give the list a name.")
    many = _many(text)
    row, is_new = SheetReading.objects.get_or_create(
        form=form, defaults={"name": name, "purpose": purpose, "by": by, "lines": many, "begun_at": now}
    )
    if is_new:
        key = sealing.new_keys([row.key])[row.key]
        packed = zstandard.compress(text.encode("utf-8", "surrogatepass"), 3)
        row.text = sealing.seal(key, packed, table=TABLE, column="text", row=row.key)
        row.save(update_fields=["text"])
        audit.record(by=by, verb="segment.sheet", now=now, thing=f"sheet:{row.pk}", details={"lines": many})
    return row


@transaction.atomic
def note_nobody(
    *, by: User, nobody: lists.NobodyKnown, name: str, purpose: str, form: uuid.UUID, now: datetime
) -> SheetReading:
    """A short sheet was read and names nobody we know: what became of its lines is kept for the answer, and no list is made."""
    row, is_new = SheetReading.objects.get_or_create(
        form=form,
        defaults={
            "name": name, "purpose": purpose, "by": by, "lines": nobody.lines, "read": nobody.lines, "begun_at": now, "ended_at": now,
            "state": SheetReading.State.NOBODY, "rejected": [[one.line, one.problem] for one in nobody.rejected],
        },
    )  # fmt: skip
    if is_new:
        _record_nobody(by, row, now)
    return row


def turn(*, now: datetime) -> int:
    """Read a part of the sheet that waits and has come least far; how many lines. A sheet that breaks is ended, and said."""
    with transaction.atomic():
        waiting = SheetReading.objects.filter(state=SheetReading.State.WAITING).order_by("stumbles", "read", "id")
        row = waiting.select_for_update(skip_locked=True, of=("self",)).first()
        if row is None:
            return 0
        before = row.read
        try:
            with transaction.atomic():
                _part(row, now)
        except OperationalError as error:
            _stumbled(row, before, error, now)  # raises another one where the database is away
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not hold up the worker
            log.error("sheet_broken", error=type(error).__name__)
            row.read = before
            _refuse(row, BROKEN, now)
        return max(row.read - before, 1)


@transaction.atomic
def cancel(*, by: User, row: SheetReading, now: datetime) -> SheetReading:
    """Stop reading: the sheet goes, and there is no list. Raises Ended."""
    row = SheetReading.objects.select_for_update().get(pk=row.pk)
    if row.state != SheetReading.State.WAITING:
        raise Ended(f"sheet {row.pk} is {row.state}")
    _end(row, SheetReading.State.CANCELLED, now)
    audit.record(by=by, verb="segment.sheet_cancel", now=now, thing=f"sheet:{row.pk}", details={"read": row.read})
    return row


@transaction.atomic
def keep_empty(*, by: User, row: SheetReading, now: datetime) -> lists.Taken:
    """Nobody on it is known, and the list is wanted all the same: people may be put on it one by one. Raises Ended."""
    row = SheetReading.objects.select_for_update().get(pk=row.pk)
    if row.state != SheetReading.State.NOBODY:
        raise Ended(f"sheet {row.pk} is {row.state}")
    return _make(row, by, [], now)


def of(user: User, number: int) -> SheetReading | None:
    """A sheet of this person; those of others are nobody's business."""
    return SheetReading.objects.select_related("segment").defer("text", "found").filter(by=user, pk=number).first()


def open_ones(user: User) -> list[SheetReading]:
    """What this person sent and is not done."""
    waiting = SheetReading.objects.filter(by=user, state=SheetReading.State.WAITING)
    return list(waiting.defer("text", "found").order_by("-id"))


def _part(row: SheetReading, now: datetime) -> None:
    erasing.keep_out()
    by = row.by
    with as_seen_by(by, "people.read"):
        if not all(may(by, verb) for verb in NEEDS):
            _refuse(row, LOST_RIGHTS, now)
            return
        key = sealing.keys_of([row.key])[row.key]
        part = list(islice(sheet.lines(_text(row, key)), row.read, row.read + PART))
        people = dict.fromkeys(_found(row, key))
        rejected = lists.match_into(people, part)
        row.read += len(part)
        row.people, row.stumbles = len(people), 0
        row.rejected += [[one.line, one.problem] for one in rejected]
        if part and row.read < row.lines:
            packed = msgspec.json.encode(list(people))
            row.found = sealing.seal(key, packed, table=TABLE, column="found", row=row.key)
            row.save(update_fields=["read", "people", "stumbles", "rejected", "found"])
        elif people:
            _make(row, by, list(people), now)
        else:
            _end(row, SheetReading.State.NOBODY, now)
            _record_nobody(by, row, now)


def _make(row: SheetReading, by: User, people: Sequence[int], now: datetime) -> lists.Taken:
    rejected = [lists.Rejected(line, problem) for line, problem in row.rejected]
    said = lists.Said(row.lines, people, rejected)
    taken = lists.make(by=by, name=row.name, purpose=row.purpose, said=said, form=row.form, now=now)
    row.segment = taken.segment
    _end(row, SheetReading.State.DONE, now)
    return taken


def _end(row: SheetReading, state: str, now: datetime, *, problem: str = "") -> None:
    row.state, row.problem, row.ended_at = state, problem, now
    row.text = row.found = None
    row.save()
    sealing.destroy(row.key, now=now)


def _refuse(row: SheetReading, problem: str, now: datetime) -> None:
    _end(row, SheetReading.State.REFUSED, now, problem=problem)
    said = {"read": row.read, "lost_rights": problem == LOST_RIGHTS}
    audit.record(by=READER, verb="segment.sheet_refuse", now=now, thing=f"sheet:{row.pk}", details=said)


def _stumbled(row: SheetReading, before: int, error: OperationalError, now: datetime) -> None:
    row.read, row.stumbles = before, row.stumbles + 1
    SheetReading.objects.filter(pk=row.pk).update(stumbles=row.stumbles)
    log.warning("sheet_stumbled", error=type(error).__name__, attempt=row.stumbles)
    if row.stumbles >= PATIENCE:
        _refuse(row, BROKEN, now)


def _record_nobody(by: User, row: SheetReading, now: datetime) -> None:
    details = {"lines": row.lines, "people": 0, "rejected": len(row.rejected), "purpose": row.purpose}
    audit.record(by=by, verb="segment.import", now=now, thing=f"sheet:{row.pk}", details=details)


def _many(text: str) -> int:
    return sum(1 for _ in sheet.lines(text))


def _text(row: SheetReading, key: sealing.DataKey) -> str:
    assert row.text is not None
    packed = sealing.unseal(key, row.text, table=TABLE, column="text", row=row.key)
    return zstandard.decompress(packed, max_output_size=4 * sheet.LONGEST).decode("utf-8", "surrogatepass")


def _found(row: SheetReading, key: sealing.DataKey) -> list[int]:
    if row.found is None:
        return []
    return msgspec.json.decode(sealing.unseal(key, row.found, table=TABLE, column="found", row=row.key), type=list[int])
