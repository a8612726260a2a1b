"""A sheet on its way to become a list, as whoever sent it sees it; and putting single people on a list or taking them off."""

from django.contrib import messages as say
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.kit import clock
from rapport.people.models import Person
from rapport.segments import forms, outcome, views
from rapport.segments.membership import lists, reading
from rapport.segments.membership.models import SheetReading
from rapport.segments.models import Segment
from rapport.trust.access import StaffRequest, as_seen_by, requires
from rapport.trust.refusal import refuse
from rapport.ui.fragments import page


@requires("segments.write")
@require_GET
def progress(request: StaffRequest, number: int) -> HttpResponse:
    """How far a sheet was read, and what came of it. Looks again by itself until it is done."""
    row = _mine(request, number)
    context = {"row": row, "shown": outcome.of_reading(row), "may_see": request.may("people.read")}
    return page(request, "segments/sheet_reading.html", context, fragment="reading")


@requires("segments.write")
@require_POST
def stop(request: StaffRequest, number: int) -> HttpResponse:
    """Read no further. There is no list, and the sheet is gone."""
    try:
        reading.cancel(by=request.user, row=_mine(request, number), now=clock.now())
        say.success(request, _("Stopped. There is no list, and the sheet is gone."))
    except reading.Ended:
        say.error(request, _("It was done before it could be stopped."))
    return HttpResponseRedirect(reverse("segments:reading", args=[number]))


@requires("segments.write")
@require_POST
def keep_empty(request: StaffRequest, number: int) -> HttpResponse:
    """A list with nobody on it, to be filled by hand."""
    row = _mine(request, number)
    try:
        made = reading.keep_empty(by=request.user, row=row, now=clock.now()).segment
        say.success(request, _("An empty list was made. Put people on it one by one."))
    except reading.Ended:
        return HttpResponseRedirect(reverse("segments:reading", args=[number]))
    return HttpResponseRedirect(reverse("segments:people", args=[made.slug]))


@requires("segments.write")
@require_POST
def put_on(request: StaffRequest, slug: str) -> HttpResponse:
    """Put somebody on a list. To name people is to ask whether we know them, so it also takes the right to open people,
    and finds those alone whom that lets one see."""
    segment = _list(slug)
    if not request.may("people.read"):
        return refuse(request, "people.read")
    with as_seen_by(request.user, "people.read"):
        form = forms.WhoForm(request.POST)
        if not form.is_valid():
            return _unmet(request, segment, form)
        try:
            person_id = form.cleaned_data["who"]
            is_new = lists.put_on(by=request.user, segment=segment, person_id=person_id, now=clock.now())
        except Person.DoesNotExist:
            form.add_error("who", str(outcome.WORDS["unknown"][0]))
            return _unmet(request, segment, form)
    say.success(request, _("Put on the list.") if is_new else _("This person was on the list already."))
    return HttpResponseRedirect(reverse("segments:people", args=[slug]))


@requires("segments.write")
@require_POST
def take_off(request: StaffRequest, slug: str, person_id: int) -> HttpResponse:
    """Take somebody off a list."""
    segment = _list(slug)
    if not request.may("people.read"):
        return refuse(request, "people.read")
    try:
        with as_seen_by(request.user, "people.read"):
            lists.take_off(by=request.user, segment=segment, person_id=person_id, now=clock.now())
        say.success(request, _("Taken off the list. Other segments are not touched."))
    except lists.NotThere:
        say.error(request, _("This person is not on the list any more."))
    return HttpResponseRedirect(reverse("segments:people", args=[slug]))


def _unmet(request: StaffRequest, segment: Segment, form: forms.WhoForm) -> HttpResponse:
    lists.note_unmet(by=request.user, segment=segment, now=clock.now())
    return views.people_page(request, segment, who=form)


def _mine(request: StaffRequest, number: int) -> SheetReading:
    row = reading.of(request.user, number)
    if row is None:
        raise Http404
    return row


def _list(slug: str) -> Segment:
    return get_object_or_404(Segment, slug=slug, kind=Segment.Kind.LIST)
