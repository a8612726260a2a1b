"""The demo clinic: loaded through the real doors, repeatable, and honest about its own truth."""

import io
import socket
from datetime import UTC, datetime, timedelta

import pytest

from rapport.attribution import queries as results
from rapport.campaigns.models import Assignment, Campaign
from rapport.demo import clinic, load, patients
from rapport.demo.models import World
from rapport.demo.progress import Progress, seconds
from rapport.integrations.models import Quarantine
from rapport.messaging.models import Intent, MailboxItem
from rapport.people.models import Ambiguity, ContactPoint, Event, Fact, Person
from rapport.segments import sync
from rapport.trust.models import Grant

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)


@pytest.fixture
def post_office(settings):
    """A free port: the load finds nobody there and opens a mailbox of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.SMTP_PORT = free.getsockname()[1]
    settings.SMTP_HOST = "127.0.0.1"


def quiet():
    return Progress(io.StringIO())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_whole_demo_loads_and_its_interval_holds_the_truth(post_office):
    sync.rebuild(now=NOW)
    world = load.load(seed=load.DEFAULT_SEED, now=NOW, progress=quiet())

    assert world.finished_at is not None
    assert list(world.steps) == [name for name, _, _ in load.STEPS]
    assert Person.objects.count() == 320
    assert Person.objects.filter(home_location__isnull=True).count() <= 5
    assert Quarantine.objects.filter(state="open").count() == 5
    assert Ambiguity.objects.filter(state="open").exists()

    made = Campaign.objects.get(name="Yearly visit")
    found = results.result(made, NOW)
    assert found.headline is not None
    assert found.headline.margin.low <= world.truth["true_margin_cents"] <= found.headline.margin.high
    assert found.headline.lift.low <= world.truth["lift"] <= found.headline.lift.high
    assert found.funnel.sent == MailboxItem.objects.count() == Intent.objects.filter(state="sent").count()
    assert found.funnel.booked > 5

    arms = dict.fromkeys(Assignment.Arm.values, 0)
    for arm in Assignment.objects.filter(campaign=made).values_list("arm", flat=True):
        arms[arm] += 1
    assert arms["holdout"] == round((arms["holdout"] + arms["contact"]) * 0.4)
    assert arms["not_permitted"] > 20
    quinn = patients.cast_ids()["demo-quinn"]
    assert Assignment.objects.get(campaign=made, person_id=quinn).gate == "consent"

    today = Fact.objects.filter(
        kind="appointment", starts_at__gte=NOW - timedelta(hours=10), starts_at__lt=NOW + timedelta(hours=14)
    )
    assert set(today.values_list("location_id", flat=True)) == set(clinic.places())

    again(world)


def again(world):
    """A second load does nothing; a load that lost the mark of a step tells it again without doubles."""
    before = Event.objects.count(), Person.objects.count(), Intent.objects.count(), ContactPoint.objects.count()
    load.load(seed=load.DEFAULT_SEED, now=NOW, progress=quiet())
    for name in ("registration", "consents", "before", "launch", "after", "desk", "lately", "compliance", "sources"):
        world = World.objects.get()
        world.steps = {key: value for key, value in world.steps.items() if key != name}
        world.save(update_fields=["steps"])
        load.load(seed=load.DEFAULT_SEED, now=NOW, progress=quiet())
    assert (
        Event.objects.count(),
        Person.objects.count(),
        Intent.objects.count(),
        ContactPoint.objects.count(),
    ) == before


@pytest.mark.django_db
def test_the_clinic_is_furnished_once(settings):
    clinic.furnish(NOW)
    clinic.furnish(NOW)
    assert Grant.objects.count() == len(clinic.STAFF)
    assert "ana@riverbend.example" in {email for email, _, _ in clinic.logins()}


@pytest.mark.django_db
def test_no_demo_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(clinic.NotHere):
        clinic.furnish(NOW)
    with pytest.raises(clinic.NotHere):
        load.load(seed=1, now=NOW, progress=quiet())
    assert not World.objects.exists()


def test_contact_details_belong_to_nobody():
    import numpy as np

    from rapport.demo import contacts

    rng = np.random.default_rng(3)
    told = [contacts.contact_of(one, number, rng) for number, one in enumerate(patients.chart_patients())]
    emails = [one.email for one in told if one.email]
    assert len(set(emails)) == len(emails)
    assert {one.rpartition("@")[2] for one in emails} <= set(contacts.DOMAINS)
    assert all(one.phone[5:10] == "55501" for one in told)
    assert 0.85 < len(emails) / len(told) < 0.97
    assert all(len(one.zip5) == 5 and one.zip5[0] == "0" for one in told)


def test_seconds_read_like_seconds():
    assert seconds(4.24) == "4.2 s"
    assert seconds(200) == "3 min 20 s"
