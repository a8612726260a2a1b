"""The first screenful of a person: what we may say, what comes next, what happened last, where we reach them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from rapport.consent import life_events, undeliverable
from rapport.consent.models import LifeEvent
from rapport.home import appointments, complaints, desk, permission, timeline
from rapport.home.ask import Ask
from rapport.people import queries, reach
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
    came_back = undeliverable.came_back(ask.person_id)
    for kind in (ContactPoint.Kind.EMAIL, ContactPoint.Kind.PHONE):
        opened = queries.addresses(person_ids=[ask.person_id], kind=kind)
        point = opened.get(ask.person_id)
        point = with_what_came_back(point, came_back) if point else None
        shown = desk.spoken(point.value) if point and kind == ContactPoint.Kind.PHONE else point.value if point else ""
        rows.append({"kind": kind, "point": point, "shown": shown})
    known = {row["point"].id for row in rows if isinstance(row["point"], queries.Address)}
    given_up = Q(pk__in=list(came_back)) | Q(no_texts_at__isnull=False)
    shown_too = ContactPoint.objects.filter(given_up, person_id=ask.person_id).order_by("kind", "rank", "id")
    others = queries.points(point_ids=shown_too.exclude(pk__in=known).values_list("pk", flat=True))
    for one in [with_what_came_back(one, came_back) for one in others.values()]:
        is_phone = one.kind == ContactPoint.Kind.PHONE
        rows.append({"kind": one.kind, "point": one, "shown": desk.spoken(one.value) if is_phone else one.value})
    return sorted(rows, key=lambda row: row["kind"])  # e-mail before telephone, the best of each first


def with_what_came_back(point: queries.Address, came_back: dict[int, datetime]) -> queries.Address:
    """As the list of addresses knows it: a number that came back when it was another person's is no better now."""
    if point.bounced_at is not None or point.id not in came_back:
        return point
    reason = reach.CAME_BACK if point.kind == ContactPoint.Kind.EMAIL else reach.TEXTS_CAME_BACK
    return replace(point, is_valid=False, bounced_at=came_back[point.id], invalid_reason=point.invalid_reason or reason)
