"""The first step of a trace: which arrival brought it. Served as a fragment to the trace page, which stands on a lower floor."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from rapport.integrations.models import Landing
from rapport.integrations.totals import NAMES
from rapport.trust.access import StaffRequest, requires


@dataclass(frozen=True)
class Arrival:
    """What came under one trace id, and what became of it."""

    source: str
    slug: str
    delivery: int | None
    landings: int
    form: str
    received_at: datetime
    taken_at: datetime | None
    totals: dict[str, int]


def of_trace(trace: uuid.UUID) -> Arrival | None:
    """The arrival behind a trace id; None when nothing landed under it."""
    landed = Landing.objects.filter(trace=trace)
    first = landed.select_related("source").order_by("id").first()
    if first is None:
        return None
    sums = landed.aggregate(
        received=Min("received_at"), taken=Max("taken_at"), **{f"sum_{name}": Sum(name) for name in NAMES}
    )
    return Arrival(
        source=first.source.name,
        slug=first.source.slug,
        delivery=first.delivery_id,
        landings=landed.count(),
        form=first.form,
        received_at=sums["received"],
        taken_at=sums["taken"],
        totals={name: sums[f"sum_{name}"] or 0 for name in NAMES},
    )


@requires("sources.read")
@require_GET
def arrival(request: StaffRequest, trace: uuid.UUID) -> HttpResponse:
    """The fragment under "Landed"."""
    found = of_trace(trace)
    if found is None:
        raise Http404
    return render(request, "integrations/arrival.html", {"arrival": found})
