"""Sealing: every minute the settled part of the audit trail is chained to what was sealed before.

A line belongs to the transaction that wrote it. Ids may have gaps (rolled back) and may appear late (a long transaction), so
a seal covers a run of *transactions*: all below the oldest one still open, which can't gain a line any more. The next seal
begins where this one ends. Nothing is missed and nothing is counted twice.
"""

from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from rapport.kit import horizon
from rapport.trust import audit, audit_heads
from rapport.trust.actors import System
from rapport.trust.audit_lines import GENESIS, cover
from rapport.trust.models import AuditClock, AuditEntry, AuditSeal

LOCK = 0x52_41_55_44_49_54  # one sealer at a time
BY = System("audit seal")


class HeadsDisagree(RuntimeError):
    """The file outside the database holds another chain than the database: run `rapport audit verify` before sealing on."""


def seal(*, now: datetime, heads: Path | None = None) -> AuditSeal | None:
    """Seal what has settled since the last time; None when nothing has. The head is in the file when this returns."""
    file = heads or audit_heads.place()
    with transaction.atomic(durable=True):
        _alone()
        last = AuditSeal.objects.order_by("-number").first()
        _note_outside(file)
        new = _next(last, now)
    # After the commit, for a head without a seal would look like a removed one. If we die in between, the next call writes it.
    if new is not None:
        audit_heads.append(file, [new])
    return new


def settled_until() -> int:
    """The first transaction that may still write a line."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce((SELECT ahead FROM trust_auditclock WHERE id = 1), 0)")
        return horizon.settled_until() + int(cursor.fetchone()[0])


def count_reached() -> int:
    """Below this lies every transaction that has begun. It never goes back, unless the database is a restored copy.

    `settled_until` may: what another database of the server does is left out of it only while we can see that it is not ours.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
            " + coalesce((SELECT ahead FROM trust_auditclock WHERE id = 1), 0)"
        )
        return int(cursor.fetchone()[0])


@transaction.atomic
def adopt(*, now: datetime) -> int:
    """After a database was restored from a dump: let its transactions count on from where the trail ends.

    A server made new counts its transactions from the start, which would place new lines among sealed ones; they are refused
    until this is done. Returns by how much the count was moved on; 0 when there was no need.
    """
    _alone()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest((SELECT max(tx) FROM trust_auditentry), (SELECT max(until_tx) FROM trust_auditseal), 0),"
            " pg_current_xact_id()::text::bigint, coalesce((SELECT ahead FROM trust_auditclock WHERE id = 1), 0)"
        )
        written, here, ahead = cursor.fetchone()
    if here + ahead >= written:
        return 0
    moved = written + 1 - here
    AuditClock.objects.update_or_create(id=1, defaults={"ahead": moved})
    audit.record(by=System("rapport audit"), verb="audit.adopt", now=now, details={"ahead": moved})
    return int(moved)


def unsealed() -> int:
    """How many lines wait for the next seal."""
    last = AuditSeal.objects.order_by("-number").first()
    return AuditEntry.objects.filter(tx__gte=last.until_tx if last else 0).count()


def _next(last: AuditSeal | None, now: datetime) -> AuditSeal | None:
    number = last.number + 1 if last else 1
    from_tx, until_tx = last.until_tx if last else 0, settled_until()
    previous = bytes(last.digest) if last else GENESIS
    if until_tx <= from_tx or not AuditEntry.objects.filter(tx__gte=from_tx, tx__lt=until_tx).exists():
        return None
    found = cover(number=number, from_tx=from_tx, until_tx=until_tx, previous=previous)
    return AuditSeal.objects.create(
        number=number,
        from_tx=from_tx,
        until_tx=until_tx,
        first_entry=found.first,
        last_entry=found.last,
        entries=found.entries,
        digest=found.digest,
        previous=previous,
        sealed_at=now,
    )


def _note_outside(file: Path) -> None:
    """Write the heads that a crash kept from the file, if the file's last head is one of ours."""
    heads = audit_heads.read(file)
    noted = heads[-1].number if heads else 0
    if heads:
        ours = AuditSeal.objects.filter(number=noted).first()
        if ours is None or audit_heads.Head.of(ours) != heads[-1]:
            raise HeadsDisagree("The file of heads and the database tell two stories. Run: rapport audit verify")
    audit_heads.append(file, list(AuditSeal.objects.filter(number__gt=noted).order_by("number")))


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
