"""Appointments of one person: coming, and gone by with how they ended."""

from typing import Any

from rapport.directory.models import Location, ServiceLine
from rapport.home.ask import Ask
from rapport.people.models import Fact

PAST = 20


def fill(ask: Ask) -> dict[str, Any]:
    facts = Fact.objects.filter(person_id=ask.person_id, kind="appointment", starts_at__isnull=False)
    coming = list(facts.filter(starts_at__gte=ask.now).order_by("starts_at"))
    past = list(facts.filter(starts_at__lt=ask.now).order_by("-starts_at")[:PAST])
    return {"coming": lines(coming), "past": lines(past)}


def lines(facts: list[Fact]) -> list[dict[str, Any]]:
    """Appointments with the words for their place and service line."""
    places: dict[int | None, str] = dict(
        Location.objects.filter(pk__in={fact.location_id for fact in facts}).values_list("pk", "name")
    )
    families: dict[int | None, str] = dict(
        ServiceLine.objects.filter(pk__in={fact.service_line_id for fact in facts}).values_list("pk", "name")
    )
    return [
        {
            "fact": fact,
            "at": fact.starts_at,
            "place": places.get(fact.location_id, ""),
            "service_line": families.get(fact.service_line_id, ""),
            "status": fact.status,
            "label": fact.label,
        }
        for fact in facts
    ]
