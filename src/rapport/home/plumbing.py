"""Feeds and safety: how fresh each source is, what is held back, how fresh the warehouse is, whether the trail is sealed."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from rapport.integrations.models import Landing, Quarantine, Source
from rapport.segments.models import WarehouseVersion
from rapport.trust.models import AuditEntry, AuditSeal

QUIET = timedelta(days=2)


def fill(look: Any) -> dict[str, Any]:
    sealed = AuditSeal.objects.order_by("-number").first()
    unsealed = (
        AuditEntry.objects.filter(id__gt=sealed.last_entry if sealed else 0).count()
        if look.may("trust.audit")
        else None
    )
    return {
        "feeds": feeds(look.now),
        "warehouse": warehouse(),
        "sealed": sealed,
        "unsealed": unsealed,
        "waiting": Landing.objects.filter(state="waiting").count(),
    }


def feeds(now: datetime) -> list[dict[str, Any]]:
    """One line a source: last arrival, accepted rows of the last day, rows held back."""
    open_rows = Quarantine.objects.filter(state="open").order_by().values("landing__source_id").annotate(n=Count("id"))
    held = dict(open_rows.values_list("landing__source_id", "n"))
    rows = Source.objects.order_by("name")
    landed = Landing.objects.order_by().values("source_id")
    last: dict[int, dict[str, Any]] = {
        one["source_id"]: dict(one)
        for one in landed.annotate(at=Max("received_at"), waiting=Count("id", filter=Q(state="waiting")))
    }
    return [
        {
            "source": one,
            "last": last.get(one.pk, {}).get("at"),
            "waiting": last.get(one.pk, {}).get("waiting", 0),
            "held": held.get(one.pk, 0),
            "quiet": one.pk not in last or now - last[one.pk]["at"] > QUIET,
        }
        for one in rows
    ]


def warehouse() -> WarehouseVersion | None:
    return WarehouseVersion.objects.order_by("-number").first()
