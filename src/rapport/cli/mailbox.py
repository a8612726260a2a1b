"""Take mail on loopback and keep it for the Outbox."""

import signal
import threading

import typer
from django.conf import settings

from rapport.messaging.mailbox import Mailbox


def command() -> None:
    """Listens on the port of the mail relay until it is told to stop."""
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    mailbox = Mailbox("127.0.0.1", settings.SMTP_PORT)
    mailbox.start()
    typer.echo(f"The mailbox takes mail on 127.0.0.1:{mailbox.port}.")
    stopped.wait()
    mailbox.stop()
