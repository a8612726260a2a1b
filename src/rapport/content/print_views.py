"""A letter or a postcard as PDF, as an example person would get it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rapport.content import actions, fields, printing, queries
from rapport.content.examples import EXAMPLES
from rapport.content.families import DESIGNED
from rapport.content.models import Piece, Version
from rapport.content.printing.postcards import NotOnAPostcard
from rapport.kit import clock
from rapport.trust.access import requires

EXAMPLE = printing.Address(("Pat Rivera", "12 Canal Street", "Lowell, MA 01852"))


@requires("content.read")
@require_safe
def printed(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest wording on paper."""
    piece = get_object_or_404(Piece, slug=slug, channel__in=DESIGNED)
    version = queries.newest(slug) or Version(piece=piece, subject=piece.name, blocks=[])
    kind, now = request.GET.get("as", "letter"), clock.now()
    if version.state == Version.State.DRAFT and not version.blocks and not version.text:
        _findings, made = actions.look(
            topic=piece.topic, subject=version.subject, preheader="", mjml=version.mjml, text="", now=now
        )
        version.text = made.text if made else ""
    merge = {name: field.example for name, field in fields.FIELDS.items() if field.privacy != "link"} | EXAMPLES[
        "pat"
    ].merge
    try:
        if kind.startswith("postcard"):
            size = request.GET.get("size", "6x4")
            pdf = printing.postcard(version, EXAMPLE, size=size if size in printing.SIZES else "6x4")
        else:
            pdf = printing.letter(version, merge, EXAMPLE, on=now.date(), shown=[True] * len(version.conditions))
    except NotOnAPostcard as refused:
        messages.error(request, _("It may not go on a postcard: %(why)s") % {"why": refused.findings[0].message})
        return redirect("content:one", slug)
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="piece-{piece.pk}.pdf"'
    return response
