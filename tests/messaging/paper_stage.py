"""What the tests of channels at hand stand on: wordings in further channels, and people on paper."""

from rapport.consent import ledger
from rapport.content import actions as content
from rapport.content.models import Piece, Version
from rapport.messaging import send
from rapport.trust.actors import SYSTEM
from tests.messaging import stage

LETTER = (
    '<mjml lang="en"><mj-head><mj-title>Visit</mj-title></mj-head><mj-body><mj-section><mj-column>'
    "<mj-text>Dear {{ person.given }}, it is time for a visit. {{ clinic.name }}, {{ clinic.address }}.</mj-text>"
    '<mj-text><a href="{{ links.unsubscribe }}">Stop</a></mj-text></mj-column></mj-section></mj-body></mjml>'
)


def wording(now, *, channel="print", slug="visit-print", topic="care", family="", language="en") -> Version:
    """A published wording of a channel other than e-mail."""
    piece = Piece.objects.filter(slug=slug).first() or content.start(
        by=SYSTEM, name="Visit", topic=topic, language=language, now=now, slug=slug
    )
    Piece.objects.filter(pk=piece.pk).update(channel=channel, **({"family": family} if family else {}))
    piece.refresh_from_db()
    return content.publish(by=SYSTEM, piece=piece, subject="Your visit", preheader="", mjml=LETTER, text="", now=now)


def placed(many, version, now, **more):
    """Intents of the version's channel that the send has accepted."""
    made = stage.due(many, version, now, channel=version.piece.channel, purpose="P1", **more)
    send.send_due(owner="t", now=now, limit=1000)
    for one in made:
        one.refresh_from_db()
    return made


def says_yes(person, channel, now, topic="care"):
    ledger.grant(
        by=SYSTEM, person_id=person.pk, channel=channel, topic=topic, via="desk", now=now, text_version="c", evidence={}
    )
