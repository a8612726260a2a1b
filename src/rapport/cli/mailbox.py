"""Take mail and text messages on loopback and keep them for the Outbox."""

import signal
import threading

import typer
from django.conf import settings

from rapport.messaging.mailbox import Mailbox
from rapport.messaging.phone import Phone


def command() -> None:
    """Listens on the ports of the mail relay and of the embedded phone until it is told to stop."""
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    mailbox = Mailbox("127.0.0.1", settings.SMTP_PORT)
    mailbox.start()
    phone = Phone("127.0.0.1", settings.SMS_PORT)
    phone.start()
    typer.echo(f"The mailbox takes mail on 127.0.0.1:{mailbox.port} and text messages on 127.0.0.1:{phone.port}.")
    stopped.wait()
    phone.stop()
    mailbox.stop()
