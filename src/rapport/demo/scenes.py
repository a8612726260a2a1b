"""What else Ana has done lately: a comparison of two subjects with its truth known, and a newsletter with one issue behind it.

Both lie after the window of the campaign that is weighed (`campaign`), and bring nobody to a visit: its numbers stay its own.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from rapport import flow
from rapport.campaigns import actions, objectives
from rapport.campaigns.models import Assignment, Campaign, Objective
from rapport.demo import answers as doors
from rapport.demo import clinic, inlet, life, outcomes, saying
from rapport.directory.models import ServiceLine
from rapport.integrations.web import hits
from rapport.kit import clock
from rapport.messaging.models import Intent
from rapport.people.models import Event

COMPARED, LINE = "Open on Saturdays", "primary-care"
SUBJECTS = {"A": "A new time for your visits", "B": "Saturday mornings: quiet, and parking is free"}
# Who opens and who of them clicks, by variant: the truth that a comparison looks for. The subject moves nobody to more than a click.
HABITS = {
    "A": life.Habits(opens=0.20, clicks=0.75, unsubscribes=0.0, slowness_hours=5),
    "B": life.Habits(opens=0.35, clicks=0.90, unsubscribes=0.0, slowness_hours=5),
}
BUTTON = 0  # the number of the link that the letter's button follows
HEARD = ("message_opened", "message_clicked")
NOBODY_MOVED = outcomes.Model(base_rate=0, lift=0)
TRIED, DECIDED_AFTER = 75, 48  # percent of those contacted; hours
NEWS = "Riverbend monthly"
READERS = {"is": "consented", "channel": "email", "topic": "newsletter"}
ADULTS = {"is": "age", "at_least": 18}
AT_WORK = {"is": "age", "at_least": 20, "at_most": 64}


def click_rate(label: str) -> float:
    """The true share of a variant's people who click."""
    return HABITS[label].opens * HABITS[label].clicks


def compare(load: Any, step: Any) -> None:
    """Two subjects on three of four people; after two days the leader goes to the rest. Touches land as the public door writes them."""
    at = saying.weekday_before(load.today, days=20, weekday=saying.WEDNESDAY)
    compared = saying.launch(_compared(load, at), at)
    with saying.post_office():
        saying.send(at)
        _answer(load, compared, at, is_test=True)
        decided_at = at + timedelta(hours=DECIDED_AFTER + 1)
        with clock.travel(decided_at):
            flow.launch_due(by=inlet.BY, now=decided_at)
        saying.send(decided_at)
        _answer(load, compared, decided_at, is_test=False)
    load.world.truth["compare"] = {label: click_rate(label) for label in HABITS}
    run = compared.runs.select_related("winner").get()
    step.note = f"{run.permitted} people, {run.winner.label if run.winner else 'nobody'} went to the rest"


def news(load: Any, step: Any) -> None:
    """Every four weeks on a Tuesday: one issue out, the next one written and on the desk of reviews (`reviews`)."""
    at = saying.weekday_before(load.today, days=9, weekday=saying.TUESDAY)
    written = at - timedelta(days=3)
    planned = {
        "kind": Campaign.Kind.NEWSLETTER,
        "rule": "FREQ=WEEKLY;INTERVAL=4;BYDAY=TU",
        "segment": saying.segment("Newsletter readers", READERS, written, "P13"),
        "version": saying.words(NEWS, "newsletter", "monthly-first", "New at Riverbend this month", written),
        "purpose": "P13",
        "send_at": at,
    }
    saying.launch(saying.draft(load, NEWS, planned, written), at - timedelta(days=1))
    with clock.travel(at):
        flow.launch_due(by=inlet.BY, now=at)
    with saying.post_office():
        sent = saying.send(at)
    step.note = f"{sent} readers"


