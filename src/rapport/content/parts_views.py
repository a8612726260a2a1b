"""The editors of call scripts, inbox texts and words to the phone. `views.edit` leads here for pieces of those channels.

Every change is kept, and what it looks like stands beside.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.content import fields, lint, parts, preview_people, queries, telling, translations
from rapport.content.actions import NotPublishable
from rapport.content.lint import parts as rules
from rapport.content.models import Piece, Version
from rapport.content.parts_forms import FORMS, PartsForm
from rapport.kit import clock
from rapport.trust.access import may, staff
from rapport.trust.models import User
from rapport.ui.fragments import page

OPEN = (Version.State.DRAFT, Version.State.REVIEW)


def edit(request: HttpRequest, piece: Piece, by: User) -> HttpResponse:
    """Write, look, hand in."""
    now, version, status = clock.now(), queries.newest(piece.slug), 200
    said = telling.first(piece, version)
    form = _form(request, piece, said, version)
    do = request.POST.get("do", "")
    if request.method == "POST" and not is_search(request):
        if form.is_valid():
            said = form.made()
            origin = {name: bool(form.cleaned_data[name]) for name in form.origin}
            if do == "hand_in":
                try:
                    made = telling.hand_in(by=by, piece=piece, said=said, now=now, **origin)
                    messages.success(request, _("Version %(number)s waits for its reviews.") % {"number": made.number})
                    return redirect("content:reviewing", made.pk)
                except NotPublishable:
                    status = 422
            version = telling.keep(by=by, piece=piece, said=said, now=now, **origin)
            if status == 200 and "HX-Request" not in request.headers:
                rows = form.rows + 1 if do == "more" else form.rows
                return redirect(
                    f"{reverse('content:edit', args=[piece.slug])}?rows={rows}{'#row-last' if do == 'more' else ''}"
                )
        else:
            status = 422
    return page(
        request,
        "content/edit_parts.html",
        _context(request, piece, version, said, form),
        fragment="look",
        status=status,
    )


def _form(request: HttpRequest, piece: Piece, said: parts.Parts, version: Version | None) -> PartsForm:
    asked = request.GET.get("rows", "")
    origin = (
        version is not None and version.translation == Version.Translation.MACHINE,
        version is not None and version.written_by != Version.WrittenBy.PEOPLE,
    )
    rows = int(asked) if asked.isdigit() and len(asked) < 3 else 0
    typed = None if is_search(request) else request.POST or None
    return FORMS[piece.channel](typed, said=said, rows=rows, origin=origin)


def _context(
    request: HttpRequest, piece: Piece, version: Version | None, said: parts.Parts, form: PartsForm
) -> dict[str, Any]:
    now = clock.now()
    seen = seen_as(request, piece)
    judged = Version(
        piece=piece, parts=parts.write(said), fields=sorted(rules.used(said)),
        written_by=version.written_by if version else Version.WrittenBy.PEOPLE,
    )  # fmt: skip
    return {
        "piece": piece,
        "version": version,
        "form": form,
        "shown": telling.shown(piece, said, seen.person),
        "findings": [
            *translations.findings(version if version is not None and version.state in OPEN else None),
            *lint.of_version(judged, now),
        ],
        "fields": [one for one in fields.FIELDS.values() if one.privacy != "link"],
        "tongue": piece.language[:2],
        "limits": {"title": rules.TITLE, "line": rules.LINE},
        "has_choices": telling.has_choices(piece) and piece.channel != "call",
    } | seen.told()


def is_search(request: HttpRequest) -> bool:
    """Whether somebody is looked for, to see the words as they do. What is typed travels in the body, never in the address."""
    return "find" in request.POST


def seen_as(request: HttpRequest, piece: Piece) -> preview_people.Looker:
    """As whom the words are to be shown, as the request says."""
    asked = request.POST.get("as", "") or request.GET.get("as", "")
    return preview_people.looker(
        by=staff(request), asked=asked, find=request.POST.get("find", ""), may_search=may(request.user, "people.search"),
        language=piece.language, now=clock.now(),
    )  # fmt: skip
