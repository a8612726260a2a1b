"""Letters: what waits to be printed, what was printed in one go, and whether it is in the post."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from rapport.kit import clock
from rapport.messaging import print_batch_queries as reading
from rapport.messaging import print_batches
from rapport.messaging.models import Letter, PrintBatch
from rapport.people import queries as people
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

WRONG = {
    "jam": gettext_lazy("Paper jam"),
    "print": gettext_lazy("Badly printed"),
    "torn": gettext_lazy("Torn or stained"),
    "lost": gettext_lazy("Lost"),
}


@requires("letters.print")
@require_safe
def index(request: StaffRequest) -> HttpResponse:
    """How many wait, and the batches before."""
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isdigit() and 0 < len(asked) < 6 and int(asked) else 1
    batches, more = reading.batches(page=number)
    context = {
        "tray": reading.tray(),
        "batches": batches,
        "more": more,
        "page_number": number,
        "most": print_batches.MOST,
        "now": clock.now(),
    }
    return page(request, "messaging/letters.html", context)


@requires("letters.print")
@require_POST
def print_waiting(request: StaffRequest) -> HttpResponse:
    """Make the next batch."""
    try:
        made = print_batches.print_waiting(by=request.user, now=clock.now())
    except print_batches.NothingToPrint as nothing:
        if nothing.held_back:
            said = ngettext(
                "%(number)s letter may not go any more and was taken out. Nothing is left to print.",
                "%(number)s letters may not go any more and were taken out. Nothing is left to print.",
                nothing.held_back,
            )
            messages.warning(request, said % {"number": nothing.held_back})
        else:
            messages.info(request, _("No letter may be printed now."))
        return HttpResponseRedirect(reverse("messaging:letters"))
    return HttpResponseRedirect(reverse("messaging:batch", args=[made.pk]))


@requires("letters.print")
@require_safe
def batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The manifest, and the letters one by one."""
    found = _batch(batch_id)
    letters = reading.letters_of(batch_id)
    now = clock.now()
    known = people.cards(by=request.user, person_ids=[one.person_id for one in letters], now=now) if letters else []
    context = {
        "batch": found,
        "letters": letters,
        "people": {one.id: one for one in known},
        "clinic": settings.CLINIC_NAME,
        "clinic_address": settings.CLINIC_ADDRESS,
        "wrong": WRONG,
        "now": now,
    }
    return page(request, "messaging/batch.html", context)


@requires("letters.print")
@require_safe
def sheet(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The PDF."""
    found = _batch(batch_id)
    pdf = print_batches.sheet(by=request.user, batch=found, now=clock.now())
    if not pdf:
        raise Http404
    return _file(pdf, "application/pdf", f"letters-{batch_id}.pdf", inline=True)


@requires("letters.print")
@require_safe
def addresses(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The mail-merge file."""
    table = print_batches.merge_file(by=request.user, batch=_batch(batch_id), now=clock.now())
    return _file(table, "text/csv; charset=utf-8", f"addresses-{batch_id}.csv")


@requires("letters.print")
@require_POST
def post(request: StaffRequest, batch_id: int) -> HttpResponse:
    """It is in the mail."""
    _batch(batch_id)
    try:
        print_batches.post(by=request.user, batch_id=batch_id, now=clock.now())
        messages.success(request, _("Posted. The PDF is destroyed."))
    except print_batches.NotPrinted:
        messages.info(request, _("This batch was posted before."))
    return HttpResponseRedirect(reverse("messaging:batch", args=[batch_id]))


@requires("letters.print")
@require_POST
def spoil(request: StaffRequest, batch_id: int) -> HttpResponse:
    """A letter came out wrong."""
    _batch(batch_id)
    wrong = WRONG.get(request.POST.get("reason", ""))
    asked = request.POST.get("letter", "")
    if wrong is None or not asked.isdigit():
        messages.error(request, _("Say what went wrong with the letter."))
        return HttpResponseRedirect(reverse("messaging:batch", args=[batch_id]))
    with translation.override("en"):  # what is kept is English, whoever chose it
        reason = str(wrong)
    try:
        print_batches.spoil(by=request.user, letter_id=int(asked[:18]), reason=reason, now=clock.now())
        messages.success(request, _("It waits to be printed once more."))
    except Letter.DoesNotExist:
        raise Http404 from None
    except print_batches.NotPrinted:
        messages.info(request, _("A letter can be printed again once, and not after it was posted."))
    return HttpResponseRedirect(reverse("messaging:batch", args=[batch_id]))


def _batch(batch_id: int) -> PrintBatch:
    """One that this person may see whole; row security hides the others."""
    found = PrintBatch.objects.select_related("made_by", "posted_by").filter(pk=batch_id).first()
    if found is None:
        raise Http404
    return found


def _file(content: bytes, kind: str, name: str, *, inline: bool = False) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
