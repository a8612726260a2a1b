"""The same in another channel or language."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.content import families
from rapport.content.models import Piece
from rapport.kit import clock
from rapport.trust.access import requires, staff


@requires("content.write")
@require_POST
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Start the words for another channel, or another language."""
    piece = get_object_or_404(Piece, slug=slug)
    asked = {name: request.POST.get(name, "") for name in ("channel", "language")}
    try:
        made = families.begin(by=staff(request), piece=piece, now=clock.now(), **asked)
    except families.NoSuchWay:
        messages.info(request, _("There are such words already."))
        return redirect("content:one", slug)
    return redirect("content:edit", made.slug)
