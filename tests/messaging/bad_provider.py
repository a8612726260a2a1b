"""A provider of e-mail on loopback that does what a test says, and keeps every request it took whole."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from rapport.kit import http
from rapport.messaging.channels import CHANNELS
from rapport.messaging.channels.email.providers import KINDS, Provider

CUT = "cut"


class Asked(msgspec.Struct):
    """One request as it came. `number` counts from 1; `line` is the same for requests over one connection."""

    path: str
    headers: dict[str, str]
    body: bytes
    number: int
    line: int

    @property
    def told(self) -> dict:
        return json.loads(self.body)


class Reply(msgspec.Struct):
    """What to answer; `after` seconds of silence come first."""

    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = {}
    after: float = 0.0


Says = Callable[[Asked], "Reply | str"]


def taken_by_postmark(asked: Asked) -> Reply:
    to = asked.told["To"]
    return Reply(body=json.dumps({"ErrorCode": 0, "Message": "OK", "MessageID": f"pm-{asked.number}", "To": to}))


def taken_by_sendgrid(asked: Asked) -> Reply:
    return Reply(202, "", {"X-Message-Id": f"sg-{asked.number}"})


def postmark_says(status: int, code: int, words: str = "No.") -> Reply:
    return Reply(status, json.dumps({"ErrorCode": code, "Message": words}))


class Server:
    def __init__(self, says: Says) -> None:
        self.says, self.asked, self.lines = says, [], 0
        self._lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._door())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def _door(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with provider._lock:
                    provider.lines += 1
                    self.line = provider.lines

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with provider._lock:
                    one = Asked(self.path, dict(self.headers), body, len(provider.asked) + 1, self.line)
                    provider.asked.append(one)
                said = provider.says(one)
                if said == CUT:
                    self.close_connection = True
                    return
                time.sleep(said.after)
                try:
                    self.send_response_only(said.status)
                    for name, value in {**said.headers, "Content-Length": str(len(said.body))}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(said.body.encode())
                except OSError:
                    self.close_connection = True  # whoever asked has gone

            def log_message(self, *words: object) -> None:
                pass

        return Door


def channel(name: str, url: str, **more: str) -> Provider:
    """The real channel; loopback is open for it, as it never is outside of tests."""
    keys = {one: f"{one}-x" for one in KINDS[name].keys} | {"api_url": url} | more
    return Provider(name, keys, client=http.Client(loopback=True))


@contextmanager
def provider(name: str, says: Says) -> Iterator[tuple[Server, Provider]]:
    """A server that speaks as `says` does, and the channel to it in the place of SMTP."""
    server = Server(says)
    thread = threading.Thread(target=server.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    made, before = channel(name, server.url), CHANNELS["email"]
    CHANNELS["email"] = made
    try:
        yield server, made
    finally:
        CHANNELS["email"] = before
        made.hang_up()
        server.server.shutdown()
        server.server.server_close()
