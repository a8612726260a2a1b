"""What could not be taken in (`putting_aside`): shown with line, field and reason, mended and replayed, or dismissed."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from django.db import transaction

from rapport.directory import queries as directory
from rapport.integrations import seen, settle, totals
from rapport.integrations.models import Quarantine
from rapport.integrations.putting_aside import TABLE
from rapport.integrations.registry import FORMS
from rapport.integrations.translation import Desk, Problem, Record
from rapport.kit.starting_over import starting_over
from rapport.people import erasing
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor, System

RETRIED_AT_ONCE = 2000
RETRY = System("take-in")


class NotOpen(ValueError):
    """The row was settled before."""


def text_of(row: Quarantine) -> str:
    """The record as it stands now: mended, or as it came. Opens sealed input: the caller writes the audit line."""
    return texts_of([row])[row.pk].decode("utf-8", "replace")


def texts_of(rows: Sequence[Quarantine]) -> dict[int, bytes]:
    """The same for many; empty for one whose key was destroyed."""
    keys = sealing.keys_of([row.key for row in rows])
    return {row.pk: _opened(row, keys[row.key]) if row.key in keys else b"" for row in rows}


def _opened(row: Quarantine, key: sealing.DataKey) -> bytes:
    blob, column = (row.mended, "mended") if row.mended is not None else (row.raw, "raw")
    return sealing.unseal(key, blob, table=TABLE, column=column, row=row.key)


@transaction.atomic
def open_for(*, by: Actor, row: Quarantine, now: datetime) -> str:
    """Show a human what was held back; that is reading a patient's record, and is written down."""
    audit.record(by=by, verb="quarantine.read", now=now, thing=f"quarantine:{row.pk}")
    return text_of(row)


@starting_over
@transaction.atomic
def mend(*, by: Actor, row: Quarantine, text: str, now: datetime) -> Quarantine:
    """Take a held-back record in as a human mended it. If it still can't be, it stays with the new reason and the new text."""
    row = _locked(row)
    raw = text.encode()
    problem = _again(row, raw, now)
    key = sealing.keys_of([row.key])[row.key]
    row.mended = sealing.seal(key, raw, table=TABLE, column="mended", row=row.key)
    row.save(update_fields=["mended"])
    _settled(row, problem, now, by=by)
    audit.record(
        by=by, verb="quarantine.mend", now=now, thing=f"quarantine:{row.pk}",
        details={"taken": problem is None, "kind": row.resource_type}, trace=row.landing.trace,
    )  # fmt: skip
    return row


@starting_over
@transaction.atomic
def replay(*, by: Actor, row: Quarantine, now: datetime) -> Quarantine:
    """Try the record again as it stands."""
    row = _locked(row)
    problem = _again(row, texts_of([row])[row.pk], now)
    _settled(row, problem, now, by=by)
    audit.record(
        by=by, verb="quarantine.replay", now=now, thing=f"quarantine:{row.pk}", details={"taken": problem is None}
    )
    return row


@starting_over
@transaction.atomic
def let_in(*, by: Actor, row: Quarantine, reason: str, now: datetime) -> Quarantine:
    """Take in a record of somebody who was erased: her numbers are no longer held back, and what waited for her follows."""
    row = _locked(row)
    released = erasing.release(_numbers(row, now), now=now)
    problem = _again(row, texts_of([row])[row.pk], now)
    _settled(row, problem, now, by=by)
    said = {"numbers": released, "taken": problem is None}
    audit.record(
        by=by, verb="quarantine.let_in", now=now, thing=f"quarantine:{row.pk}", details=said, reason=reason[:300]
    )
    return row


def _numbers(row: Quarantine, now: datetime) -> set[tuple[str, str]]:
    """The numbers by which a held-back record names its person."""
    form = FORMS[row.landing.form]
    records = [one for one in form.read_mended(texts_of([row])[row.pk], row.landing) if isinstance(one, Record)]
    for one in records:
        one.landing = row.landing
    told = form.translate(records, _desk(row, now))
    said = {
        number for one in (*told.events, *told.facts, *told.consents) if one.subject for number in one.subject.numbers
    }
    return said | {number for _, person, _ in told.persons for number in person.identifiers}


@transaction.atomic
def dismiss(*, by: Actor, row: Quarantine, reason: str, now: datetime) -> Quarantine:
    """Decide that this record is not wanted. It stays in the totals as held back."""
    row = _locked(row)
    row.state, row.settled_at = Quarantine.State.DISMISSED, now
    row.settled_by = None if isinstance(by, System) else by
    row.save(update_fields=["state", "settled_by", "settled_at"])
    audit.record(by=by, verb="quarantine.dismiss", now=now, thing=f"quarantine:{row.pk}", reason=reason[:300])
    return row


