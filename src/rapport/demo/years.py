"""The ordinary life of the clinic: what the EHR and the billing office tell us about visits before and after the campaign."""

from datetime import datetime, timedelta
from typing import Any

from rapport.attribution.conversions import window
from rapport.campaigns.models import Assignment
from rapport.demo import campaign, feed, inlet, life, patients
from rapport.demo.life import Visit
from rapport.directory.models import ServiceLine
from rapport.experience.models import Booking
from rapport.people import timeline
from rapport.people.records import NewEvent
from rapport.trust.sealing import source_key

WORLD_STARTS = timedelta(days=365 * 6)  # no use in simulating longer than charts and campaign need


def before(load: Any, step: Any) -> None:
    """Five thin years from the end of the charts until the campaign leaves."""
    people = patients.residents()
    since = max(datetime.fromisoformat(load.world.truth["charts_end"]), load.today - WORLD_STARTS)
    visits = life.ordinary(load.rng("before"), people, since=since, until=campaign.sent_at(load), word="before")
    tell(load, step, "before", visits)


def after(load: Any, step: Any) -> None:
    """The window of the campaign as its truth wants it, and everybody's other visits until today."""
    sent = campaign.campaign_of(load)
    span = window(sent)
    arms = dict(
        Assignment.objects.filter(campaign=sent, arm__in=("contact", "holdout")).values_list("person_id", "arm")
    )
    people = patients.residents()
    rest = [one for one in people if one.person_id not in arms]
    rng = load.rng("after")
    visits = life.ordinary(rng, rest, since=span.opens, until=load.today, word="after")
    both = [one for one in people if one.person_id in arms]
    visits += life.ordinary(rng, both, since=span.closes, until=load.today, word="since")
    # Other families of care go on in both arms alike: they are no objective of this campaign and no effect of it.
    others = life.ordinary(rng, [one for one in both if one.leans], since=span.opens, until=span.closes, word="beside")
    visits += [one for one in others if one.line != campaign.LINE]
    visits += _at_their_slots(campaign.response(load, both, arms).visits, sent.pk)
    tell(load, step, "after", [one for one in visits if one.at < load.today])


def tell(load: Any, step: Any, word: str, visits: list[Visit]) -> None:
    """Visits as the outside world tells them, a delivery a month: encounters at once, bills and payments when they come."""
    told: list[tuple[datetime, dict[str, Any]]] = []
    lines = dict(ServiceLine.objects.values_list("slug", "pk"))
    costs: list[NewEvent] = []
    for visit in visits:
        told.append((visit.at, feed.encounter(visit, load.world.seed)))
        claim, paid = feed.bill(visit, load.world.seed)
        told.append((visit.at, claim))
        if visit.at + feed.PAID_AFTER < load.today:
            told.append((visit.at + feed.PAID_AFTER, paid))
        if visit.at > load.today - timedelta(days=365):
            told.append((visit.at, came(visit, load.world.seed)))
        costs.append(_cost(visit, load.world.seed, lines))
    told.sort(key=lambda one: one[0])
    months = sorted({at.strftime("%Y-%m") for at, _ in told})
    for number, month in enumerate(months):
        batch = [one for at, one in told if at.strftime("%Y-%m") == month]
        last = max(at for at, _ in told if at.strftime("%Y-%m") == month)
        inlet.tell(load, f"{word}-{month}", batch, at=min(last + timedelta(hours=6), load.today))
        step.at(number + 1, len(months))
    timeline.append(events=[cost for cost in costs if cost.at < load.today], now=load.today)
    step.note = f"{len(visits)} visits"


def _cost(visit: Visit, world: int, lines: dict[str, int]) -> NewEvent:
    """What the visit cost us, as cost accounting tells it at the end of the day. Tied to its visit by the visit's name."""
    key = inlet.encounter_key(feed.name(world, visit.key, "encounter"))
    return NewEvent(
        person_id=visit.resident.person_id,
        kind="visit_cost",
        at=visit.at + timedelta(hours=8),
        source="costs",
        source_key=source_key("costs", str(key)),
        label="Direct cost",
        value=visit.cost_cents / 100,
        unit="USD",
        service_line_id=lines[visit.line],
        detail={"encounter": str(key)},
    )


def came(visit: Visit, world: int) -> dict[str, Any]:
    """The appointment that a visit kept."""
    slot = feed.Slot(visit.key, visit.resident.patient, visit.at, visit.line, visit.place, "fulfilled")
    return feed.appointment(slot, world)


def _at_their_slots(visits: list[Visit], campaign_id: int) -> list[Visit]:
    """Who booked online comes at the time and place he booked; the later visits of his course keep their distance."""
    booked = {one.person_id: one for one in Booking.objects.select_related("location")}
    moved: list[Visit] = []
    first: dict[int, datetime] = {}
    for visit in visits:
        person = visit.resident.person_id
        first.setdefault(person, visit.at)
        slot = booked.get(person)
        if slot is None:
            moved.append(visit)
            continue
        at = slot.starts_at + (visit.at - first[person])
        moved.append(
            Visit(visit.key, visit.resident, at, visit.line, slot.location.slug, visit.payment_cents, visit.cost_cents)
        )
    return moved
