"""The heads of the chain, written to a file outside the database: who empties the tail of the trail can't empty this with SQL.

One line a seal: number, digest, entries, last entry, instant. Ship the file to a place the database administrator can't write
(a log collector, write-once storage), and the trail is provable against that administrator too.
"""

import fcntl
import os
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from rapport.kit import home
from rapport.trust.models import AuditSeal


class HeadsDamaged(RuntimeError):
    """The file of heads holds a line that we did not write."""


@dataclass(frozen=True)
class Head:
    number: int
    digest: str
    entries: int
    last_entry: int

    @classmethod
    def of(cls, seal: AuditSeal) -> "Head":
        return cls(seal.number, bytes(seal.digest).hex(), seal.entries, seal.last_entry)


def place() -> Path:
    return home.private_folder(home.find().ready().root / "audit") / "heads.log"


def read(file: Path) -> list[Head]:
    """The heads in the order they were written. A torn last line (a power cut while writing) counts as not written."""
    try:
        text = file.read_text()
    except FileNotFoundError:
        return []
    return [
        _head(line, number)
        for number, line in enumerate(text.splitlines(keepends=True), start=1)
        if line.endswith("\n")
    ]


def append(file: Path, seals: list[AuditSeal]) -> None:
    """Add heads that the file does not hold yet; on disk when this returns.

    A sealer writes its head after its commit, so another one may have noted it in between: one writer at a time, each head once.
    """
    if not seals:
        return
    with open(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as out:
        fcntl.flock(out, fcntl.LOCK_EX)  # let go when the file closes
        whole = out.read()
        end = whole.rfind(b"\n") + 1
        out.seek(end)  # over a torn last line
        out.truncate()
        noted = _last_number(whole[:end])
        for seal in seals:
            if seal.number <= noted:
                continue
            head = Head.of(seal)
            at = seal.sealed_at.astimezone(UTC).isoformat(timespec="seconds")
            out.write(f"{head.number} {head.digest} {head.entries} {head.last_entry} {at}\n".encode())
        out.flush()
        os.fsync(out.fileno())


def _last_number(whole: bytes) -> int:
    """The seal of the last whole line; 0 for an empty file."""
    lines = whole.splitlines()
    return _head(lines[-1].decode(), len(lines)).number if lines else 0


def _head(line: str, number: int) -> Head:
    try:
        seal, digest, entries, last, _at = line.split()
        return Head(int(seal), bytes.fromhex(digest).hex(), int(entries), int(last))
    except ValueError:
        raise HeadsDamaged(f"line {number} of the file of heads is not a head") from None
