"""What the policy said no to in the last 30 days, by gate."""

from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from rapport.messaging.models import Receipt

MONTH = timedelta(days=30)


def refusals(now: datetime) -> QuerySet[Receipt]:
    return Receipt.objects.filter(at__gte=now - MONTH, at__lte=now, allowed=False)


def by_gate(now: datetime) -> list[tuple[str, int]]:
    """(gate, how many), the most frequent first."""
    rows = refusals(now).order_by().values("gate").annotate(n=Count("id")).order_by("-n", "gate")
    return [(row["gate"], row["n"]) for row in rows]
