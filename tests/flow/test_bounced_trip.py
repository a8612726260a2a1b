"""A whole trip of a message that comes back: sent, returned by the host, heard, and never again written to that address."""

import smtplib
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller
from django.db import transaction

from rapport.consent import undeliverable
from rapport.consent.models import Suppression
from rapport.integrations import take_in
from rapport.integrations.mail import fetching
from rapport.messaging import send
from rapport.messaging.channels import email
from rapport.messaging.models import Intent, Receipt
from rapport.people import contact
from rapport.people.models import ContactPoint, Event
from rapport.trust.actors import SYSTEM
from tests.messaging import stage

pytestmark = pytest.mark.django_db(transaction=True)


class Host:
    """The relay of the site: takes everything, and finds out later that nobody is there."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.taken.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.content))
        return "250 OK"


@contextmanager
def relay(settings):
    host = Host()
    line = Controller(host, hostname="127.0.0.1", port=stage.free_port(), ready_timeout=10.0)
    line.start()
    before, settings.SMTP_PORT = settings.SMTP_PORT, line.port
    email.CHANNEL.hang_up()
    try:
        yield host
    finally:
        email.CHANNEL.hang_up()
        line.stop(no_assert=True)
        settings.SMTP_PORT = before


def returned(sender: str, recipient: str, original: bytes, said: str) -> str:
    """What a host writes about it (RFC 3464)."""
    head = original.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").replace("\r\n", "\n")
    return f"""From: MAILER-DAEMON@mx.mail.example
To: {sender}
Subject: Undelivered Mail Returned to Sender
Message-ID: <1@mx.mail.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"

--edge
Content-Type: text/plain

I could not deliver your message to {recipient}: {said}

--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.mail.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: {said.split()[1]}
Diagnostic-Code: smtp; {said}

--edge
Content-Type: text/rfc822-headers

{head}

--edge--
"""


def deliver(box, sender: str, report: str) -> None:
    with smtplib.SMTP("127.0.0.1", box.port, local_hostname="mx.mail.example") as line:
        line.sendmail("", [sender], report)


def hear(now) -> None:
    fetching.fetch(by=SYSTEM, clock=lambda: now)
    with transaction.atomic():
        take_in.take(landings=take_in.claim(limit=10, now=now), now=now)


def test_what_comes_back_for_good_is_not_written_to_again(settings, tmp_path, now, clock):
    settings.MAIL_IN = str(tmp_path / "mail")
    (pat,) = stage.people(1, now)
    version = stage.wording(now)
    (first,) = stage.due([pat], version, now)
    with relay(settings) as host:
        assert send.send_due(owner="t", now=now, limit=10).sent == 1
    ((sender, recipient, original),) = host.taken
    assert sender.startswith("bounce+")

    with stage.mailbox(settings) as box:
        deliver(box, sender, returned(sender, recipient, original, "550 5.1.1 User unknown"))
    hear(clock.forward(minutes=3))
    assert ContactPoint.objects.get(person=pat, kind="email").is_valid is False
    bounced = Event.objects.get(person=pat, kind="message_bounced")
    assert (bounced.detail["reason"], bounced.detail["hard"], bounced.detail["intent"]) == (
        "userunknown",
        True,
        first.pk,
    )
    listed = Suppression.objects.get(kind="email", topic="all", lifted_at=None)
    assert (listed.reason, bytes(listed.digest)) == ("bounced", contact.email(recipient).digest())

    later = clock.forward(days=30)
    (second,) = stage.due([pat], version, later, cause_id=2)
    with relay(settings) as host:
        assert send.send_due(owner="t", now=later, limit=10).suppressed == 1
    assert host.taken == []
    second.refresh_from_db()
    reason = Receipt.objects.get(intent_id=second.pk).reason
    assert second.state == Intent.State.SUPPRESSED
    assert "came back" in reason or "undeliverable" in reason.lower() or "address" in reason, reason

    undeliverable.verify(by=SYSTEM, digests=[contact.email(recipient).digest()], how="She read it out.", now=later)
    stage.due([pat], version, later, cause_id=3)
    with relay(settings) as host:
        assert send.send_due(owner="t", now=later, limit=10).sent == 1


def test_a_report_about_no_message_of_ours_is_no_bounce(settings, tmp_path, now):
    """Anybody can write to an address that looks like a return path; it is kept as mail, and nothing is done."""
    settings.MAIL_IN = str(tmp_path / "mail")
    (pat,) = stage.people(1, now)
    stage.due([pat], stage.wording(now), now)
    with relay(settings) as host:
        send.send_due(owner="t", now=now, limit=10)
    _, recipient, _ = host.taken[0]
    forged = f"bounce+{'a' * 42}@riverbend.example"
    with stage.mailbox(settings) as box:
        deliver(box, forged, returned(forged, recipient, b"Subject: x\r\n\r\n", "550 5.1.1 User unknown"))
    hear(now)
    assert ContactPoint.objects.get(person=pat, kind="email").is_valid is True
    assert not Suppression.objects.exists()
