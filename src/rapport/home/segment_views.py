"""Opening the protected segments of one person."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.home import segments, views
from rapport.home.clinical import ReasonMissing
from rapport.trust.access import StaffRequest, requires
from rapport.trust.refusal import refuse
from rapport.ui.fragments import page


@requires("people.unmask")
@require_POST
def protected(request: StaffRequest, person_id: int) -> HttpResponse:
    """The protected segments she is in, once, with a reason that goes on record."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    if not request.may("segments.read"):
        return refuse(request, "segments.read")
    context: dict[str, Any] = {"card": ask.card, "lines": [], "problem": ""}
    try:
        context["lines"] = segments.open_protected(
            by=request.user, person_id=person_id, reason=request.POST.get("reason", ""), now=ask.now
        )
    except ReasonMissing:
        context["problem"] = _("Please write why you need to see this.")
        return page(request, "home/protected_segments.html", context, status=422)
    return page(request, "home/protected_segments.html", context)
