"""What was charged, paid and spent for one person. Margin is payments minus direct costs, as everywhere in the house."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncYear

from rapport.home.ask import Ask
from rapport.people.models import Event

KINDS = ("claim", "payment", "visit_cost")
YEARS = 6
RECENT = 15


def fill(ask: Ask) -> dict[str, Any]:
    rows = Event.objects.filter(person_id=ask.person_id, kind__in=KINDS, at__lte=ask.now)
    year = ask.now - timedelta(days=365)
    sums = {
        one["kind"]: one["amount"] for one in rows.filter(at__gte=year).values("kind").annotate(amount=Sum("value"))
    }
    paid, cost = sums.get("payment") or 0, sums.get("visit_cost") or 0
    return {
        "charged": sums.get("claim") or 0,
        "paid": paid,
        "cost": cost,
        "margin": paid - cost,
        "years": _years(rows),
        "recent": list(rows.filter(kind__in=("claim", "payment")).order_by("-at", "-id")[:RECENT]),
    }


def _years(rows: Any) -> list[dict[str, Any]]:
    """Charges, payments and costs by calendar year, newest first."""
    table: dict[int, dict[str, Any]] = {}
    grouped = (
        rows.annotate(year=TruncYear("at")).values("year", "kind").annotate(amount=Sum("value"), number=Count("id"))
    )
    for one in grouped:
        line = table.setdefault(
            one["year"].year, {"year": one["year"].year, "claim": 0, "payment": 0, "visit_cost": 0, "claims": 0}
        )
        line[one["kind"]] = one["amount"] or 0
        if one["kind"] == "claim":
            line["claims"] = one["number"]
    return sorted(table.values(), key=lambda line: -line["year"])[:YEARS]
