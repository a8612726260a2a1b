"""Files as a stream of chunks to land: plain, `.gz`, `.xz`, `.tar` of all kinds, `.zip`, and folders. Memory stays flat.

Nothing is unpacked to disk, so names inside archives can't lead anywhere. Whatever can't be read becomes a refusal with its
place and reason, and the rest goes on:
- a line longer than LONGEST_LINE is passed over without being held;
- a bundle larger than LARGEST_BUNDLE is refused (it has to be read whole);
- an archive that unpacks to more than MOST_RATIO times its size, or to more than MOST_BYTES, is refused from there on.
"""

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from rapport.integrations import refused
from rapport.integrations.refused import Refusal
from rapport.integrations.unpacking import Bomb, Broken, Limits, unpacked

LONGEST_LINE = 64 << 20
LARGEST_BUNDLE = 256 << 20
CHUNK_BYTES, CHUNK_LINES = 2 << 20, 2000
BLOCK = 1 << 20
EXCERPT = 2048
LINES = (".ndjson", ".jsonl", ".ndj")
JSON = (".json", ".fhir")
TARS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz")
# NDJSON of a bulk export: who is referred to comes before who refers.
ORDER = ("organization", "location", "practitioner", "practitionerrole", "patient", "coverage", "encounter")


@dataclass(frozen=True)
class Chunk:
    """A piece to land: its form, its raw bytes, and the number of its first line in the member it comes from."""

    form: str
    raw: bytes
    member: str
    first_line: int = 1


