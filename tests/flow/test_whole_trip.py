"""The whole trip, through every real door: a FHIR bundle becomes a person, a segment, a mail over SMTP, a booking, a visit, a return.

And the way out: who unsubscribes gets nothing more.
"""

import json
import socket
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.test import Client

from rapport import flow
from rapport.attribution import conversions
from rapport.attribution import queries as results
from rapport.campaigns import actions
from rapport.campaigns.models import Assignment
from rapport.consent import ledger
from rapport.content import actions as content
from rapport.demo import answers, clinic, feed, inlet, life, saying
from rapport.directory.models import ServiceLine
from rapport.experience.models import Booking
from rapport.integrations import landing
from rapport.kit import clock as time
from rapport.messaging.channels.email import CHANNEL
from rapport.messaging.mailbox import Mailbox
from rapport.messaging.models import Intent, MailboxItem, Receipt
from rapport.people.models import Event, Fact, Person
from rapport.segments import actions as segments
from rapport.segments import language, sync
from rapport.trust.actors import System

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)  # a Tuesday, ten in the morning in Lowell
BY = System("test")
PEOPLE = 12


@pytest.fixture
def mailbox(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.SMTP_PORT = free.getsockname()[1]
    settings.SMTP_HOST = "127.0.0.1"
    CHANNEL.hang_up()  # a line to the mailbox of a test before this one
    box = Mailbox(settings.SMTP_HOST, settings.SMTP_PORT)
    box.start()
    yield box
    CHANNEL.hang_up()
    box.stop()


def bundle(number):
    patient = {
        "resourceType": "Patient", "id": f"t{number}",
        "name": [{"given": [f"Given{'abcdefghijklm'[number]}"], "family": f"Family{'nopqrstuvwxyz'[number]}"}],
        "gender": "female", "birthDate": f"19{60 + number}-05-05", "telecom": [{"system": "email", "value": f"trip.{number}@example.com"}],
        "address": [{"city": "Lowell", "state": "MA", "postalCode": "01852"}],
    }  # fmt: skip
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"fullUrl": f"urn:uuid:t{number}", "resource": patient}],
    }


def arrive(at):
    """Bundles land at the one door and are taken in by the worker's step."""
    source = inlet.ehr(at)
    for number in range(PEOPLE):
        landing.receive(source=source, raw=json.dumps(bundle(number)).encode(), form="fhir_bundle", now=at)
    while flow.take_in(now=at):
        pass


def everybody_agrees(at):
    for person in Person.objects.all():
        ledger.grant(
            by=BY, person_id=person.pk, channel="email", topic="health_services", via="test", now=at, text_version="t",
            evidence={"text": "ok"},
        )  # fmt: skip


def planned(name, at, *, holdout=25):
    """A campaign to everybody, with words that are published and a segment that is asked of the warehouse."""
    sync.rebuild(now=at)  # the copy may be of a test before this one
    segment = segments.save(by=BY, now=at, name=f"All adults, {name}", node=language.Age(at_least=18))
    piece = content.start(by=BY, name=name, topic="health_services", language="en", now=at)
    mjml = (saying.LETTERS / "yearly-visit.mjml").read_text()
    words = content.publish(by=BY, piece=piece, subject="Your visit", preheader="", mjml=mjml, text="", now=at)
    plan = {
        "segment": segment, "version": words, "purpose": "P2", "remunerated": False, "holdout_percent": holdout,
        "service_line": ServiceLine.objects.get(slug="primary-care"), "fixed_cost_cents": 1_000, "window_days": 60,
    }  # fmt: skip
    return actions.draft(by=BY, name=name, now=at, planned=plan)


def launched(name, at, **more):
    with time.travel(at):
        made = actions.launch(by=BY, campaign=planned(name, at, **more), now=at)
        while flow.send_out(owner="test", now=at):
            pass
    return made


