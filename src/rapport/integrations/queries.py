"""What a human wants to know of the feeds: how fresh, how much, what was held back, and whether the totals add up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce

from rapport.integrations import landing
from rapport.integrations.models import Delivery, Landing, Quarantine, Source
from rapport.integrations.totals import NAMES

DAY = timedelta(days=1)
LATE_AFTER = timedelta(days=2)


@dataclass(frozen=True)
class Feed:
    """One source and its state."""

    source: Source
    last_at: datetime | None
    last_day: int
    waiting: int
    failed: int
    held: int
    totals: dict[str, int]
    is_late: bool

    @property
    def adds_up(self) -> bool:
        return self.totals["read"] == self.totals["accepted"] + self.totals["quarantined"] + self.totals["duplicates"]


def feeds(now: datetime) -> list[Feed]:
    """All sources by name."""
    held = _held()
    numbers = {row["source_id"]: row for row in _numbers(now)}
    return [
        _feed(source, numbers.get(source.pk, {}), held.get(source.pk, 0), now)
        for source in Source.objects.order_by("name", "id")
    ]


def feed(source: Source, now: datetime) -> Feed:
    return next(one for one in feeds(now) if one.source.pk == source.pk)


def deliveries(source: Source, limit: int = 25) -> list[Delivery]:
    """The latest arrivals of a source."""
    return list(Delivery.objects.filter(source=source).order_by("-id")[:limit])


def held_back(
    source: Source | None = None, *, state: str = Quarantine.State.OPEN, limit: int = 50, before: int | None = None
) -> list[Quarantine]:
    """Rows held back, newest first."""
    rows = (
        Quarantine.objects.filter(state=state)
        .select_related("landing__source", "landing__delivery")
        .order_by("-id")
        .defer("raw", "mended")
    )
    if source is not None:
        rows = rows.filter(landing__source=source)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


def reasons(source: Source) -> list[Any]:
    """Why rows are held back, the most frequent first."""
    rows = Quarantine.objects.filter(landing__source=source, state=Quarantine.State.OPEN).order_by()
    return list(rows.values("reason", "path").annotate(rows=Count("id")).order_by("-rows", "reason")[:12])


def file_of(row: Quarantine) -> str:
    """The name of the file a row came in, opened."""
    delivery = row.landing.delivery
    return landing.file_names([delivery]).get(delivery.pk, "") if delivery else ""


def _numbers(now: datetime) -> list[Any]:
    sums = {name: Coalesce(Sum(name), 0) for name in NAMES}
    return list(
        Landing.objects.order_by()
        .values("source_id")
        .annotate(
            last_at=Max("received_at"),
            last_day=Coalesce(Sum("read", filter=Q(received_at__gte=now - DAY)), 0),
            waiting=Count("id", filter=Q(state=Landing.State.WAITING)),
            failed=Count("id", filter=Q(state=Landing.State.FAILED)),
            **{f"sum_{name}": value for name, value in sums.items()},
        )
    )


def _held() -> dict[int, int]:
    rows = Quarantine.objects.filter(state=Quarantine.State.OPEN).order_by()
    return dict(rows.values_list("landing__source_id").annotate(n=Count("id")))


def _feed(source: Source, row: dict, held: int, now: datetime) -> Feed:
    last_at = row.get("last_at")
    late = source.kind != "web" and (last_at is None or now - last_at > LATE_AFTER)
    return Feed(
        source, last_at, row.get("last_day", 0), row.get("waiting", 0), row.get("failed", 0), held,
        {name: row.get(f"sum_{name}", 0) for name in NAMES}, late,
    )  # fmt: skip
