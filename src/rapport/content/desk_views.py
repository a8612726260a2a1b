"""Offering a piece to the front desk, and taking it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.content import at_desk
from rapport.content.models import Piece
from rapport.kit import clock
from rapport.trust.access import StaffRequest, requires


@requires("content.write")
@require_POST
def offer(request: StaffRequest, slug: str) -> HttpResponse:
    """The name under which the front desk finds it; none takes it back."""
    piece = get_object_or_404(Piece, slug=slug)
    try:
        made = at_desk.offer(by=request.user, piece=piece, name=request.POST.get("name", ""), now=clock.now())
    except at_desk.NotForTheDesk:
        messages.error(request, _("The front desk sends what is about care, bills or a survey, and nothing else."))
    else:
        said = _("The front desk may send it now.") if made.at_desk else _("The front desk does not send it any more.")
        messages.success(request, said)
    return redirect("content:one", slug)
