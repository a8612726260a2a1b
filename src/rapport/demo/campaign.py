"""The campaign of the demo: planned and launched by Ana, sent over real SMTP, answered at the public doors, weighed at the end."""

from datetime import datetime, time, timedelta
from typing import Any

from rapport.attribution import conversions
from rapport.attribution import queries as results
from rapport.campaigns import actions
from rapport.campaigns.models import Assignment, Campaign
from rapport.demo import answers as doors
from rapport.demo import clinic, inlet, life, outcomes, patients, saying, scenes
from rapport.directory.models import ServiceLine
from rapport.kit import clock
from rapport.messaging.models import Intent
from rapport.segments import sync

NAME, LINE = "Yearly visit", "primary-care"
SENT_BEFORE = timedelta(days=118)
WINDOW_DAYS = 90
HOLDOUT = 40  # of 100: more than the house's 10, so that a small clinic can see the difference
COST_CENTS = 45_000
# A lift that no real letter has: with some 140 people a true one of two or three points could not be seen.
MODEL = outcomes.Model(
    base_rate=0.06,
    lift=0.3,
    payment_cents=life.LINES[LINE].payment_cents,
    payment_shape=life.PAYMENT_SHAPE,
    direct_cost_cents=life.LINES[LINE].cost_cents,
    follow_ups=0.1,
)


def sent_at(load: Any) -> datetime:
    """A Tuesday, ten in the morning, about four months ago."""
    day = (load.today - SENT_BEFORE).astimezone(life.ZONE).date()
    day -= timedelta(days=(day.weekday() - 1) % 7)
    return datetime.combine(day, time(10, 0), life.ZONE)


def campaign_of(load: Any) -> Campaign:
    return Campaign.objects.get(pk=load.world.truth["campaign"])


def launch(load: Any, step: Any) -> None:
    """Segment, words, draft, launch, send: each by its own verb, at its simulated hour."""
    at = sent_at(load)
    sync.refresh(now=at)
    with clock.travel(at):
        planned = _plan(load, at)
        if planned.state == Campaign.State.DRAFT:
            planned = actions.launch(by=clinic.staff("ana"), campaign=planned, now=at)
    with saying.post_office():
        sent = saying.send(at)
    load.world.truth |= _truth(planned)
    step.note = f"{sent} messages, {load.world.truth['holdout']} people held out"


def answers(load: Any, step: Any) -> None:
    """Real requests to the public pages; the touches are taken in by the worker's own code."""
    sent = campaign_of(load)
    people = patients.residents()
    arms = dict(
        Assignment.objects.filter(campaign=sent, arm__in=("contact", "holdout")).values_list("person_id", "arm")
    )
    plan = response(load, [one for one in people if one.person_id in arms], arms).answers
    mail = doors.letters((one.person_id for one in plan), sent.pk)
    steps = sum(
        at is not None for one in plan for at in (one.opens_at, one.clicks_at, one.books_at, one.unsubscribes_at)
    )
    done = doors.act(plan, mail, load.rng("doors"), lambda number: step.at(number, steps))
    inlet.take_all((doors.last_instant(plan) or sent_at(load)) + timedelta(minutes=5))
    step.note = f"{done.opened} opened, {done.clicked} clicked, {done.booked} booked, {done.unsubscribed} unsubscribed"


def response(load: Any, people: list[life.Resident], arms: dict[int, str]) -> life.Response:
    """What the campaign does to its people: the same plan for the answers and, later, for the visits."""
    mailed = set(
        Intent.objects.filter(cause="campaign", cause_id=load.world.truth["campaign"], state="sent").values_list(
            "person_id", flat=True
        )
    )
    return life.respond(
        load.rng("response"),
        contacted=[one for one in people if arms[one.person_id] == "contact" and one.person_id in mailed],
        held_out=[one for one in people if arms[one.person_id] == "holdout" or one.person_id not in mailed],
        message=life.Message(LINE, sent_at(load), MODEL),
    )


