"""What the tests of front-desk sends stand on: pieces offered to the desk, and people who come today."""

import uuid

from rapport.consent import ledger
from rapport.content import at_desk
from rapport.directory.models import Location, Organization
from rapport.people import profile
from rapport.people.records import NewFact
from rapport.trust.actors import SYSTEM
from tests.messaging import sms_stage, stage

LETTER = """<mjml lang="en"><mj-head><mj-title>How to find us</mj-title></mj-head><mj-body><mj-section><mj-column>
<mj-text>Hello {{ person.given }}, we are at {{ clinic.address }}. <a href="https://riverbend.example/way">The way</a></mj-text>
<mj-text>{{ clinic.name }}, {{ clinic.address }}. <a href="{{ links.unsubscribe }}">Stop these e-mails</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""


def offered(by, now, *, name="How to find us", slug="way"):
    """One message in two channels: (text, letter)."""
    text = sms_stage.wording(now, "{{ clinic.name }}: {{ person.given }}, we are at 1 Mill Road.", slug=f"{slug}-text")
    letter = stage.wording(now, topic="care", mjml=LETTER, slug=slug, subject=name, preheader="The way here")
    for one in (text, letter):
        at_desk.offer(by=by, piece=one.piece, name=name, now=now)
    return text, letter


def yes_to_texts(person, now):
    ledger.grant(
        by=SYSTEM, person_id=person.pk, channel="sms", topic="care", via="desk", now=now, text_version="c", evidence={}
    )


def no_to_mail(person, now):
    ledger.withdraw(by=SYSTEM, person_id=person.pk, channel="email", topic="care", via="phone", now=now)


def lowell():
    ours = Organization.objects.create(name="Riverbend Health", is_ours=True)
    return Location.objects.create(
        organization=ours, name="Riverbend Lowell", slug="lowell", is_ours=True, city="Lowell", state="MA"
    )


def comes(person, place, at, now):
    fact = NewFact(
        person_id=person.pk,
        kind="appointment",
        source_key=uuid.uuid4(),
        status="booked",
        starts_at=at,
        location_id=place.pk,
    )
    profile.fold(facts=[fact], now=now)
