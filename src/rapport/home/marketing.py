"""The marketer's day: what goes out, what waits, what moved."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Subquery

from rapport.attribution import queries as results
from rapport.campaigns.models import Assignment, Campaign
from rapport.home import plumbing
from rapport.messaging import sending_state
from rapport.messaging.models import Intent
from rapport.segments.models import Segment, SegmentCount

SOON = timedelta(days=2)
LAST_RESULTS = 3
SEGMENTS = 6


def fill(look: Any) -> dict[str, Any]:
    return {
        "alerts": sending_state.alerts(look.now) if look.may("outbox.read") else [],
        "going": going_out(look),
        "drafts": list(
            Campaign.objects.filter(state=Campaign.State.DRAFT)
            .select_related("segment", "service_line")
            .order_by("-created_at")[:6]
        ),
        "results": last_results(look),
        "segments": segments(),
        "feeds": plumbing.feeds(look.now)[:4],
        "warehouse": plumbing.warehouse(),
    }


def going_out(look: Any) -> list[dict[str, Any]]:
    """Campaigns that leave within two days or are leaving now, with how many messages still wait."""
    waiting: dict[int, dict[str, Any]] = {
        row["cause_id"]: dict(row)
        for row in Intent.objects.filter(cause="campaign", state=Intent.State.QUEUED)
        .values("cause_id")
        .annotate(n=Count("id"), due=Min("due_at"))
    }
    soon = Campaign.objects.filter(
        send_at__gte=look.now - timedelta(days=1), send_at__lte=look.now + SOON, state__in=("scheduled", "launched")
    )
    also = Campaign.objects.filter(pk__in=list(waiting), state__in=("launched", "paused"))
    found = (soon | also).select_related("segment").order_by("send_at")
    return [
        {"campaign": one, "waiting": waiting.get(one.pk, {}).get("n", 0), "next": waiting.get(one.pk, {}).get("due")}
        for one in found
    ]


def last_results(look: Any) -> list[dict[str, Any]]:
    """The newest campaigns that have a control group to be measured against, with what they were worth, and how sure we are."""
    held_out = Assignment.objects.filter(campaign=OuterRef("pk"), arm=Assignment.Arm.HOLDOUT)
    launched = Campaign.objects.filter(Exists(held_out), launched_at__isnull=False)
    launched = launched.order_by("-launched_at")[:LAST_RESULTS]
    found = []
    for one in launched:
        told = results.result(one, look.now)
        found.append({"campaign": one, "gain": told.headline, "contact": told.objective.contact.people})
    return found


def segments() -> list[dict[str, Any]]:
    """Segments with their last two sizes."""
    last = SegmentCount.objects.filter(segment=OuterRef("pk")).order_by("-counted_at", "-id")
    rows = Segment.objects.annotate(
        people=Subquery(last.values("people")[:1]),
        before=Subquery(last.values("people")[1:2]),
        counted_at=Subquery(last.values("counted_at")[:1]),
    ).order_by("-changed_at")[:SEGMENTS]
    return [
        {
            "segment": one,
            "people": one.people,
            "counted_at": one.counted_at,
            "delta": (one.people - one.before) / one.before if one.people is not None and one.before else None,
        }
        for one in rows
    ]
