"""What the tests of the send stand on: a published wording, people who said yes, intents, and a real mailbox."""

import socket
import uuid
from contextlib import contextmanager
from datetime import datetime

from rapport.consent import ledger
from rapport.content import actions as content
from rapport.content.models import Piece, Version
from rapport.messaging import intents
from rapport.messaging.channels import email
from rapport.messaging.mailbox import Mailbox
from rapport.messaging.models import Breaker, Intent
from rapport.people.models import Person
from rapport.trust.actors import SYSTEM
from tests import people_cast

MJML = """<mjml lang="en"><mj-head><mj-title>Seminar</mj-title></mj-head><mj-body><mj-section><mj-column>
<mj-text>Hello {{ person.given }}, come and ask.</mj-text>
<mj-button href="{{ links.book }}">Choose a time</mj-button>
<mj-text><a href="https://riverbend.example/seminar?a=1&amp;b=2">Read more</a></mj-text>
<mj-text>{{ clinic.name }}, {{ clinic.address }}. <a href="{{ links.unsubscribe }}">Stop these e-mails</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""


def wording(
    now: datetime, *, topic: str = "health_services", mjml: str = MJML, slug: str = "seminar", **more
) -> Version:
    piece = Piece.objects.filter(slug=slug).first() or content.start(
        by=SYSTEM, name="Seminar", topic=topic, language=more.pop("language", "en"), now=now, slug=slug
    )
    said = {"subject": "An evening with our team", "preheader": "Free, with time for questions", "text": ""} | more
    return content.publish(by=SYSTEM, piece=piece, mjml=mjml, now=now, **said)


def says_yes(person: Person, now: datetime, topic: str = "health_services") -> None:
    ledger.grant(
        by=SYSTEM,
        person_id=person.pk,
        channel="email",
        topic=topic,
        via="front desk",
        now=now,
        text_version="c-1",
        evidence={},
    )


def says_no(person: Person, now: datetime, topic: str = "health_services") -> None:
    ledger.withdraw(by=SYSTEM, person_id=person.pk, channel="email", topic=topic, via="phone", now=now)


def people(count: int, now: datetime) -> list[Person]:
    """People who said yes."""
    made = [people_cast.person(given=f"Given{chr(97 + n % 26)}") for n in range(count)]
    for one in made:
        says_yes(one, now)
    return made


def due(many: list[Person], version: Version, now: datetime, *, cause_id: int = 1, **more) -> list[Intent]:
    """Intents that are due now."""
    said = {"purpose": "P2", "topic": version.piece.topic} | more
    rows = [
        intents.NewIntent(
            cause_id=cause_id, person_id=one.pk, version_id=version.pk, due_at=now, trace=uuid.uuid4(), **said
        )
        for one in many
    ]
    intents.declare(rows=rows, now=now)
    return list(Intent.objects.filter(cause_id=cause_id).order_by("id"))


def knock_now() -> None:
    """The carriers that were away may be tried again at once."""
    Breaker.objects.filter(try_at__isnull=False).update(try_at="2026-01-01T00:00:00Z")


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


@contextmanager
def mailbox(settings):
    """A real mailbox on a free port of loopback; the relay of this test."""
    box = Mailbox("127.0.0.1", free_port())
    box.start()
    before, settings.SMTP_PORT = settings.SMTP_PORT, box.port
    email.CHANNEL.hang_up()
    try:
        yield box
    finally:
        email.CHANNEL.hang_up()
        box.stop()
        settings.SMTP_PORT = before
