"""Personalised, policy-checked, tracked mails a second through the one door out, beside the bare rate of the same sink.

Both figures come from one process with one SMTP connection to one local sink. `bare_sink_per_s` hands over the same finished
message again and again; `sends_per_s` claims, gathers facts, decides, opens names and addresses, fills in the wording, signs
the links, sends, and writes states, receipts and timeline events, on a PostgreSQL that syncs every commit.
"""

import resource
import smtplib
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

MESSAGES = 4_000
BARE = 4_000
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


def run(report: Callable[..., None]) -> dict[str, Any]:
    from django.conf import settings

    with subprocess.Popen([sys.executable, "-m", "bench._sink"], stdout=subprocess.PIPE, text=True) as sink:
        try:
            assert sink.stdout is not None
            settings.SMTP_PORT = int(sink.stdout.readline())
            settings.SMTP_HOST = "127.0.0.1"
            return _measure(report)
        finally:
            sink.kill()


def _measure(report: Callable[..., None]) -> dict[str, Any]:
    from rapport.messaging import compose, facts, send
    from rapport.messaging.channels.email import mime
    from rapport.messaging.models import Intent, Receipt

    report(f"makes {MESSAGES} people who said yes")
    _audience()
    first = Intent.objects.order_by("id").first()
    to = facts.addressed([(first.pk, facts.gather([first], NOW)[0])])
    sample = compose.compose([first], to, NOW).messages[first.pk]
    raw = mime.assemble(sample, sender="hello@riverbend.example", sender_name="Riverbend Health")
    report(f"bare sink, {len(raw):,} bytes a message")
    bare = _bare(raw)
    report(f"{bare:,.0f} a second; now the whole way")
    began = time.monotonic()
    sent = send.send_due(owner="bench", now=NOW, limit=MESSAGES).sent
    took = time.monotonic() - began
    assert sent == MESSAGES == Receipt.objects.filter(outcome="sent").count(), sent
    return {
        "sends_per_s": round(sent / took, 1),
        "bare_sink_per_s": round(bare, 1),
        "ratio": round(sent / took / bare, 3),
        "messages": sent,
        "bytes_per_message": len(raw),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


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


def _audience() -> None:
    from rapport.consent import ledger
    from rapport.content import starters
    from rapport.messaging import intents
    from rapport.people import identity
    from rapport.people.records import PersonRecord
    from rapport.trust.actors import SYSTEM

    version = starters.load(by=SYSTEM, now=NOW)["annual-check-up"]
    records = [
        PersonRecord(
            identifiers=(("bench:Patient", f"B{number}"),),
            given=f"Given{_letters(number)}",
            family=f"Family{_letters(number)}",
            sex="F",
            zip5="01852",
            state="MA",
            emails=(f"person.{number}@mail.example",),
        )
        for number in range(MESSAGES)
    ]
    people = [one.person_id for one in identity.identify(records=records, source="bench", now=NOW)]
    ledger.append(
        by=SYSTEM,
        now=NOW,
        records=[
            ledger.NewRecord(
                person_id=one, channel="email", topic="health_services", status="granted", at=NOW, via="form",
                text_version="1", source_key=uuid.uuid4(),
            )
            for one in people
        ],
    )  # fmt: skip
    rows = [
        intents.NewIntent(
            cause_id=1,
            person_id=one,
            purpose="P2",
            topic="health_services",
            version_id=version.pk,
            due_at=NOW,
            trace=uuid.uuid4(),
        )
        for one in people
    ]
    intents.declare(rows=rows, now=NOW)


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))
