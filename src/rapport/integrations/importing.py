"""Import of files: land a chunk and take it in, each batch in a transaction of its own, so that a crash loses no more than one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from rapport.integrations import landing, take_in, totals
from rapport.integrations.files import Chunk, Walk
from rapport.integrations.models import Delivery, Source
from rapport.integrations.totals import Tally
from rapport.kit.starting_over import starting_over
from rapport.trust import audit
from rapport.trust.actors import Actor

BATCH_BYTES, BATCH_CHUNKS = 8 << 20, 16
_IMPORTING = 0x494D5054  # advisory locks: deliveries that a living process works on


@dataclass
class Imported:
    """What an import held and became."""

    delivery: Delivery
    tally: Tally = field(default_factory=Tally)
    landings: int = 0
    bytes: int = 0
    passed: int = 0
    problems: Counter = field(default_factory=Counter)


def fhir(
    *,
    by: Actor,
    path: Path,
    source: Source,
    clock: Callable[[], datetime],
    tell: Callable[[Imported], None] | None = None,
) -> Imported:
    """Take in a FHIR file or folder. Run again, it only finds duplicates."""
    settle_interrupted(source, clock())
    walk = Walk()
    delivery = landing.open_delivery(source=source, file_name=path.name, now=clock())
    imported = Imported(delivery)
    _hold(delivery)
    try:
        for batch in batches(walk.chunks(path)):
            imported.tally.add(_take_in(delivery, batch, clock))
            imported.landings += len(batch)
            imported.bytes += sum(len(chunk.raw) for chunk in batch)
            if tell:
                tell(imported)
        imported.passed = walk.passed
        _close(by, delivery, clock())
    finally:
        _let_go(delivery)
    return imported


@starting_over
@transaction.atomic
def _take_in(delivery: Delivery, batch: list[Chunk], clock: Callable[[], datetime]) -> Tally:
    """One batch in one transaction. Somebody may be mending a record of it at this moment."""
    landings = [land(delivery, chunk, clock()) for chunk in batch]
    return take_in.take(landings=landings, now=clock())


def upload(*, by: Actor, chunks: Iterable[Chunk], source: Source, file_name: str, now: datetime) -> Delivery:
    """Land an uploaded file; the worker takes it in."""
    with transaction.atomic():
        delivery = landing.open_delivery(source=source, file_name=file_name, now=now)
        number = 0
        for number, chunk in enumerate(chunks, 1):  # noqa: B007 - the count is wanted
            land(delivery, chunk, now)
        delivery.counts = {"landed": True, "landings": number}
        if not number:
            delivery.state, delivery.finished_at = Delivery.State.DONE, now
            delivery.problem = "There was no FHIR file in it."
        delivery.save(update_fields=["counts", "state", "finished_at", "problem"])
        audit.record(
            by=by,
            verb="sources.upload",
            now=now,
            thing=f"delivery:{delivery.pk}",
            details={"landings": number},
            trace=delivery.trace,
        )
    return delivery


def land(delivery: Delivery, chunk: Chunk, now: datetime) -> landing.Landing:
    return landing.receive(
        source=delivery.source, raw=chunk.raw, form=chunk.form, now=now, delivery=delivery, first_line=chunk.first_line
    )


def batches(chunks: Iterable[Chunk]) -> Iterator[list[Chunk]]:
    """Chunks of one form together, as many as are worth a transaction."""
    batch: list[Chunk] = []
    size = 0
    for chunk in chunks:
        full = len(batch) >= BATCH_CHUNKS or size + len(chunk.raw) > BATCH_BYTES
        if batch and (full or batch[-1].form != chunk.form):
            yield batch
            batch, size = [], 0
        batch.append(chunk)
        size += len(chunk.raw)
    if batch:
        yield batch


@transaction.atomic
def settle_interrupted(source: Source, now: datetime) -> int:
    """Deliveries whose process died before the end: what was taken stays, and they say so."""
    found = 0
    for delivery in Delivery.objects.filter(source=source, state=Delivery.State.OPEN):
        if delivery.counts.get("landed"):
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_IMPORTING, delivery.pk])
            if not cursor.fetchone()[0]:
                continue
        delivery.state, delivery.finished_at = Delivery.State.FAILED, now
        delivery.problem = "It was interrupted. What had been read is taken in; import the file again for the rest."
        delivery.save(update_fields=["state", "finished_at", "problem"])
        found += 1
    return found


@transaction.atomic
def _close(by: Actor, delivery: Delivery, now: datetime) -> None:
    fresh = Delivery.objects.select_for_update().get(pk=delivery.pk)
    fresh.counts["landed"] = True
    totals.close_when_taken(fresh, now)
    fresh.save(update_fields=["counts", "state", "finished_at"])
    details = {name: fresh.counts.get(name, 0) for name in totals.NAMES}
    audit.record(
        by=by, verb="sources.import", now=now, thing=f"delivery:{fresh.pk}", details=details, trace=fresh.trace
    )


def _hold(delivery: Delivery) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_IMPORTING, delivery.pk])


def _let_go(delivery: Delivery) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_IMPORTING, delivery.pk])
