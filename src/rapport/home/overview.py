"""The first screenful of a person: what we may say, what comes next, what happened last, where we reach them."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from rapport.consent import life_events
from rapport.consent.models import LifeEvent
from rapport.home import appointments, complaints, desk, permission, timeline
from rapport.home.ask import Ask
from rapport.people import queries
from rapport.people.models import ContactPoint, Event, Fact

LAST = 6
NEXT = 3
DELICATE = {LifeEvent.Kind.PREGNANCY_LOSS}


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
        "silences": silences(ask),
        "complaint_kinds": complaints.KINDS,
    }


def silences(ask: Ask) -> list[dict[str, Any]]:
    """What happened in this life that keeps some messages back now. A delicate one says that there is one, and not which."""
    rows = []
    for fact in life_events.current([ask.person_id], ask.now).get(ask.person_id, []):
        rule = next((one for one in life_events.life_rules(ask.now.date()) if one.holds(fact, ask.now)), None)
        if rule is not None and fact.kind != LifeEvent.Kind.DEATH:
            covered = fact.kind in DELICATE and not ask.may("people.unmask")
            label = _("A covered event") if covered else LifeEvent.Kind(fact.kind).label
            days = rule.days
            rows.append({
                "kind": fact.kind, "label": label, "at": fact.at, "until": fact.at + timedelta(days=days) if days else None,
                "covered": covered,
            })  # fmt: skip
    return rows


def contacts(ask: Ask) -> list[dict[str, Any]]:
    """Ways to reach the person, opened, with what is wrong with each."""
    rows = []
    for kind in (ContactPoint.Kind.EMAIL, ContactPoint.Kind.PHONE):
        opened = queries.addresses(person_ids=[ask.person_id], kind=kind)
        point = opened.get(ask.person_id)
        shown = desk.spoken(point.value) if point and kind == ContactPoint.Kind.PHONE else point.value if point else ""
        rows.append({"kind": kind, "point": point, "shown": shown})
    known = {row["point"].id for row in rows if isinstance(row["point"], queries.Address)}
    given_up = Q(bounced_at__isnull=False) | Q(no_texts_at__isnull=False)
    came_back = ContactPoint.objects.filter(given_up, person_id=ask.person_id).order_by("kind", "rank", "id")
    others = queries.points(point_ids=came_back.exclude(pk__in=known).values_list("pk", flat=True))
    for one in others.values():
        is_phone = one.kind == ContactPoint.Kind.PHONE
        rows.append({"kind": one.kind, "point": one, "shown": desk.spoken(one.value) if is_phone else one.value})
    return sorted(rows, key=lambda row: row["kind"])  # e-mail before telephone, the best of each first
