"""A canary who has lived through everything: taken in from a feed, held back once, written to, bookings, papers, a family."""

import json
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from rapport import flow
from rapport.consent import ledger
from rapport.consent.models import Authorization, ExpiryEvent, LifeEvent, Preference, Representative, Reward
from rapport.directory.models import Location, Organization
from rapport.experience.models import Booking, InboxLock, OptIn
from rapport.governance.models import Disclosure, RightsRequest
from rapport.integrations import landing
from rapport.integrations.models import Landing, Source
from rapport.integrations.sms import hearing
from rapport.integrations.sms.reading import Inbound
from rapport.messaging import inbox, mailbox, pushing, receipts, tracking
from rapport.messaging.models import CameBack, Intent, PortalMessage
from rapport.people.draft import number_digest
from rapport.people.models import Ambiguity, Identifier, Person, Relationship, Trait
from rapport.segments.membership import lists
from rapport.trust import breakglass, sealing
from rapport.trust.actors import SYSTEM
from rapport.trust.models import User
from tests.campaigns import clinic
from tests.integrations.fhir_samples import bundle, condition, ndjson, observation, patient

CANARY = {
    "identifier": [{"system": "urn:test:mrn", "value": "MRN-CANARY-77"}],
    "name": [{"use": "official", "family": "Quixwaffel", "given": ["Zorblina"]}],
    "birthDate": "1958-04-02",
    "address": [{"line": ["77 Plymdrex Crescent"], "city": "Lowell", "state": "MA", "postalCode": "01852"}],
    "telecom": [
        {"system": "phone", "value": "978-453-6177", "use": "mobile"},
        {"system": "email", "value": "zorblina@canary-mail.example"},
    ],
}
WORDS = ("Zorblina", "Quixwaffel", "MRN-CANARY-77", "zorblina@canary-mail.example", "77 Plymdrex", "9784536177")


def feed(now: datetime) -> Source:
    return landing.source(slug="ehr", name="Test EHR", kind="fhir", now=now)


def land(raw: bytes, now: datetime, form: str = "fhir_ndjson") -> Landing:
    """Through the door, and taken in."""
    made = landing.receive(source=feed(now), raw=raw, form=form, now=now)
    while flow.take_in(now=now):
        pass
    made.refresh_from_db()
    return made


def hers() -> bytes:
    """The file that holds her alone; one record of it can't be read."""
    broken = observation("broken", "can7", effectiveDateTime="no date")
    return ndjson(patient("can7", **CANARY), condition("c1", "can7"), broken)


def arrive(now: datetime) -> Person:
    """Alone in one landing, with others in two, and in the rest of a file that broke off."""
    land(hers(), now)
    land(ndjson(patient("other1"), observation("o9", "can7"), observation("o8", "other1")), now)
    whole = bundle(patient("other2"), condition("c2", "can7"), condition("c3", "other2"))
    land(json.dumps(whole).encode(), now, "fhir_bundle")
    land(b'{"broken": "zorblina@canary-mail.example"', now)
    return known_as("MRN-CANARY-77")


def known_as(number: str) -> Person:
    return Identifier.objects.get(system="urn:test:mrn", digest=number_digest("urn:test:mrn", number)).person


