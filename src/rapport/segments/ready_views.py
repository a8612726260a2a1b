"""The page of ready segments."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from rapport.kit import clock
from rapport.segments import queries, screens, starting
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page


@requires("segments.read")
@require_GET
def ready(request: StaffRequest) -> HttpResponse:
    """Segments to begin with. The page comes without numbers and asks for them at once: counting two dozen takes longer than reading."""
    now, counted = clock.now(), "counted" in request.GET
    may_read_people = request.may("people.read")
    context = {
        "shelves": starting.shelves(now=now, counted=counted),
        "counted": counted,
        "shown": lambda people: screens.shown(people, may_read_people=may_read_people),
        "fresh": queries.freshness(),
        "now": now,
    }
    return page(request, "segments/ready.html", context, fragment="shelves")
