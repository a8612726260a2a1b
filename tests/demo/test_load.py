"""The demo clinic: loaded through the real doors, repeatable, and honest about its own truth."""

import io
import socket
from datetime import UTC, datetime, timedelta

import pytest

from rapport.attribution import queries as results
from rapport.campaigns import calendar, comparison, objectives
from rapport.campaigns.models import Assignment, Campaign, Objective
from rapport.content import at_desk
from rapport.content.models import ReviewComment, Version
from rapport.content.reviewing.queries import on_the_desk
from rapport.demo import clinic, hands, load, patients, reviews, scenes
from rapport.demo.models import World
from rapport.demo.progress import Progress, seconds
from rapport.integrations.models import Quarantine, Reply
from rapport.messaging.models import Call, CallTry, Intent, Letter, MailboxItem, PortalMessage
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
    mine = Intent.objects.filter(cause="campaign", cause_id=made.pk, state="sent")
    assert found.funnel.sent == mine.count() == MailboxItem.objects.filter(intent_id__in=mine.values("pk")).count()
    assert MailboxItem.objects.count() == Intent.objects.filter(state="sent", channel="email").count()
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

    what_else_there_is(world)
    again(world)


def what_else_there_is(world):
    """A comparison that holds the truth, a newsletter with its dates, gaps and reviews, and what went through hands."""
    compared = Campaign.objects.get(name=scenes.COMPARED)
    run = compared.runs.get()
    shown = comparison.of(run, NOW)
    truth = world.truth["compare"]
    difference = shown.lines[1].against_first
    assert difference.low <= truth["B"] - truth["A"] <= difference.high
    assert min(one.counted.people for one in shown.lines) >= 30
    assert run.winner_id is not None
    assert not Assignment.objects.filter(run=run, arm="contact", invited_at=None).exists()
    month = timedelta(days=31)
    entries = calendar.entries(Campaign.objects.all(), NOW - month, NOW + month, NOW)
    news = [one.what for one in entries if one.campaign.name == scenes.NEWS]
    assert news[0] == "went"
    assert "planned" in news
    gaps = {one.name: objectives.outlook(one, NOW).is_gap for one in Objective.objects.all()}
    assert sorted(gaps.values()) == [False, True]
    waiting = {one.version.piece.slug: one for one in on_the_desk(clinic.staff("dee"), NOW)}
    open_looks = {slug: {line.need.kind for line in one.lines if not line.is_done} for slug, one in waiting.items()}
    assert open_looks[reviews.CLINICIAN] == {"clinical"}
    assert "translation" in open_looks[reviews.TRANSLATED]
    assert ReviewComment.objects.filter(resolved_at=None).count() == 1
    assert Version.objects.filter(state="retired").count() == 1
    assert {"before-your-visit", "we-missed-you"} <= set(at_desk.offered()), "the clerk has something to send"
    assert Letter.objects.filter(state="posted").count() >= 3
    assert CallTry.objects.count() == len(hands.OUTCOMES)
    assert Call.objects.filter(state="open").exists()
    assert PortalMessage.objects.filter(answered_at__isnull=False).count() == 1
    assert Reply.objects.filter(channel="portal").count() == 1


def again(world):
    """A second load does nothing; a load that lost the mark of a step tells it again without doubles."""
    before = counted()
    load.load(seed=load.DEFAULT_SEED, now=NOW, progress=quiet())
    for name in (
        "registration", "consents", "before", "launch", "after", "desk", "lately", "compliance", "sources", "compare", "news",
        "letters", "calls", "inbox", "reviews", "plans",
    ):  # fmt: skip
        world = World.objects.get()
        world.steps = {key: value for key, value in world.steps.items() if key != name}
        world.save(update_fields=["steps"])
        load.load(seed=load.DEFAULT_SEED, now=NOW, progress=quiet())
    assert counted() == before


def counted():
    rows = (
        Event,
        Person,
        Intent,
        ContactPoint,
        Campaign,
        Version,
        CallTry,
        Letter,
        PortalMessage,
        ReviewComment,
        Objective,
    )
    return {one.__name__: one.objects.count() for one in rows}


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