@dataclass
class Walk:
    """One walk through a path. `limits` are shared by everything in it; `passed` counts members that are no FHIR."""

    limits: Limits = field(default_factory=Limits)
    passed: int = 0
    later: bool = False

    def chunks(self, path: Path) -> Iterator[Chunk]:
        """Everything in a file or folder, those who are referred to first."""
        if path.is_dir():
            files = sorted(
                (one for one in path.rglob("*") if one.is_file()), key=lambda one: (rank(one.name), str(one))
            )
            for one in files:
                yield from self._file(one, one.relative_to(path).as_posix())
            return
        yield from self._file(path, path.name)

    def stream(self, name: str, stream: BinaryIO) -> Iterator[Chunk]:
        """One seekable stream with a name: an uploaded file."""
        lower = name.lower()
        if lower.endswith(".zip"):
            yield from self._zip(stream, name)
        elif lower.endswith(TARS):
            yield from self._tar(stream, name)
        else:
            yield from self._member(stream, name)

    def _file(self, path: Path, name: str) -> Iterator[Chunk]:
        with path.open("rb") as stream:
            yield from self.stream(name, stream)

    def _tar(self, stream: BinaryIO, name: str) -> Iterator[Chunk]:
        """Read front to back; a second time when NDJSON of the later kinds stands in it."""
        self.later = False
        yield from self._tar_once(stream, name, later=False)
        if self.later:
            stream.seek(0)
            yield from self._tar_once(stream, name, later=True)

    def _tar_once(self, stream: BinaryIO, name: str, *, later: bool) -> Iterator[Chunk]:
        try:
            with tarfile.open(fileobj=unpacked(name, stream, self.limits), mode="r|") as archive:
                for member in archive:
                    if not member.isfile() or _waits(member.name) != later:
                        self.later |= member.isfile() and not later
                        continue
                    inside = archive.extractfile(member)
                    if inside is not None:
                        yield from self._member(inside, member.name)
        except Bomb as bomb:
            yield _refusal(name, 1, str(bomb))
        except (Broken, tarfile.TarError, EOFError, OSError) as broken:
            yield _refusal(
                name,
                1,
                f"the archive can't be read to its end: {type(broken).__name__}",
                "Make it anew and send it again.",
            )

    def _zip(self, stream: BinaryIO, name: str) -> Iterator[Chunk]:
        try:
            with zipfile.ZipFile(stream) as archive:
                members = sorted(
                    (one for one in archive.infolist() if not one.is_dir()),
                    key=lambda one: (rank(one.filename), one.filename),
                )
                for member in members:
                    if member.flag_bits & 1:
                        yield _refusal(member.filename, 1, "it is protected by a password", "Send it without one.")
                        continue
                    with archive.open(member) as inside:
                        yield from self._member(self.limits.watch(inside, member.compress_size), member.filename)
        except Bomb as bomb:
            yield _refusal(name, 1, str(bomb))
        except (Broken, zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as broken:
            yield _refusal(
                name, 1, f"the archive can't be read: {type(broken).__name__}", "Make it anew and send it again."
            )

    def _member(self, stream: IO[bytes], name: str) -> Iterator[Chunk]:
        """One file, perhaps compressed. Those that are no FHIR by their name are passed over and counted."""
        lower = name.lower()
        inner = lower.removesuffix(".gz").removesuffix(".xz")
        if not inner.endswith((*LINES, *JSON)):
            self.passed += 1
            return
        try:
            plain = unpacked(name, stream, self.limits) if inner != lower else stream
            yield from lines(plain, name) if inner.endswith(LINES) else document(plain, name)
        except Bomb as bomb:
            yield _refusal(name, 1, str(bomb))
        except (Broken, EOFError, OSError) as broken:
            yield _refusal(name, 1, f"the file can't be read to its end: {type(broken).__name__}", "Send it again.")


def rank(name: str) -> int:
    """Where a file stands in the order of who refers to whom, by the word its name begins with."""
    found = re.match(r"[a-z]+", name.rsplit("/", 1)[-1].lower())
    stem = found[0] if found else ""
    return ORDER.index(stem) if stem in ORDER else len(ORDER)


def lines(stream: IO[bytes], name: str) -> Iterator[Chunk]:
    """NDJSON in chunks of whole lines. The line number of a chunk is that of its first line in the file."""
    cutter = _Cutter(name)
    while block := stream.read(BLOCK):
        yield from cutter.feed(block)
    yield from cutter.end()


def document(stream: IO[bytes], name: str) -> Iterator[Chunk]:
    """A bundle or a single resource; lines in disguise are known by a second object after the first line."""
    parts, size = [], 0
    while block := stream.read(BLOCK):
        parts.append(block)
        size += len(block)
        if size > LARGEST_BUNDLE:
            if _is_lines(parts[0]):
                break
            yield _refusal(
                name,
                1,
                f"the bundle is larger than {LARGEST_BUNDLE >> 20} MB",
                "Send it as NDJSON, which may be of any size.",
                parts[0],
            )
            return
    if parts and _is_lines(parts[0]):
        cutter = _Cutter(name)
        for part in parts:
            yield from cutter.feed(part)
        while block := stream.read(BLOCK):
            yield from cutter.feed(block)
        yield from cutter.end()
    elif size:
        yield Chunk("fhir_bundle", b"".join(parts).removeprefix(b"\xef\xbb\xbf"), name)


class _Cutter:
    """Cuts a stream into chunks of lines, and lets go of lines that are too long to hold."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rest = bytearray()
        self.line = 1
        self.too_long = 0
        self.excerpt = b""

    def feed(self, block: bytes) -> Iterator[Chunk]:
        if self.too_long:
            end = block.find(b"\n")
            if end < 0:
                self.too_long += len(block)
                return
            yield self._give_up(end)
            block = block[end + 1 :]
        self.rest += block
        while (chunk := self._cut()) is not None:
            yield chunk
        if len(self.rest) > LONGEST_LINE and self.rest.find(b"\n") < 0:
            self.too_long, self.excerpt = len(self.rest), bytes(self.rest[:EXCERPT])
            self.rest = bytearray()

    def end(self) -> Iterator[Chunk]:
        if self.too_long:
            yield self._give_up(0)
        if self.rest.strip():
            while (chunk := self._cut()) is not None:
                yield chunk
            if self.rest.strip():
                yield Chunk("fhir_ndjson", bytes(self.rest), self.name, self.line)

    def _cut(self) -> Chunk | None:
        """The next chunk when enough is there for one: CHUNK_LINES lines, or whole lines of about CHUNK_BYTES."""
        at, count = -1, 0
        while count < CHUNK_LINES:
            following = self.rest.find(b"\n", at + 1)
            if following < 0 or (following > CHUNK_BYTES and count):
                break
            at, count = following, count + 1
        enough = count == CHUNK_LINES or (count and (at > CHUNK_BYTES or len(self.rest) > CHUNK_BYTES))
        if not enough:
            return None
        raw = bytes(self.rest[:at])
        del self.rest[: at + 1]
        chunk = Chunk("fhir_ndjson", raw, self.name, self.line)
        self.line += count
        return chunk

    def _give_up(self, more: int) -> Chunk:
        size, self.too_long = self.too_long + more, 0
        refusal = _refusal(
            self.name, self.line, f"the line is {size >> 20} MB long; the longest that is read is {LONGEST_LINE >> 20} MB",
            "Ask the source to leave attachments out, or to write one resource a line.", self.excerpt,
        )  # fmt: skip
        self.line += 1
        return refusal


def _waits(name: str) -> bool:
    """Whether a member of an archive comes in the second round: NDJSON of those who refer to others."""
    plain = name.lower().removesuffix(".gz").removesuffix(".xz")
    return plain.endswith(LINES) and rank(name) > ORDER.index("patient")


def _is_lines(head: bytes) -> bool:
    first, _, second = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    return first.rstrip().endswith(b"}") and second.lstrip().startswith(b"{")


def _refusal(name: str, line: int, reason: str, remedy: str = "", excerpt: bytes = b"") -> Chunk:
    packed = refused.pack(Refusal(line, "", reason, remedy, excerpt[:EXCERPT], name))
    return Chunk(refused.FORM, packed, name, line)


def of_bytes(name: str, raw: bytes) -> Iterator[Chunk]:
    """The same for bytes in hand."""
    yield from Walk().stream(name, io.BytesIO(raw))