def test_from_a_bundle_to_a_return(mailbox, settings):
    clinic.furnish(NOW)
    arrive(NOW - timedelta(days=30))
    assert Person.objects.count() == PEOPLE
    everybody_agrees(NOW - timedelta(days=20))

    made = launched("Trip", NOW)
    arms = dict(Assignment.objects.filter(campaign=made).values_list("person_id", "arm"))
    assert sorted(arms.values()) == ["contact"] * 9 + ["holdout"] * 3
    assert Intent.objects.filter(state="sent").count() == 9
    assert MailboxItem.objects.count() == 9
    assert Receipt.objects.filter(outcome="sent", allowed=True).count() == 9

    # Five patients open their mail and book, each through the links that stand in it.
    chosen = sorted(person for person, arm in arms.items() if arm == "contact")[:5]
    mail = answers.letters(chosen, made.pk)
    plan = [
        life.Answer(
            person_id=one,
            opens_at=NOW + timedelta(hours=1),
            clicks_at=NOW + timedelta(hours=1, minutes=2),
            books_at=NOW + timedelta(hours=2),
        )
        for one in chosen
    ]
    done = answers.act(plan, mail, np.random.default_rng(5), lambda number: None)
    assert (done.opened, done.booked) == (5, 5)
    assert Booking.objects.count() == 5
    assert len(set(Booking.objects.values_list("location_id", "starts_at"))) == 5

    # What they did came in through the same door as everything else.
    inlet.take_all(NOW + timedelta(hours=3))
    kinds = Event.objects.filter(campaign_id=made.pk).values_list("kind", flat=True)
    assert {"message_sent", "message_opened", "message_clicked", "booked"} <= set(kinds)
    assert Fact.objects.filter(kind="appointment", status="booked").count() == 5

    # They come, and the visits are charged and paid.
    told = []
    for booking in Booking.objects.select_related("location"):
        patient = next(
            iter(inlet.persons_of([f"t{n}" for n in range(PEOPLE)])[person] for person in [booking.person_id])
        )
        resident = life.Resident(booking.person_id, patient, NOW.date(), "F", booking.location.slug)
        visit = life.Visit(
            f"trip:{patient}", resident, booking.starts_at, "primary-care", booking.location.slug, 20_000, 9_000
        )
        told += [feed.encounter(visit, 1), *feed.bill(visit, 1)]
    later = NOW + timedelta(days=45)
    inlet.tell(None, "visits", told, at=later)
    conversions.refresh(made, later)
    found = results.result(made, later)
    assert found.funnel.booked == 5
    assert found.objective.contact.visitors == 5
    assert found.objective.holdout.visitors == 0
    assert found.objective.contact.margin_cents == 5 * 20_000
    assert found.headline is not None
    assert found.headline.roi is not None
    assert found.headline.roi.value == pytest.approx(9 * (100_000 / 9) / found.cost_cents)

    # Told again, nothing happens twice.
    before = Event.objects.count(), Person.objects.count()
    arrive(later)
    inlet.tell(None, "visits", told, at=later)
    assert (Event.objects.count(), Person.objects.count()) == before


def test_who_unsubscribes_gets_nothing_more(mailbox, settings):
    clinic.furnish(NOW)
    arrive(NOW - timedelta(days=30))
    everybody_agrees(NOW - timedelta(days=20))
    first = launched("First", NOW, holdout=0)
    leaves = Intent.objects.filter(cause_id=first.pk, state="sent").order_by("person_id").first().person_id
    way_out = answers.letters([leaves], first.pk)[leaves].unsubscribe
    with time.travel(NOW + timedelta(hours=1)):
        assert Client(enforce_csrf_checks=True).post(way_out, {"List-Unsubscribe": "One-Click"}).status_code == 200
    inlet.take_all(NOW + timedelta(hours=2))

    second = launched("Second", NOW + timedelta(days=14), holdout=0)
    stopped = Assignment.objects.get(campaign=second, person_id=leaves)
    assert stopped.arm == "not_permitted"
    assert stopped.gate == "consent"
    assert not Intent.objects.filter(cause_id=second.pk, person_id=leaves).exists()
    assert Intent.objects.filter(cause_id=second.pk, state="sent").count() == PEOPLE - 1
    assert Event.objects.filter(person_id=leaves, kind="unsubscribed").exists()
