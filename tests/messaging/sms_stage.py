"""What the tests of text messages stand on: a wording, people who said yes, and a real embedded phone."""

from contextlib import contextmanager

from rapport.consent import ledger
from rapport.content import actions as content
from rapport.content import texting
from rapport.messaging.channels import sms
from rapport.messaging.phone import Phone
from rapport.trust.actors import SYSTEM
from tests.messaging import stage

WORDS = "{{ clinic.name }}: {{ person.given }}, your visit is on Monday."


def wording(now, text=WORDS, *, language="en", slug="visit", topic="care"):
    piece = content.start(by=SYSTEM, name="Visit", topic=topic, language=language, now=now, slug=slug, channel="sms")
    return texting.publish(by=SYSTEM, piece=piece, text=text, now=now)


def due(many, version, now):
    for one in many:
        ledger.grant(
            by=SYSTEM, person_id=one.pk, channel="sms", topic="care", via="desk", now=now, text_version="c", evidence={}
        )
    return stage.due(many, version, now, channel="sms", purpose="P1")


@contextmanager
def phone(settings):
    """A real embedded phone on a free port of loopback."""
    line = Phone("127.0.0.1", 0)
    line.start()
    before, settings.SMS_URL = settings.SMS_URL, f"http://127.0.0.1:{line.port}"
    try:
        yield line
    finally:
        sms.CHANNEL.hang_up()
        line.stop()
        settings.SMS_URL = before
