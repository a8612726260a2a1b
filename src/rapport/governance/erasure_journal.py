"""The journal of erasures, outside the database: what a restored older backup must be told again.

One line an erasure: when, which keys, pseudonyms, and the keyed digests of numbers and addresses. No name, no number, no address.
The file is written after the commit; what a crash left unwritten is added at the next start (`reapplying`). Keep a copy of it with
the copies of the keys: a backup of the database without it brings the erased back.
"""

import fcntl
import json
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rapport.kit import home

NAME = "erasures.log"


class JournalDamaged(RuntimeError):
    """The journal holds a line that we did not write."""


@dataclass(frozen=True)
class Entry:
    """One erasure."""

    at: datetime
    people: tuple[uuid.UUID, ...]
    subjects: tuple[uuid.UUID, ...] = ()
    pseudonyms: tuple[int, ...] = ()
    identifiers: tuple[bytes, ...] = ()
    addresses: tuple[tuple[str, bytes], ...] = ()

    def line(self) -> str:
        said = {
            "at": self.at.astimezone(UTC).isoformat(),
            "people": [str(one) for one in self.people],
            "subjects": [str(one) for one in self.subjects],
            "pseudonyms": list(self.pseudonyms),
            "identifiers": [one.hex() for one in self.identifiers],
            "addresses": [[kind, digest.hex()] for kind, digest in self.addresses],
        }
        return json.dumps(said, separators=(",", ":")) + "\n"

    @classmethod
    def read(cls, line: str) -> "Entry":
        said = json.loads(line)
        return cls(
            datetime.fromisoformat(said["at"]),
            tuple(uuid.UUID(one) for one in said["people"]),
            tuple(uuid.UUID(one) for one in said["subjects"]),
            tuple(int(one) for one in said["pseudonyms"]),
            tuple(bytes.fromhex(one) for one in said["identifiers"]),
            tuple((str(kind), bytes.fromhex(digest)) for kind, digest in said["addresses"]),
        )


def place() -> Path:
    return home.find().ready().root / NAME


def read(file: Path | None = None) -> list[Entry]:
    """Every erasure, oldest first. A torn last line (a power cut while writing) counts as not written."""
    try:
        lines = (file or place()).read_text().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    return [_entry(line, number) for number, line in enumerate(lines, 1) if line.endswith("\n")]


def append(entries: Sequence[Entry], file: Path | None = None) -> None:
    """Add erasures that the file does not hold yet; on disk when this returns."""
    file = file or place()
    with open(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as out:
        fcntl.flock(out, fcntl.LOCK_EX)  # let go when the file closes
        whole = out.read()
        end = whole.rfind(b"\n") + 1
        out.seek(end)  # over a torn last line
        out.truncate()
        noted = {_entry(line, number).people for number, line in enumerate(whole[:end].decode().splitlines(), 1)}
        for entry in entries:
            if entry.people not in noted:
                out.write(entry.line().encode())
        out.flush()
        os.fsync(out.fileno())
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _entry(line: str, number: int) -> Entry:
    try:
        return Entry.read(line)
    except (ValueError, KeyError, TypeError):
        raise JournalDamaged(f"line {number} of the journal of erasures is not one of ours") from None
