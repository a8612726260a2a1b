"""The judge: a mail relay that writes down every message it takes, and that is sometimes a bad relay.

    python -m exam.relay FILE SEED SLOW_SECONDS BAD_SHARE

It prints its port. FILE gets a line an event, `moment intent what`, written through before anybody is told:

    taken    the message is the relay's from here on, and yes was said
    slow     taken, but yes is said only after SLOW_SECONDS: the sender has given up by then
    mute     taken, then the line is cut without an answer
    cut      the line is cut when the words have come, and nothing was taken
    early    the line is cut at the envelope: nothing was taken, and the sender knows

Which message meets what is drawn by seed and Message-ID (`early`: by recipient), a BAD_SHARE each, at the first attempt only;
doubles are for the reader of the file to find.
"""

import asyncio
import hashlib
import os
import re
import sys
import time
from typing import Literal

Fate = Literal["taken", "slow", "mute", "cut"]
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*<(\d+)\.", re.IGNORECASE | re.MULTILINE)
_END = b"\r\n.\r\n"


class Book:
    """The file, and what was drawn for whom."""

    def __init__(self, path: str, seed: int, slow_seconds: float, bad_share: float) -> None:
        self.out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.seed, self.slow_seconds, self.bad_share = seed, slow_seconds, bad_share
        self.seen: set[int] = set()
        self.named: set[bytes] = set()

    def fate(self, intent: int) -> Fate:
        """Drawn once a message: whoever comes again after a cut line is served."""
        if intent in self.seen:
            return "taken"
        self.seen.add(intent)
        lot = int.from_bytes(hashlib.sha256(f"{self.seed}:{intent}".encode()).digest()[:8]) / 2**64
        bad: tuple[Fate, ...] = ("slow", "mute", "cut")
        return next((one for n, one in enumerate(bad) if lot < self.bad_share * (n + 1)), "taken")

    def cuts_early(self, recipient: bytes) -> bool:
        if recipient in self.named:
            return False
        self.named.add(recipient)
        lot = int.from_bytes(hashlib.sha256(f"{self.seed}:".encode() + recipient).digest()[:8]) / 2**64
        return lot < self.bad_share

    def write(self, intent: int, what: str) -> None:
        os.write(self.out, f"{time.time():.6f} {intent} {what}\n".encode())


class Line(asyncio.Protocol):
    """One connection: lines until DATA, then bytes until the lone dot. Offers PIPELINING."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.buffer = b""
        self.in_data = False
        self.is_waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.out: asyncio.Transport = transport  # type: ignore[assignment]
        self.out.write(b"220 relay\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.is_waiting:
            self.go_on()

    def go_on(self) -> None:
        while not self.is_waiting:
            end = self.buffer.find(_END if self.in_data else b"\r\n")
            if end < 0:
                return
            if self.in_data:
                words, self.buffer, self.in_data = self.buffer[:end], self.buffer[end + len(_END) :], False
                self.take(words)
            else:
                line, self.buffer = self.buffer[:end], self.buffer[end + 2 :]
                self.answer(line[:4].upper(), line)

    def take(self, words: bytes) -> None:
        found = _MESSAGE_ID.search(words)
        intent = int(found.group(1)) if found else 0
        fate = self.book.fate(intent)
        self.book.write(intent, fate)
        if fate in {"mute", "cut"}:
            self.out.abort()
            self.is_waiting = True
        elif fate == "slow":
            self.is_waiting = True
            asyncio.get_running_loop().call_later(self.book.slow_seconds, self.at_last)
        else:
            self.out.write(b"250 OK\r\n")

    def at_last(self) -> None:
        self.is_waiting = False
        if not self.out.is_closing():
            self.out.write(b"250 OK at last\r\n")
            self.go_on()

    def answer(self, verb: bytes, line: bytes) -> None:
        if verb == b"RCPT" and self.book.cuts_early(line):
            self.book.write(0, "early")
            self.out.abort()
            self.is_waiting = True
        elif verb == b"EHLO":
            self.out.write(b"250-relay\r\n250 PIPELINING\r\n")
        elif verb == b"DATA":
            self.in_data = True
            self.out.write(b"354 go\r\n")
        elif verb == b"QUIT":
            self.out.write(b"221 bye\r\n")
            self.out.close()
            self.is_waiting = True
        else:
            self.out.write(b"250 OK\r\n")


async def serve(book: Book) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Line(book), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    file, seed, slow, share = sys.argv[1:5]
    sys.exit(asyncio.run(serve(Book(file, int(seed), float(slow), float(share)))))