def plans(load: Any, step: Any) -> None:
    """What makes the pages alive: two more segments, a draft, and a campaign that leaves tomorrow morning."""
    now, ana = load.today, clinic.staff("ana")
    womens = ServiceLine.objects.get(slug="womens-health")
    women = saying.segment(
        "Women 40 to 74",
        {"is": "all", "of": [{"is": "sex", "one_of": ["F"]}, {"is": "age", "at_least": 40, "at_most": 74}]},
        now,
    )
    readers = saying.segment("Newsletter readers", scenes.READERS, now, "P13")
    words = saying.words(
        "Women's health: new morning hours", "health_services", "womens-visit", "New morning hours at your clinic", now
    )
    news = saying.words("Winter newsletter", "newsletter", "newsletter", "What is new at Riverbend this winter", now)
    tomorrow = datetime.combine((now + timedelta(days=1)).astimezone(life.ZONE).date(), time(9, 30), life.ZONE)
    wishes = (
        (
            "Women's health, new morning hours",
            {
                "segment": women,
                "version": words,
                "purpose": "P2",
                "service_line": womens,
                "remunerated": False,
                "send_at": None,
            },
        ),
        (
            "Winter newsletter",
            {
                "segment": readers,
                "version": news,
                "purpose": "P13",
                "service_line": None,
                "remunerated": False,
                "send_at": tomorrow,
            },
        ),
    )
    for name, planned in wishes:
        if not Campaign.objects.filter(name=name).exists():
            actions.draft(by=ana, name=name, now=now - timedelta(hours=3), planned={**planned, "message_cost_cents": 0})
    scenes.ahead(load, now)
    newsletter = Campaign.objects.get(name="Winter newsletter")
    if newsletter.state == Campaign.State.DRAFT:
        actions.schedule(by=ana, campaign=newsletter, now=now)


def weigh(load: Any, step: Any) -> None:
    """The columnar copy, and what the campaign was worth next to what only the simulator knows."""
    sync.refresh(now=load.today)
    sent = campaign_of(load)
    conversions.refresh(sent, load.today)
    told = results.result(sent, load.today)
    gain = told.headline
    if gain is None:
        step.note = "too small for a result"
        return
    truth = load.world.truth
    truth["found_margin_cents"] = [gain.margin.low, gain.margin.value, gain.margin.high]
    truth["found_roi"] = [gain.roi.low, gain.roi.value, gain.roi.high] if gain.roi else None
    truth["true_roi"] = truth["true_margin_cents"] / told.cost_cents
    if gain.roi:
        found = f"return {gain.roi.value:.1f} : 1 (95 % interval {gain.roi.low:.1f} to {gain.roi.high:.1f})"
        step.note = f"{found}; the truth is {truth['true_roi']:.1f} : 1"


def _plan(load: Any, at: datetime) -> Campaign:
    found = Campaign.objects.filter(name=NAME).first()
    if found:
        return found
    drafted = at - timedelta(days=4)
    who = {
        "is": "all",
        "of": [
            {"is": "age", "at_least": 18},
            {
                "is": "none",
                "of": [{"is": "encountered", "at_least": 1, "within": {"window": "last", "count": 30, "unit": "day"}}],
            },
        ],
    }
    segment = saying.segment("Adults not here this month", who, drafted)
    words = saying.words(
        "Yearly visit", "health_services", "yearly-visit", "A good time for your yearly visit", drafted
    )
    planned = {
        "segment": segment,
        "version": words,
        "purpose": "P2",
        "remunerated": False,
        "service_line": ServiceLine.objects.get(slug=LINE),
        "holdout_percent": HOLDOUT,
        "window_days": WINDOW_DAYS,
        "fixed_cost_cents": COST_CENTS,
        "message_cost_cents": 1,
        "send_at": at,
    }
    made = actions.draft(by=clinic.staff("ana"), name=NAME, now=drafted, planned=planned)
    # A world of a seed must come out the same each time; outside the demo the salt is drawn and never chosen.
    Campaign.objects.filter(pk=made.pk).update(salt=f"demo-{load.world.seed}")
    return Campaign.objects.get(pk=made.pk)


def _truth(planned: Campaign) -> dict[str, Any]:
    """What only a simulator knows, written down before anything has happened."""
    contact = Intent.objects.filter(cause="campaign", cause_id=planned.pk, state="sent").count()
    return {
        "campaign": planned.pk,
        "contact": contact,
        "holdout": Assignment.objects.filter(campaign=planned, arm="holdout").count(),
        "lift": MODEL.lift,
        "base_rate": MODEL.base_rate,
        "true_margin_cents": outcomes.true_incremental_margin(MODEL, contact),
    }
