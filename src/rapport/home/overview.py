"""The first screenful of a person: what we may say, what comes next, what happened last, where we reach them."""

from typing import Any

from rapport.home import appointments, desk, permission, timeline
from rapport.home.ask import Ask
from rapport.people import queries
from rapport.people.models import ContactPoint, Event, Fact

LAST = 6
NEXT = 3


def fill(ask: Ask) -> dict[str, Any]:
    coming = Fact.objects.filter(
        person_id=ask.person_id, kind="appointment", starts_at__gte=ask.now, status__in=("booked", "pending", "arrived")
    )
    past = Event.objects.filter(person_id=ask.person_id, at__lte=ask.now).exclude(
        kind__in=("visit_cost", "claim", "observation")
    )
    return {
        "permissions": permission.glance(ask.person_id, ask.now),
        "coming": appointments.lines(list(coming.order_by("starts_at")[:NEXT])),
        "entries": timeline.entries(list(past.order_by("-at", "-id")[:LAST])),
        "contacts": contacts(ask),
    }


def contacts(ask: Ask) -> list[dict[str, Any]]:
    """Ways to reach the person, opened, with what is wrong with each."""
    rows = []
    for kind in (ContactPoint.Kind.EMAIL, ContactPoint.Kind.PHONE):
        opened = queries.addresses(person_ids=[ask.person_id], kind=kind)
        point = opened.get(ask.person_id)
        shown = desk.spoken(point.value) if point and kind == ContactPoint.Kind.PHONE else point.value if point else ""
        rows.append({"kind": kind, "point": point, "shown": shown})
    return rows