def ahead(load: Any, now: datetime) -> None:
    """What is still to come: a reminder on a day of each person's own, for the objective; and an objective that nobody serves yet."""
    spring = (now + timedelta(days=150)).date()
    told = {"metric": Objective.Metric.VISITS, "from_on": now.date(), "until_on": spring}
    _objective("Women’s check-ups by spring", "womens-health", 40, told, now)
    tomorrow = (now + timedelta(days=1)).astimezone(life.ZONE).replace(hour=9, minute=0, second=0, microsecond=0)
    planned = {
        "kind": Campaign.Kind.DATED,
        "occasion": Campaign.Occasion.LAST_VISIT,
        "segment": saying.segment("Adults", ADULTS, now),
        "version": saying.words(
            "Yearly visit", "health_services", "yearly-visit", "A good time for your yearly visit", now
        ),
        "purpose": "P2",
        "service_line": ServiceLine.objects.get(slug=LINE),
        "objective": Objective.objects.filter(name=AIM).first(),
        "timing": Campaign.Timing.BEST_HOUR,
        "send_at": tomorrow,
    }
    saying.launch(saying.draft(load, "A year since your last visit", planned, now - timedelta(hours=2)), now)


AIM = "Primary care this season"


def _compared(load: Any, at: datetime) -> Campaign:
    """The draft with its two variants."""
    drafted = at - timedelta(days=3)
    told = {
        "metric": Objective.Metric.VISITS,
        "from_on": drafted.date(),
        "until_on": drafted.date() + timedelta(days=120),
    }
    planned = {
        "segment": saying.segment("Adults 20 to 64", AT_WORK, drafted),
        "version": saying.words(f"{COMPARED}, A", "health_services", "saturday", SUBJECTS["A"], drafted),
        "purpose": "P2",
        "service_line": ServiceLine.objects.get(slug=LINE),
        "objective": _objective(AIM, LINE, 60, told, drafted),
        "test_percent": TRIED,
        "decide_after_hours": DECIDED_AFTER,
        "send_at": at,
    }
    made = saying.draft(load, COMPARED, planned, drafted)
    if made.state == Campaign.State.DRAFT:
        other = saying.words(f"{COMPARED}, B", "health_services", "saturday", SUBJECTS["B"], drafted)
        variants: list[dict[str, Any]] = [{"percent": 50}, {"percent": 50, "version": other}]
        actions.vary(by=clinic.staff("ana"), campaign=made, variants=variants, now=drafted)
    return made


def _answer(load: Any, compared: Campaign, at: datetime, *, is_test: bool) -> None:
    """Everybody who got it does with it what the habits of her variant say."""
    said = Intent.objects.filter(cause="campaign", cause_id=compared.pk, state="sent").values_list(
        "person_id", flat=True
    )
    rows = Assignment.objects.filter(campaign=compared, is_test=is_test, person_id__in=said, variant__isnull=False)
    plan: list[life.Answer] = []
    for label, habits in HABITS.items():
        got = rows.filter(variant__label=label).order_by("person_id").values_list("person_id", flat=True)
        people = [life.Resident(person, "", at.date(), "", "") for person in got]
        rng = load.rng(f"compare-{label}-{is_test}")
        message = life.Message(LINE, at, NOBODY_MOVED, habits)
        plan += life.respond(rng, contacted=people, held_out=[], message=message).answers
    heard = set(Event.objects.filter(campaign_id=compared.pk, kind__in=HEARD).values_list("person_id", flat=True))
    mail = {one.person_id: one for one in Intent.objects.filter(cause="campaign", cause_id=compared.pk, state="sent")}
    touches: list[tuple[hits.Kind, Intent, int | None, datetime]] = [
        (kind, mail[one.person_id], link, moment)
        for one in plan
        if one.person_id not in heard
        for kind, link, moment in _touches(one)
        if moment is not None
    ]
    touches.sort(key=lambda touch: touch[3])
    with transaction.atomic():
        hits.land_many(touches)
    inlet.take_all((doors.last_instant(plan) or at) + timedelta(minutes=5))


def _touches(one: life.Answer) -> tuple[tuple[hits.Kind, int | None, datetime | None], ...]:
    return ("message_opened", None, one.opens_at), ("link_followed", BUTTON, one.clicks_at)


def _objective(name: str, line: str, target: int, told: dict[str, Any], now: datetime) -> Objective:
    found = Objective.objects.filter(name=name).first()
    if found:
        return found
    told = {"name": name, "target": target, "service_line": ServiceLine.objects.get(slug=line), **told}
    return objectives.put(by=clinic.staff("ana"), told=told, now=now)
