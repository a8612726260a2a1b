"""The editor of text messages: one field, its checks and its length on the wire. `views.edit` leads here for pieces of that channel."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rapport.content import fields, parts_views, queries, render, texting, words
from rapport.content.examples import Example
from rapport.content.forms import TextWording
from rapport.content.models import Piece, Version
from rapport.kit import clock
from rapport.trust.models import User
from rapport.ui.fragments import page

PART_CENTS = (
    1.0  # what carriers in the United States ask about for a part, with their fees: an estimate, the bill decides
)


def edit(request: HttpRequest, piece: Piece, by: User) -> HttpResponse:
    """Every change is kept, and looked at; or the words are handed in."""
    version = queries.newest(piece.slug)
    first = version.text if version else "{{ clinic.name }}: "
    is_search = parts_views.is_search(request)
    form = TextWording(None if is_search else request.POST or None, initial={"text": first})
    text = form["text"].value() or ""
    status = 200
    if request.method == "POST" and not is_search:
        if form.is_valid():
            texting.keep(by=by, piece=piece, text=form.cleaned_data["text"], now=clock.now())
        if form.is_valid() and request.POST.get("do") == "publish":
            try:
                made = texting.publish(by=by, piece=piece, text=form.cleaned_data["text"], now=clock.now())
                messages.success(request, _("Version %(number)s waits for its reviews.") % {"number": made.number})
                return redirect("content:reviewing", made.pk)
            except texting.NotPublishable:
                status = 422
        elif not form.is_valid():
            status = 422
    seen = parts_views.seen_as(request, piece)
    shown = _shown(piece, text, seen.person)
    size = texting.measure(shown)
    room = (160, 153) if size.alphabet == "GSM-7" else (70, 67)
    context = {
        "piece": piece,
        "foreign": texting.foreign(shown),
        "room": room[0] if size.parts == 1 else room[1] * size.parts,
        "cents": size.parts * PART_CENTS,
        "form": form,
        "findings": texting.check(text, texting.about(piece, text)),
        "shown": shown,
        "size": size,
        "fields": [one for one in fields.FIELDS.values() if one.name != "links.unsubscribe"],
        "tongue": piece.language[:2],
    } | seen.told()
    return page(request, "content/edit_text.html", context, fragment="look", status=status)


def _shown(piece: Piece, text: str, person: Example | None) -> str:
    """The words as the example person would read them; as they are while they can't be filled in."""
    try:
        shown = render.preview(Version(piece=piece, subject="", text=text, html="", links=[]), person).text
    except words.BrokenTemplate:
        return text
    return shown if texting.is_answer(piece) else texting.with_opt_out(shown, piece.language)
