"""A relay that does what a test says: refuses, asks for patience, cuts the line. It keeps what it took."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rapport.messaging.channels import email

CUT = "cut"
Says = Callable[[str, int], str | None]


def _nothing(address: str, time: int) -> str | None:
    return None


class Relay:
    """`at_envelope` and `at_end` say what to answer to an address at its n-th coming: a reply, CUT, or None for yes."""

    def __init__(self, *, pipelining: bool, at_envelope: Says, at_end: Says, per_line: int) -> None:
        self.pipelining, self.at_envelope, self.at_end, self.per_line = pipelining, at_envelope, at_end, per_line
        self.taken: list[tuple[str, bytes]] = []
        self.lines = 0
        self.came: dict[tuple[str, str], int] = {}
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def times(self, address: str, phase: str) -> int:
        self.came[address, phase] = self.came.get((address, phase), 0) + 1
        return self.came[address, phase]

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        relay = self

        class Line(socketserver.StreamRequestHandler):
            def say(self, words: str) -> None:
                self.wfile.write(words.encode() + b"\r\n")

            def handle(self) -> None:
                relay.lines += 1
                self.say("220 bad relay")
                address, taken = "", 0
                while line := self.rfile.readline():
                    verb = line[:4].upper().decode().strip()
                    if verb == "EHLO":
                        self.say("250-bad relay\r\n250 PIPELINING" if relay.pipelining else "250 bad relay")
                    elif verb == "MAIL" and taken >= relay.per_line:
                        self.say("421 4.7.0 that was enough for one line")
                        return
                    elif verb == "RCPT":
                        address = line.decode().partition("<")[2].partition(">")[0]
                        said = relay.at_envelope(address, relay.times(address, "envelope"))
                        if said == CUT:
                            return
                        if said is not None:
                            self.say(said)
                            address = ""
                        else:
                            self.say("250 yes")
                    elif verb == "DATA":
                        self.say("354 go")  # also where the recipient was refused, as some relays do
                        words = self.words()
                        if words is None:
                            return
                        said = (
                            "554 nobody to send it to"
                            if not address
                            else relay.at_end(address, relay.times(address, "end"))
                        )
                        if said == CUT:
                            return
                        if said is None:
                            relay.taken.append((address, words))
                            taken += 1
                        self.say(said or "250 taken")
                    elif verb == "QUIT":
                        return
                    else:
                        self.say("250 yes")

            def words(self) -> bytes | None:
                """Up to the lone dot; None where the line ended before it."""
                read = b""
                while line := self.rfile.readline():
                    if line == b".\r\n":
                        return read
                    read += line[1:] if line.startswith(b"..") else line
                return None

        return Line


@contextmanager
def relay(
    settings: Any,
    *,
    pipelining: bool = True,
    at_envelope: Says = _nothing,
    at_end: Says = _nothing,
    per_line: int = 1_000,
) -> Iterator[Relay]:
    """The relay of this test."""
    bad = Relay(pipelining=pipelining, at_envelope=at_envelope, at_end=at_end, per_line=per_line)
    thread = threading.Thread(target=bad.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    before, settings.SMTP_PORT = settings.SMTP_PORT, bad.port
    email.CHANNEL.hang_up()
    try:
        yield bad
    finally:
        email.CHANNEL.hang_up()
        settings.SMTP_PORT = before
        bad.server.shutdown()
        bad.server.server_close()
