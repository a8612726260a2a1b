"""The embedded phone: a Twilio-compatible interface on loopback that takes text messages and keeps them sealed for the Outbox.

It stands beside the mailbox, in the same process, and keeps the same promise: yes is said only after the message stands in the
database, and a silent sender is hung up on. What it does not have some minutes later, it will never get. Doubles stay doubles.
"""

import json
import re
import threading
import uuid
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from django.db import DatabaseError, connection

from rapport.kit import clock
from rapport.messaging import mailbox

SILENCE_SECONDS = 30
LARGEST = 20_000
_PATH = re.compile(r"/Accounts/[A-Za-z0-9]{1,64}/Messages\.json")
_BREAKS = re.compile(r"[\r\n\x00]")
_NUMBER = re.compile(r"\+?[0-9]{3,16}")


class Phone:
    """The running server. One thread a line."""

    def __init__(self, host: str, port: int) -> None:
        self._server = _Server((host, port), _Line)
        self._thread = threading.Thread(target=self._server.serve_forever, name="phone", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No new messages; what was taken stands already."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)


def as_letter(*, to: str, sender: str, body: str, reference: str, at: datetime) -> bytes:
    """A text message in the form in which the mailbox keeps everything: a head and the words."""
    head = {
        "From": sender,
        "To": to,
        "Message-ID": reference,
        "Date": format_datetime(at.astimezone(UTC).replace(microsecond=0)),
        "X-Channel": "sms",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    lines = "".join(f"{name}: {_BREAKS.sub(' ', value)}\r\n" for name, value in head.items())
    return lines.encode() + b"\r\n" + body.replace("\r\n", "\n").replace("\n", "\r\n").encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


class _Line(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SILENCE_SECONDS
    server_version = "Rapport"
    sys_version = ""

    def do_GET(self) -> None:
        self._say(200, {"phone": "embedded"})

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length", "")
        if not size.isdigit() or int(size) > LARGEST:
            self.close_connection = True
            self._say(413, {"code": 21617})
            return
        form = {name: many[0] for name, many in parse_qs(self.rfile.read(int(size)).decode("utf-8", "replace")).items()}
        to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
        if _PATH.fullmatch(self.path) is None:
            self._say(404, {"code": 20404})
        elif _NUMBER.fullmatch(to) is None or not body:
            self._say(400, {"code": 21211 if body else 21602})
        else:
            self._keep(to, sender, body)

    def finish(self) -> None:
        super().finish()
        connection.close()  # this thread had a session of its own

    def log_message(self, *told: object) -> None:
        """Nothing: a log of this server would name telephone numbers."""

    def _keep(self, to: str, sender: str, body: str) -> None:
        reference = self.headers.get("Idempotency-Key") or f"<{uuid.uuid4()}@unnamed>"
        now = clock.now()
        raw = as_letter(
            to=to, sender=sender, body=body, reference=reference, at=_moment(self.headers.get("X-Rapport-At")) or now
        )
        try:
            mailbox.keep([mailbox.letter(raw, now)])
        except DatabaseError:
            connection.close()
            self._say(503, {"code": 20503})
            return
        self._say(201, {"sid": f"SM{uuid.uuid4().hex}", "status": "queued"})

    def _say(self, status: int, told: dict[str, object]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Rapport-Phone", "1")
        self.end_headers()
        self.wfile.write(body)


def _moment(text: str | None) -> datetime | None:
    """When the sender wrote it, as the Date of a letter: the demo's year is simulated."""
    try:
        said = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return said if said.tzinfo is not None else None