def live(who: Person, user: User, now: datetime) -> RightsRequest:
    """Rows of every kind there is about a person, and her wish to be erased."""
    other = known_as("MRN-other1")
    ledger.grant(by=user, person_id=who.pk, channel="email", topic="health_services", via="desk", now=now)
    paper = ledger.NewRecord(
        person_id=who.pk, kind="authorization", channel="all", topic="all", status="granted", at=now, via="paper",
        text_version="a1", source_key=uuid4(),
    )  # fmt: skip
    record = ledger.state(by=user, record=paper, now=now)
    Authorization.objects.create(record=record, information="Her knee", signature="signed")
    ExpiryEvent.objects.create(person=who, name="end", occurred_at=now, recorded_at=now)
    Preference.objects.create(person=who, quiet_from=time(20), quiet_until=time(8), via="web", at=now)
    LifeEvent.objects.create(person=who, kind="complaint", at=now, source_key=uuid4(), recorded_at=now)
    Reward.objects.create(person=who, kind="item", what="A mug", retail_cents=900, given_at=now)
    Representative.objects.create(
        person=other, other=who, kind="proxy", authority="paper", starts_on=date(2025, 1, 1), recorded_at=now
    )
    Relationship.objects.create(person=who, other=other, kind="spouse")
    Ambiguity.objects.create(person=other, candidate=who, rule="x", found_at=now)
    Trait.objects.create(person=who, name="score.no_show", number=0.5, source="t", at=now)
    Disclosure.objects.create(
        person_id=who.pk, at=now, recipient="Public health", description="Report", purpose="Law", basis="law"
    )
    lists.take_sheet(by=user, text="mrn\nMRN-CANARY-77\n", name="Spring fair", now=now)
    breakglass.open(by=user, person_id=who.pk, reason="emergency at the door", now=now)
    _write_to(who, now)
    words = Inbound("S77", "+19784536177", "Zorblina here, what are your hours?")
    raw = b"MessageSid=S77&From=%2B19784536177&Body=Zorblina+here%2C+what+are+your+hours%3F"
    hearing.hear(by=user, message=words, raw=raw, now=now)
    while flow.take_in(now=now):
        pass
    return _asks(who, user, now)


def _write_to(who: Person, now: datetime) -> None:
    """One message sent and booked from, one that waits."""
    same = {
        "cause": "campaign", "person": who, "purpose": "P2", "topic": "health_services", "version": clinic.wording(now),
        "due_at": now, "created_at": now,
    }  # fmt: skip
    sent = Intent.objects.create(**same, cause_id=1, state="sent", settled_at=now, trace=uuid4())
    receipts.write([receipts.plain(sent, "sent", "She said yes at the desk.", now)])
    name = tracking.message_id(sent.pk)
    mailbox.keep([mailbox.Letter(f"Message-ID: {name}\r\n\r\nDear Zorblina Quixwaffel".encode(), name, now)])
    place = Location.objects.create(organization=Organization.objects.create(name="O"), slug="o", name="O")
    at = {"starts_at": now + timedelta(days=3), "booked_at": now}
    Booking.objects.create(intent_id=sent.pk, person=who, location=place, trace=uuid4(), **at)
    _signs_up(who, now)
    _has_an_inbox(who, sent, now)
    CameBack.objects.create(intent=sent, person=who, channel="email", at=now)
    Intent.objects.create(**same, cause_id=2, trace=uuid4())


def _has_an_inbox(who: Person, sent: Intent, now: datetime) -> None:
    words = inbox.sealed(person_id=who.pk, message_id="<m@x>", subject="Visit", body="Dear Zorblina")
    assert words is not None
    PortalMessage.objects.create(intent=sent, person=who, message_id="<m@x>", placed_at=now, **words)
    InboxLock.objects.create(person=who, failures=1, last_at=now)
    browser = {"endpoint": "https://fcm.googleapis.com/zorblina", "p256dh": "A" * 87, "auth": "A" * 22}
    pushing.subscribe(by=SYSTEM, person_id=who.pk, said=browser, language="en", words="yes", now=now)


def _signs_up(who: Person, now: datetime) -> None:
    OptIn.objects.create(
        key=uuid4(), person=who, digest=b"d" * 16, address=b"a", topic="newsletter", form="join",
        text_version="join-email-newsletter-en-1", locale="en", asked_at=now, expires_at=now + timedelta(days=7), letter="intent",
    )  # fmt: skip


def _asks(who: Person, user: User, now: datetime) -> RightsRequest:
    key = sealing.keys_of([who.key])[who.key]
    wish = sealing.seal(key, "Forget me", table="governance_rightsrequest", column="wish", row=1)
    return RightsRequest.objects.create(
        person=who, kind="erasure", received_at=now, received_via="desk", due_on=date(2026, 4, 3), clock_rule="x", wish=wish,
        taken_by=user,
    )  # fmt: skip
