"""Letters from the tray onto paper and into the post.

1. `print_waiting`: asks the policy once more about every letter that waits, makes one sheet of those that may go, and a batch that
   says how many letters and pages it has, by whom, when, and the checksum of the sheet.
2. `spoil`: a letter that jammed or tore waits again, once.
3. `post`: the batch is in the mail; its sheet is destroyed, the timeline says so.

On and through the envelope stand names and addresses and nothing else (Texas HSC 181.152(b)); so does the mail-merge file.
"""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.conf import settings
from django.db import transaction

from rapport.consent import policy
from rapport.content import printing
from rapport.content.words import BrokenTemplate
from rapport.kit import export
from rapport.messaging import compose, facts, receipts, timeline
from rapport.messaging.models import Intent, Letter, PrintBatch
from rapport.people import queries as people
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor, System

MOST = 500  # letters in one batch: what a person can carry, fold and count
TABLE = "messaging_printbatch"
COLUMNS = ("letter", "name", "street", "city", "state", "zip", "return_name", "return_address")
NOWHERE = "There is no whole postal address any more."


class NothingToPrint(LookupError):
    """No letter waits that may be printed now."""

    def __init__(self, held_back: int = 0) -> None:
        self.held_back = held_back
        super().__init__("no letter may be printed now")


class NotPrinted(ValueError):
    """Only a letter of an open batch can be spoiled, and only once; only an open batch can be posted."""


class _Sorted(msgspec.Struct):
    """Letters that wait, by what is to become of them now. `never`: letter -> why; `judged`: intent -> what was decided."""

    may: list[Letter]
    never: dict[int, str]
    judged: dict[int, tuple[policy.Facts, policy.Verdict]]


def print_waiting(*, by: Actor, now: datetime, limit: int = MOST) -> PrintBatch:
    """One sheet of the letters that wait. Raises `NothingToPrint`; what was held back on the way stays held back also then."""
    with transaction.atomic():
        waiting = list(
            Letter.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("intent")
            .filter(state=Letter.State.WAITING)
            .order_by("placed_at", "pk")[:limit]
        )
        found = _ask(waiting, now)
        entries = _draw(found, now)
        _hold_back([one for one in waiting if one.pk in found.never], found, now)
        batch = _bind(by, found.may, entries, now) if entries else None
        said = {"letters": len(entries), "held_back": len(found.never), "pages": batch.pages if batch else 0}
        if waiting:
            audit.record(
                by=by, verb="letters.print", now=now, people=sorted({one.person_id for one in waiting}),
                thing=f"batch:{batch.pk}" if batch else "", details=said,
            )  # fmt: skip
    if batch is None:
        raise NothingToPrint(len(found.never))
    return batch


def sheet(*, by: Actor, batch: PrintBatch, now: datetime) -> bytes:
    """The PDF of a batch; empty when it is posted or the sheet was destroyed."""
    key = sealing.keys_of([batch.key]).get(batch.key)
    if key is None or batch.sheet is None:
        return b""
    with transaction.atomic():
        audit.record(by=by, verb="letters.open", now=now, people=_people(batch), thing=f"batch:{batch.pk}")
    return sealing.unseal(key, batch.sheet, table=TABLE, column="sheet", row=batch.key)


@transaction.atomic
def merge_file(*, by: Actor, batch: PrintBatch, now: datetime) -> bytes:
    """Names and addresses of a batch for labels and envelopes, letter by letter."""
    letters = list(Letter.objects.filter(batch=batch).order_by("number"))
    kept = compose.kept_records({one.person_id for one in letters})
    postal = people.postal(person_ids={one.pk for one in kept.values()})
    rows = []
    for one in letters:
        to = postal.get(kept[one.person_id].pk)
        if to is not None:
            back = (settings.CLINIC_NAME, settings.CLINIC_ADDRESS)
            rows.append((f"{batch.pk}-{one.number}", to.name, to.street, to.city, to.state, to.zip5, *back))
    audit.record(
        by=by, verb="letters.export", now=now, people=sorted({one.person_id for one in letters}), thing=f"batch:{batch.pk}",
        details={"rows": len(rows), "columns": list(COLUMNS)},
    )  # fmt: skip
    return export.table(COLUMNS, rows)


