"""Decompression that counts what it makes of what it reads, and stops a bomb before it goes off."""

import io
import lzma
import zlib
from typing import IO, Any, BinaryIO

MOST_BYTES = 256 << 30
MOST_RATIO = 200
WATCHED_FROM = 64 << 20  # small files may be as regular as they like
XZ_MEMORY = 128 << 20
READ = 1 << 18


class Bomb(ValueError):
    """It unpacks to far more than patient records ever do."""


class Broken(ValueError):
    """The compressed data are damaged."""


class Limits:
    """What everything in one walk may unpack to, together."""

    def __init__(
        self, most_bytes: int = MOST_BYTES, most_ratio: int = MOST_RATIO, watched_from: int = WATCHED_FROM
    ) -> None:
        self.most_bytes, self.most_ratio, self.watched_from = most_bytes, most_ratio, watched_from
        self.made = 0

    def check(self, made: int, taken: int, more: int) -> None:
        """`made` of `taken` compressed bytes so far in this member, `more` of it just now."""
        self.made += more
        if self.made > self.most_bytes:
            raise Bomb(f"it unpacks to more than {self.most_bytes >> 20} MB")
        if made > self.watched_from and made > self.most_ratio * max(taken, 1):
            raise Bomb(f"it unpacks to more than {self.most_ratio} times its size")

    def watch(self, stream: Any, size: int) -> BinaryIO:
        """A stream that is unpacked elsewhere (a member of a zip), `size` bytes when packed."""
        return io.BufferedReader(_Watched(stream, size, self), READ)


def unpacked(name: str, stream: IO[bytes], limits: Limits) -> IO[bytes]:
    """The plain stream of a file that is `.gz` or `.xz` by its name; else itself."""
    lower = name.lower()
    if lower.endswith((".gz", ".tgz")):
        return io.BufferedReader(_Unpacked(stream, _gzip, limits), READ)
    if lower.endswith((".xz", ".txz")):
        return io.BufferedReader(_Unpacked(stream, _xz, limits), READ)
    return stream


class _Unpacked(io.RawIOBase):
    """Several compressed streams one after the other are one, as gzip and xz have it."""

    def __init__(self, packed: IO[bytes], make: Any, limits: Limits) -> None:
        self.packed, self.make, self.limits = packed, make, limits
        self.decoder = make()
        self.waiting = b""
        self.taken = self.made = 0
        self.fresh = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        plain = self._next(len(buffer))
        self.made += len(plain)
        self.limits.check(self.made, self.taken, len(plain))
        buffer[: len(plain)] = plain
        return len(plain)

    def _next(self, most: int) -> bytes:
        while True:
            if self.decoder.eof:
                self.waiting = self.decoder.unused_data or self.waiting
                self.decoder, self.fresh = self.make(), True
            if not self.waiting and self._wants_input():
                self.waiting = self.packed.read(READ)
                self.taken += len(self.waiting)
                if not self.waiting:
                    if self.fresh:
                        return b""
                    raise Broken("it ends in the middle")
            if self.fresh and not self.waiting.strip(b"\0"):  # padding between streams
                self.waiting = b""
                continue
            plain = self._decode(most)
            if plain:
                return plain

    def _wants_input(self) -> bool:
        return getattr(self.decoder, "needs_input", True)

    def _decode(self, most: int) -> bytes:
        given, self.waiting, self.fresh = self.waiting, b"", False
        try:
            plain = self.decoder.decompress(given, most)
        except (lzma.LZMAError, zlib.error, EOFError) as damaged:
            raise Broken(str(damaged)[:80]) from None
        if not self.decoder.eof:
            self.waiting = getattr(self.decoder, "unconsumed_tail", b"")
        return plain


class _Watched(io.RawIOBase):
    def __init__(self, plain: BinaryIO, size: int, limits: Limits) -> None:
        self.plain, self.size, self.limits, self.made = plain, size, limits, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            read = self.plain.read(len(buffer))
        except (zlib.error, lzma.LZMAError) as damaged:
            raise Broken(str(damaged)[:80]) from None
        self.made += len(read)
        self.limits.check(self.made, self.size, len(read))
        buffer[: len(read)] = read
        return len(read)


def _gzip() -> Any:
    return zlib.decompressobj(wbits=31)


def _xz() -> Any:
    return lzma.LZMADecompressor(memlimit=XZ_MEMORY)
