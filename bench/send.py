"""Personalised, policy-checked, DKIM-signed, tracked mails a second through the one door out, beside the bare rate of the same sink.

`sends_per_s`: BENCH_WORKERS (2) worker processes claim, gather facts, decide, open names and addresses, fill in the wording, sign the
links and the letter (BENCH_DKIM: rsa of 2,048 bits, ed25519 or none), send, and write states, receipts and timeline events, on a
PostgreSQL that syncs every commit; sink, database and workers share the cores. `bare_sink_per_s` hands the same finished letter to
the same sink again and again over one connection of the standard library, which is what a program that did nothing else could do.

BENCH_RECIPIENTS (20000) is how many; `peak_memory_mb` the largest worker. With BENCH_CLICKS=1 the public page that a click opens is
served by the house's own web process meanwhile, and asked as fast as four hands can: requests a second and how long they take.
"""

import json
import os
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
BARE = 4_000
HANDS = 4


def run(report: Callable[..., None]) -> dict[str, Any]:
    from django.conf import settings

    from rapport.messaging.models import Intent, Receipt

    many = int(os.environ.get("BENCH_RECIPIENTS", "20000"))
    workers = int(os.environ.get("BENCH_WORKERS", "2"))
    signed_by = _key(os.environ.get("BENCH_DKIM", "rsa"))
    with ExitStack() as stack:
        port = _sink(stack)
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", port
        _crowd(many, report)
        raw = _sample()
        report(f"bare sink, {len(raw):,} bytes a message")
        bare = _bare(raw)
        report(f"{bare:,.0f} a second; now the whole way, {workers} workers")
        clicks = _Clicks(stack) if os.environ.get("BENCH_CLICKS") else None
        took, memory = _whole_way(workers, port, report)
        figures = clicks.stop() if clicks else {}
    sent = Intent.objects.filter(state="sent").count()
    assert sent == many == Receipt.objects.filter(outcome="sent").count(), sent
    return {
        "sends_per_s": round(sent / took, 1),
        "bare_sink_per_s": round(bare, 1),
        "ratio": round(sent / took / bare, 3),
        "messages": sent,
        "workers": workers,
        "dkim": signed_by,
        "bytes_per_message": len(raw),
        "peak_memory_mb": memory,
        **figures,
    }


def _crowd(many: int, report: Callable[..., None]) -> None:
    from django.db import connection

    from exam import crowd

    people = crowd.people(many, now=NOW - timedelta(days=30), report=report)
    crowd.due(people, cause_id=1, version=crowd.wording(NOW), now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum does in a minute


def _whole_way(workers: int, port: int, report: Callable[..., None]) -> tuple[float, int]:
    """(seconds, memory of the largest worker in MB)."""
    told = json.dumps({"port": port, "now": NOW.isoformat()})
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "bench._sender", told], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(workers)
    ]
    for one in begun:
        assert one.stdout is not None
        one.stdout.readline()
    began = time.monotonic()
    for one in begun:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    told_back = [json.loads(one.communicate()[0].splitlines()[-1]) for one in begun]
    took = time.monotonic() - began
    report(f"workers sent {', '.join(str(one['sent']) for one in told_back)}")
    return took, max(one["peak_memory_mb"] for one in told_back)


def _sample() -> bytes:
    from django.conf import settings

    from rapport.messaging import compose, facts
    from rapport.messaging.channels.email import dkim, mime
    from rapport.messaging.models import Intent

    first = Intent.objects.order_by("id").first()
    assert first is not None
    to = facts.addressed([(first.pk, facts.gather([first], NOW)[0])])
    letter = compose.compose([first], to, NOW).messages[first.pk]
    raw = mime.assemble(letter, sender=settings.MAIL_FROM, sender_name=settings.CLINIC_NAME)
    return dkim.signed(raw, domain=settings.MAIL_FROM.rpartition("@")[2])


def _bare(raw: bytes) -> float:
    from django.conf import settings

    with smtplib.SMTP(settings.SMTP_HOST, settings.SMTP_PORT) as relay:
        relay.ehlo()
        began = time.monotonic()
        for _ in range(BARE):
            relay.mail("hello@riverbend.example")
            relay.rcpt("pat@mail.example")
            relay.data(raw)
        return BARE / (time.monotonic() - began)


def _sink(stack: ExitStack) -> int:
    sink = stack.enter_context(
        subprocess.Popen([sys.executable, "-m", "bench._sink"], stdout=subprocess.PIPE, text=True)
    )
    stack.callback(sink.kill)
    assert sink.stdout is not None
    return int(sink.stdout.readline())


def _key(kind: str) -> str:
    """A key of its own for this bench's home, as an installation has one."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    from rapport.kit import home

    if kind == "none":
        return kind
    key = Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65537, 2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (home.find().keys / "dkim.pem").write_bytes(pem)
    return kind


class _Clicks:
    """Four hands that open links while the letters go out."""

    def __init__(self, stack: ExitStack) -> None:
        from rapport.messaging import tracking
        from rapport.messaging.models import Intent

        self.took: list[float] = []
        self.wrong = 0
        self.over = threading.Event()
        self.port = self._serve(stack)
        first = Intent.objects.order_by("id").first()
        assert first is not None
        self.paths = [
            f"/c/{tracking.token('click', first.pk + number, 0, first.version_id)}" for number in range(2_000)
        ]
        self.hands = [threading.Thread(target=self._click, args=(number,)) for number in range(HANDS)]
        self.began = time.monotonic()
        for hand in self.hands:
            hand.start()

    def stop(self) -> dict[str, Any]:
        self.over.set()
        for hand in self.hands:
            hand.join()
        took = sorted(self.took)
        return {
            "clicks_per_s": round(len(took) / (time.monotonic() - self.began), 1),
            "click_p50_ms": round(1000 * took[len(took) // 2], 1),
            "click_p99_ms": round(1000 * took[int(len(took) * 0.99)], 1),
            "clicks": len(took),
            "clicks_that_went_wrong": self.wrong,
        }

    def _serve(self, stack: ExitStack) -> int:
        import socket

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        words = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
        words += [
            "--workers",
            "1",
            "--blocking-threads",
            "4",
            "--no-ws",
            "--log-level",
            "error",
            "rapport.wsgi:application",
        ]
        environment = {**os.environ, "RAPPORT_PROCESS": "system", "RAPPORT_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        web = stack.enter_context(subprocess.Popen(words, env=environment))
        stack.callback(web.terminate)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    return port
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the web process did not come up")

    def _click(self, hand: int) -> None:
        line = HTTPConnection("127.0.0.1", self.port, timeout=10)
        number = hand
        while not self.over.is_set():
            began = time.monotonic()
            line.request("GET", self.paths[number % len(self.paths)], headers={"User-Agent": "Mozilla/5.0"})
            answer = line.getresponse()
            answer.read()
            self.took.append(time.monotonic() - began)
            self.wrong += answer.status != 302
            number += HANDS
        line.close()
