"""Who came and went: the page of a segment's movements, and the part of it that stands beside the builder."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from rapport.kit import clock
from rapport.segments import moving, queries
from rapport.segments.models import Segment
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page


@requires("segments.read")
@require_GET
def moves(request: StaffRequest, slug: str) -> HttpResponse:
    """How the size went, and how many entered and left on each of the last thirty days."""
    segment = get_object_or_404(Segment.objects.select_related("origin__segment"), slug=slug)
    now = clock.now()
    context = {
        "segment": segment,
        "moves": moving.of(segment, now=now, may_read_people=request.may("people.read")),
        "fresh": queries.freshness(),
        "now": now,
    }
    return page(request, "segments/moves.html", context, fragment="moves")