def retry(arrived: Iterable[uuid.UUID], now: datetime) -> int:
    """Take in what waited for these records, batch by batch. Returns how many went through."""
    waited_for, done, last = list(arrived), 0, 0
    while waited_for:
        waiting = Quarantine.objects.filter(state=Quarantine.State.OPEN, waits_for__in=waited_for, pk__gt=last)
        locked = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("landing__source")
        rows = list(locked.order_by("id")[:RETRIED_AT_ONCE])
        if not rows:
            break
        last = rows[-1].pk
        for _, same in groupby(sorted(rows, key=_form_and_source), key=_form_and_source):
            done += _retried(list(same), now)
    return done


def _form_and_source(row: Quarantine) -> tuple[str, int]:
    return row.landing.form, row.landing.source_id


def _retried(rows: list[Quarantine], now: datetime) -> int:
    """Rows of one form and source, together."""
    form, desk = FORMS[rows[0].landing.form], _desk(rows[0], now)
    texts = texts_of(rows)
    by_record: dict[int, tuple[Record, Quarantine]] = {}
    for row in rows:
        for one in form.read_mended(texts[row.pk], row.landing):
            if isinstance(one, Record):
                one.landing, one.line = row.landing, row.line
                by_record[id(one)] = one, row
    fresh, duplicates = seen.sift([record for record, _ in by_record.values()])
    outcome = settle.settle(form.translate(fresh, desk), fresh, desk, fill_only=form.fill_only)
    seen.remember(outcome.accepted)
    for problem in outcome.problems:
        _settled(by_record[id(problem.record)][1], problem, now, by=RETRY)
    counts: Counter[tuple[int, str, str]] = Counter()
    for to, records in (("accepted", outcome.accepted), ("duplicates", duplicates)):
        for record in records:
            row = by_record[id(record)][1]
            _settled(row, None, now, by=RETRY)
            counts[row.landing_id, row.resource_type, to] += 1
    for (landing_id, kind, to), number in sorted(counts.items()):
        totals.moved(landing_id, kind, to, now, number)
    return len(outcome.accepted) + len(duplicates)


def _desk(row: Quarantine, now: datetime) -> Desk:
    return Desk(row.landing.source.slug, now, directory.service_lines())


def _locked(row: Quarantine) -> Quarantine:
    erasing.keep_out()
    fresh = Quarantine.objects.select_for_update(of=("self",)).select_related("landing__source").get(pk=row.pk)
    if fresh.state != Quarantine.State.OPEN:
        raise NotOpen(f"quarantine row {row.pk} is {fresh.state}")
    return fresh


def _again(row: Quarantine, raw: bytes, now: datetime) -> Problem | None:
    """Take the text through the whole way again; the first thing wrong with it, or None. What was not right leaves no trace."""
    form = FORMS[row.landing.form]
    found = list(form.read_mended(raw, row.landing))
    for one in found:
        one.landing = row.landing
        one.line = row.line
    if not found:
        return Problem(row.line, "there is nothing here", raw)
    wrong = next((one for one in found if isinstance(one, Problem)), None)
    if wrong is not None:
        return wrong
    records = [one for one in found if isinstance(one, Record)]
    fresh, _ = seen.sift(records)
    desk = _desk(row, now)
    undo = transaction.savepoint()
    outcome = settle.settle(form.translate(fresh, desk), fresh, desk, fill_only=form.fill_only)
    if outcome.problems:
        transaction.savepoint_rollback(undo)
        return outcome.problems[0]
    transaction.savepoint_commit(undo)
    seen.remember(outcome.accepted)
    row.resource_type = row.resource_type or records[0].kind[:60]
    totals.moved(row.landing_id, row.resource_type, "accepted" if fresh else "duplicates", now)
    if outcome.arrived:
        retry(outcome.arrived, now)
    return None


def _settled(row: Quarantine, problem: Problem | None, now: datetime, *, by: Actor) -> None:
    if problem is None:
        row.state, row.settled_at = Quarantine.State.REPLAYED, now
        row.settled_by = None if isinstance(by, System) else by
    else:
        row.reason, row.path, row.remedy = problem.reason[:300], problem.path[:200], problem.remedy[:300]
        row.waits_for = problem.waits_for
    row.save(update_fields=["state", "settled_by", "settled_at", "reason", "path", "remedy", "waits_for"])
