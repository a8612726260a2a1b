"""Lists: made from a sheet, or of the people who are in a segment now."""

import uuid
from typing import Any

from django.contrib import messages as say
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from rapport.kit import clock, export
from rapport.segments import actions, forms, outcome, permission, queries, store
from rapport.segments.language import Misformed
from rapport.segments.membership import lists, reading, sheet
from rapport.segments.models import Segment, SheetReading
from rapport.segments.uploads import SheetUpload
from rapport.trust.access import StaffRequest, as_seen_by, requires
from rapport.trust.refusal import refuse
from rapport.ui.fragments import page


@csrf_exempt  # checked within: the upload's limits must be set before anybody reads the form
@requires("segments.write")
@require_http_methods(["GET", "POST"])
def from_sheet(request: StaffRequest) -> HttpResponse:
    """A list of people whom a sheet names.

    To name people is to ask whether we know them: a list of one line would tell. So it also takes the right to open people.
    """
    if request.method != "POST":
        form = forms.SheetForm(initial=forms.begun(), now=clock.now()) if request.may("people.read") else None
        return page(request, "segments/sheet.html", {"form": form})
    if not request.may("people.read"):
        return refuse(request, "people.read")
    upload = SheetUpload(request)
    request.upload_handlers = [upload]
    try:
        request.POST  # noqa: B018 - read now, so that too much is said here and not by a page without words
    except RequestDataTooBig:
        form = forms.SheetForm(forms.begun(), now=clock.now())
        form.add_error("text", _("This is too much to paste. Save it as a CSV file and choose that."))
        return page(request, "segments/sheet.html", {"form": form}, status=422)
    return _take(request, upload.refused)


@csrf_protect
def _take(request: StaffRequest, too_long: bool) -> HttpResponse:
    now = clock.now()
    form = forms.SheetForm(request.POST, request.FILES, now=now, too_long=too_long)
    earlier = _sent_before(form)
    if earlier is not None:
        return earlier
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("text", "name", "purpose", "form")}
        try:
            if reading.is_long(said["text"]):
                return _watch(reading.begin(by=request.user, now=now, **said))
            with as_seen_by(request.user, "people.read"):
                taken = lists.take_sheet(by=request.user, now=now, **said)
            return HttpResponseRedirect(reverse("segments:sheet", args=[taken.segment.slug]))
        except lists.NobodyKnown as nobody:
            del said["text"]
            return _watch(reading.note_nobody(by=request.user, nobody=nobody, now=now, **said))
        except sheet.UnreadableSheet as wrong:
            form.refuse_sheet(str(wrong))
        except actions.Nameless as wrong:
            form.add_error("name", str(wrong))
    return page(request, "segments/sheet.html", {"form": form}, status=422)


@requires("segments.read")
@require_GET
def sheet_taken(request: StaffRequest, slug: str) -> HttpResponse:
    """What became of a sheet: how many were found, and each line that was not, with the reason and the remedy."""
    taken = _taken(slug)
    shown = outcome.of(taken, may_read_people=request.may("people.read"), page=request.GET.get("page", ""))
    return page(request, "segments/sheet_taken.html", {"segment": taken.segment, "shown": shown, "now": clock.now()})


@requires("segments.read")
@require_GET
def sheet_rejected(request: StaffRequest, slug: str) -> HttpResponse:
    """The lines that put nobody on the list, for a spreadsheet: their numbers and reasons, and nothing of what stood in them."""
    taken = _taken(slug)
    if not request.may("people.read"):
        return refuse(request, "people.read")
    table = export.table(outcome.columns(), outcome.rows(taken))
    answer = HttpResponse(table, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-not-found.csv"'
    return answer


@requires("segments.write")
@require_http_methods(["GET", "POST"])
def keep(request: StaffRequest, slug: str) -> HttpResponse:
    """Keep the people who are in a segment now as a list: first how many, then yes."""
    segment = get_object_or_404(Segment, slug=slug)
    now, error = clock.now(), ""
    if segment.kind == Segment.Kind.LIST:
        return HttpResponseRedirect(reverse("segments:one", args=[slug]))
    form = forms.NameForm(request.POST if request.method == "POST" else None, initial=outcome.begun(segment, now))
    if form.is_bound:
        earlier = _made_by(form)
        if earlier is not None:
            return HttpResponseRedirect(reverse("segments:one", args=[earlier.slug]))
        if form.is_valid():
            try:
                made = lists.freeze(by=request.user, segment=segment, now=now, **form.cleaned_data)
                say.success(request, _("Kept as a list. Nobody is added to it any more."))
                return HttpResponseRedirect(reverse("segments:one", args=[made.slug]))
            except (permission.NotForThisPurpose, store.NoWarehouse, Misformed) as wrong:
                error = str(wrong)
    may_read_people = request.may("people.read")
    context: dict[str, Any] = {
        "segment": segment,
        "form": form,
        "error": error,
        **outcome.about(segment, now=now, may_read_people=may_read_people),
        "fresh": queries.freshness(),
        "now": now,
    }
    return page(request, "segments/keep.html", context, status=422 if form.is_bound else 200)


def _sent_before(form: forms.NameForm) -> HttpResponse | None:
    """Where the same form led when it was sent before."""
    made = _made_by(form)
    if made is not None:
        return HttpResponseRedirect(reverse("segments:sheet", args=[made.slug]))
    number = _number(form)
    row = SheetReading.objects.filter(form=number).only("pk").first() if number else None
    return _watch(row) if row else None


def _watch(row: SheetReading) -> HttpResponse:
    return HttpResponseRedirect(reverse("segments:reading", args=[row.pk]))


def _made_by(form: forms.NameForm) -> Segment | None:
    """What this very form made before; asked before the name is looked at, for that name is taken by then."""
    number = _number(form)
    return lists.made_by(number) if number else None


def _number(form: forms.NameForm) -> uuid.UUID | None:
    try:
        found: uuid.UUID | None = form.fields["form"].clean(form["form"].data)
    except forms.forms.ValidationError:
        return None
    return found


def _taken(slug: str) -> lists.Taken:
    taken = lists.taken(get_object_or_404(Segment, slug=slug))
    if taken is None:
        raise Http404
    return taken