@transaction.atomic
def spoil(*, by: Actor, letter_id: int, reason: str, now: datetime) -> Letter:
    """This one came out wrong: it waits again, once. Raises `NotPrinted`."""
    letter = Letter.objects.select_for_update().get(pk=letter_id)
    if letter.state != Letter.State.PRINTED or letter.spoiled_in_id is not None:
        raise NotPrinted(f"letter {letter_id} is {letter.state}")
    letter.state, letter.spoiled_in_id, letter.batch, letter.number = Letter.State.WAITING, letter.batch_id, None, 0
    letter.save(update_fields=["state", "spoiled_in", "batch", "number"])
    audit.record(
        by=by,
        verb="letters.spoil",
        now=now,
        person=letter.person_id,
        thing=f"batch:{letter.spoiled_in_id}",
        reason=reason,
    )
    return letter


@transaction.atomic
def post(*, by: Actor, batch_id: int, now: datetime) -> PrintBatch:
    """The batch is in the mail. Raises `NotPrinted` where it was posted before."""
    batch = PrintBatch.objects.select_for_update().get(pk=batch_id)
    if batch.posted_at is not None:
        raise NotPrinted(f"batch {batch_id} was posted before")
    going = Letter.objects.select_related("intent").filter(batch=batch, state=Letter.State.PRINTED)
    letters = list(going)
    timeline.happened("letter_posted", [(one.intent, one.pk) for one in letters], code="print", now=now)
    going.update(state=Letter.State.POSTED, settled_at=now)
    batch.posted_at, batch.posted_by, batch.sheet = now, None if isinstance(by, System) else by, None
    batch.save(update_fields=["posted_at", "posted_by", "sheet"])
    sealing.destroy(batch.key, now=now)
    audit.record(
        by=by, verb="letters.post", now=now, people=sorted({one.person_id for one in letters}), thing=f"batch:{batch_id}",
        details={"letters": len(letters)},
    )  # fmt: skip
    return batch


def _ask(waiting: Sequence[Letter], now: datetime) -> _Sorted:
    """Hours and days lie between the tray and the printer: what was withdrawn since is not printed."""
    asked = facts.gather([one.intent for one in waiting], now) if waiting else []
    found = _Sorted([], {}, {})
    for letter, known, verdict in zip(waiting, asked, policy.decide_many(asked), strict=True):
        found.judged[letter.intent_id] = (known, verdict)
        if verdict.allowed:
            found.may.append(letter)
        elif not verdict.only_waits:
            found.never[letter.pk] = verdict.reason
    return found


def _draw(found: _Sorted, now: datetime) -> list[dict]:
    """Each letter as it will be printed, in the order of the letters; who has no address, or whose words break, is held back."""
    merged = compose.merged([one.intent for one in found.may], now)
    entries, may = [], []
    for one in found.may:
        told = merged[one.intent_id]
        if told.postal is None:
            found.never[one.pk] = NOWHERE
            continue
        try:
            address = printing.Address(told.postal.lines)
            entries.append(printing.drawn(told.version, told.merge, address, told.shown, on=now.date()))
        except BrokenTemplate as wrong:
            found.never[one.pk] = f"The wording could not be filled in: {str(wrong).splitlines()[0]}"[:300]
            continue
        may.append(one)
    found.may = may
    return entries


def _hold_back(letters: Sequence[Letter], found: _Sorted, now: datetime) -> None:
    """They leave the tray; each intent says so, with its receipt."""
    for one in letters:
        one.state, one.reason, one.settled_at = Letter.State.HELD_BACK, found.never[one.pk], now
    Letter.objects.bulk_update(letters, ["state", "reason", "settled_at"])
    told = []
    for one in letters:
        known, verdict = found.judged[one.intent_id]
        outcome = "failed" if verdict.allowed else "suppressed"
        Intent.objects.filter(pk=one.intent_id, state=Intent.State.SENT).update(state=outcome, settled_at=now)
        told.append(receipts.decided(one.intent, outcome, known, verdict, reason=one.reason))
    receipts.write(told)


def _bind(by: Actor, letters: Sequence[Letter], entries: Sequence[dict], now: datetime) -> PrintBatch:
    pdf = printing.bound(entries, title=settings.CLINIC_NAME)
    subject = uuid.uuid4()
    key = sealing.new_keys([subject])[subject]
    batch = PrintBatch.objects.create(
        made_at=now,
        made_by=None if isinstance(by, System) else by,
        letters=len(letters),
        pages=printing.pages(pdf),
        checksum=hashlib.sha256(pdf).hexdigest(),
        key=subject,
        sheet=sealing.seal(key, pdf, table=TABLE, column="sheet", row=subject),
    )
    for number, one in enumerate(letters, 1):
        one.state, one.batch, one.number = Letter.State.PRINTED, batch, number
    Letter.objects.bulk_update(letters, ["state", "batch", "number"])
    return batch


def _people(batch: PrintBatch) -> list[int]:
    return sorted(Letter.objects.filter(batch=batch).values_list("person_id", flat=True))
