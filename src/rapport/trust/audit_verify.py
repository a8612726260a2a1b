"""Proving the audit trail: every line, every seal, and the file of heads outside the database.

1. Seals are numbered without a gap, each hangs on the one before and begins where that one ended.
2. The lines of each seal give its digest again: a changed, removed, added or moved line does not.
3. Every head in the file is a seal of the database: who cuts off the tail, or builds a new chain, is found by it.
4. No line claims a transaction that is sealed and was not counted (covered by 2), and the clock did not go back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from django.db import connection, transaction

from rapport.trust import audit_heads
from rapport.trust.audit_lines import GENESIS, cover
from rapport.trust.audit_seal import count_reached, unsealed
from rapport.trust.models import AuditSeal


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was sealed. kind: changed deleted added chain truncated rewritten heads clock."""

    kind: str
    seal: int
    text: str


@dataclass(frozen=True)
class Proof:
    """What was checked and what was found. Without findings the trail is whole up to the last seal."""

    seals: int
    entries: int
    waiting: int
    head: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.findings


def verify(*, heads: Path | None = None) -> Proof:
    """Read everything once, as of one moment, and compare."""
    file = heads or audit_heads.place()
    with transaction.atomic():
        if len(connection.savepoint_ids) == 0:  # a test's own transaction has begun already
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        seals = list(AuditSeal.objects.order_by("number"))
        findings = [*_chain(seals), *_lines(seals), *_outside(seals, file), *_clock(seals)]
        return Proof(
            seals=len(seals),
            entries=sum(seal.entries for seal in seals),
            waiting=unsealed(),
            head=bytes(seals[-1].digest).hex() if seals else "",
            findings=findings,
        )


def _chain(seals: list[AuditSeal]) -> Iterator[Finding]:
    if seals and (seals[0].number != 1 or bytes(seals[0].previous) != GENESIS or seals[0].from_tx != 0):
        yield Finding("chain", seals[0].number, "the first seal is missing or is not the first")
    for before, after in pairwise(seals):
        if after.number != before.number + 1:
            yield Finding("chain", after.number, f"seals {before.number + 1} to {after.number - 1} are missing")
        elif bytes(after.previous) != bytes(before.digest) or after.from_tx != before.until_tx:
            yield Finding("chain", after.number, f"seal {after.number} does not hang on seal {before.number}")


def _lines(seals: list[AuditSeal]) -> Iterator[Finding]:
    for seal in seals:
        found = cover(number=seal.number, from_tx=seal.from_tx, until_tx=seal.until_tx, previous=bytes(seal.previous))
        where = f"lines {seal.first_entry} to {seal.last_entry}, sealed {seal.sealed_at:%Y-%m-%d %H:%M} UTC"
        if found.entries < seal.entries:
            yield Finding(
                "deleted", seal.number, f"{seal.entries - found.entries} of {seal.entries} lines are gone ({where})"
            )
        elif found.entries > seal.entries:
            yield Finding(
                "added", seal.number, f"{found.entries - seal.entries} lines were put in afterwards ({where})"
            )
        elif found.digest != bytes(seal.digest):
            yield Finding("changed", seal.number, f"a line was changed or lines were exchanged ({where})")


def _outside(seals: list[AuditSeal], file: Path) -> Iterator[Finding]:
    try:
        heads = audit_heads.read(file)
    except audit_heads.HeadsDamaged as damaged:
        yield Finding("heads", 0, str(damaged))
        return
    ours = {seal.number: audit_heads.Head.of(seal) for seal in seals}
    if len(seals) > 1 and len(heads) < len(seals) - 1:  # one may be missing: written after the commit
        yield Finding(
            "heads", len(heads), f"the file of heads holds {len(heads)} of {len(seals)} seals: it was cut or replaced"
        )
    for place, head in enumerate(heads, start=1):
        if head.number != place:
            yield Finding("heads", head.number, f"line {place} of the file of heads holds seal {head.number}")
        elif head.number not in ours:
            yield Finding(
                "truncated", head.number, f"seal {head.number} was written outside and is gone from the database"
            )
        elif ours[head.number] != head:
            yield Finding("rewritten", head.number, f"seal {head.number} is another one than was written outside")


def _clock(seals: list[AuditSeal]) -> Iterator[Finding]:
    if seals and count_reached() < seals[-1].until_tx:
        yield Finding(
            "clock",
            seals[-1].number,
            "the database counts transactions from an earlier point: restored? rapport audit adopt",
        )
