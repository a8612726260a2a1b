"""Sources: each feed with its state, what was held back and why, and the questions about doubles."""

import msgspec
from django.contrib import messages as say
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.integrations import forms, importing, landing, quarantine, queries
from rapport.integrations.files import Walk
from rapport.integrations.models import Quarantine, Source
from rapport.integrations.settle import ERASED
from rapport.integrations.uploads import NamelessUpload
from rapport.kit import clock
from rapport.people import ambiguity
from rapport.people import queries as people
from rapport.people.models import Ambiguity
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

PAGE = 25


@requires("sources.read")
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """All feeds on one page."""
    now = clock.now()
    feeds = queries.feeds(now)
    context = {
        "feeds": feeds,
        "held": sum(feed.held for feed in feeds),
        "waiting": sum(feed.waiting for feed in feeds),
        "last_day": sum(feed.last_day for feed in feeds),
        "doubles": Ambiguity.objects.filter(state=Ambiguity.State.OPEN).count()
        if request.may("people.write")
        else None,
        "form": forms.UploadForm(),
        "now": now,
    }
    return page(request, "integrations/index.html", context, fragment="feeds")


@requires("sources.read")
@require_GET
def source(request: StaffRequest, slug: str) -> HttpResponse:
    """One feed: totals, deliveries, and what was held back."""
    one = get_object_or_404(Source, slug=slug)
    now = clock.now()
    before = request.GET.get("before", "")
    state = request.GET.get("state", Quarantine.State.OPEN)
    state = state if state in Quarantine.State.values else Quarantine.State.OPEN
    rows = queries.held_back(one, state=state, limit=PAGE + 1, before=int(before) if before.isdigit() else None)
    deliveries = queries.deliveries(one)
    context = {
        "feed": queries.feed(one, now),
        "deliveries": deliveries,
        "names": landing.file_names(deliveries) if request.may("sources.write") else {},
        "rows": rows[:PAGE],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "state": state,
        "bars": [
            {"label": " · ".join(filter(None, [why["path"], why["reason"]])), "value": why["rows"]}
            for why in queries.reasons(one)
        ],
        "now": now,
    }
    return page(request, "integrations/source.html", context, fragment="held")


@csrf_exempt  # checked within: the handlers of the upload must be set before anybody reads the form
@requires("sources.write")
@require_POST
def upload(request: StaffRequest) -> HttpResponse:
    """Land a file; the worker takes it in."""
    request.upload_handlers = [NamelessUpload(request)]
    return _checked_upload(request)


@csrf_protect
def _checked_upload(request: StaffRequest) -> HttpResponse:
    form = forms.UploadForm(request.POST, request.FILES)
    now = clock.now()
    if not form.is_valid():
        feeds = queries.feeds(now)
        context = {"feeds": feeds, "held": 0, "waiting": 0, "last_day": 0, "doubles": None, "form": form, "now": now}
        return page(request, "integrations/index.html", context, status=422)
    slug, file = form.cleaned_data["source"], form.cleaned_data["file"]
    feed = landing.source(slug=slug, name=slug.replace("-", " ").capitalize(), kind="fhir", now=now)
    chunks = Walk().stream(file.name, file.file)
    delivery = importing.upload(by=request.user, chunks=chunks, source=feed, file_name=file.name, now=now)
    if delivery.problem:
        say.error(request, _("There was no FHIR file in it: nothing was taken in."))
    else:
        say.success(request, _("The file has arrived. It is being taken in; this page shows how far."))
    return HttpResponseRedirect(reverse("integrations:source", args=[slug]))


@requires("quarantine.mend")
@require_http_methods(["GET", "POST"])
def held(request: StaffRequest, row_id: int) -> HttpResponse:
    """One record that was held back: read it, mend it, take it in."""
    row = get_object_or_404(Quarantine.objects.select_related("landing__source", "landing__delivery"), pk=row_id)
    now = clock.now()
    if request.method == "POST":
        form = forms.MendForm(request.POST)
        if form.is_valid():
            try:
                row = quarantine.mend(by=request.user, row=row, text=form.cleaned_data["text"], now=now)
            except quarantine.NotOpen:
                say.error(request, _("Somebody else settled this record in the meantime."))
                return _back(row)
            if row.state == Quarantine.State.REPLAYED:
                say.success(request, _("Taken in."))
                return _back(row)
        return page(request, "integrations/held.html", _held_context(row, form, again=True), status=422)
    form = forms.MendForm(initial={"text": pretty(quarantine.open_for(by=request.user, row=row, now=now))})
    return page(request, "integrations/held.html", _held_context(row, form))


@requires("quarantine.mend")
@require_POST
def replay(request: StaffRequest, row_id: int) -> HttpResponse:
    """Try again as it stands."""
    row = get_object_or_404(Quarantine.objects.select_related("landing__source"), pk=row_id)
    try:
        row = quarantine.replay(by=request.user, row=row, now=clock.now())
    except quarantine.NotOpen:
        say.error(request, _("Somebody else settled this record in the meantime."))
    else:
        taken = row.state == Quarantine.State.REPLAYED
        (say.success if taken else say.error)(
            request, _("Taken in.") if taken else _("It still can't be taken in: the reason stands beside it.")
        )
    return _back(row)


@requires("quarantine.mend")
@require_POST
def let_in(request: StaffRequest, row_id: int) -> HttpResponse:
    """Take in a record of somebody who was erased, with a reason that goes on record."""
    row = get_object_or_404(Quarantine.objects.select_related("landing__source", "landing__delivery"), pk=row_id)
    form = forms.LetInForm(request.POST)
    if not form.is_valid():
        mend = forms.MendForm(initial={"text": pretty(quarantine.open_for(by=request.user, row=row, now=clock.now()))})
        return page(request, "integrations/held.html", _held_context(row, mend, letting=form), status=422)
    try:
        row = quarantine.let_in(by=request.user, row=row, reason=form.cleaned_data["reason"], now=clock.now())
    except quarantine.NotOpen:
        say.error(request, _("Somebody else settled this record in the meantime."))
    else:
        taken = row.state == Quarantine.State.REPLAYED
        (say.success if taken else say.error)(
            request, _("Taken in.") if taken else _("It still can't be taken in: the reason stands beside it.")
        )
    return _back(row)


@requires("quarantine.mend")
@require_POST
def dismiss(request: StaffRequest, row_id: int) -> HttpResponse:
    """Decide that a record is not wanted."""
    row = get_object_or_404(Quarantine.objects.select_related("landing__source", "landing__delivery"), pk=row_id)
    form = forms.DismissForm(request.POST)
    if not form.is_valid():
        mend = forms.MendForm(initial={"text": pretty(quarantine.open_for(by=request.user, row=row, now=clock.now()))})
        return page(request, "integrations/held.html", _held_context(row, mend, dismissal=form), status=422)
    try:
        quarantine.dismiss(by=request.user, row=row, reason=form.cleaned_data["reason"], now=clock.now())
    except quarantine.NotOpen:
        say.error(request, _("Somebody else settled this record in the meantime."))
    else:
        say.success(request, _("Dismissed. It stays in the totals as held back."))
    return _back(row)


@requires("people.write")
@require_GET
def ambiguous(request: StaffRequest) -> HttpResponse:
    """Two records that may be one person, side by side."""
    now = clock.now()
    asked = Ambiguity.objects.filter(state=Ambiguity.State.OPEN).order_by("-id")
    rows = list(asked[:PAGE])
    ids = {one for row in rows for one in (row.person_id, row.candidate_id)}
    cards = {card.id: card for card in people.cards(by=request.user, person_ids=sorted(ids), now=now)}
    reach = people.contact_points(person_ids=sorted(cards))
    pairs = [
        (row, cards[row.candidate_id], cards[row.person_id])
        for row in rows
        if row.person_id in cards and row.candidate_id in cards
    ]
    points = {card: [one for one in reach if one.person_id == card] for card in cards}
    return page(
        request, "integrations/ambiguous.html", {"pairs": pairs, "points": points, "count": asked.count(), "now": now}
    )


@requires("people.write")
@require_POST
def settle(request: StaffRequest, row_id: int) -> HttpResponse:
    """They are one, or they are two."""
    row = get_object_or_404(Ambiguity, pk=row_id)
    same = request.POST.get("answer") == "same"
    try:
        ambiguity.settle(by=request.user, row=row, same=same, now=clock.now())
    except (ambiguity.Settled, ambiguity.merges.NotMergeable) as refused:
        say.error(request, _("Nothing was changed: %(why)s.") % {"why": refused})
    else:
        say.success(request, _("They are one person now.") if same else _("They stay two people."))
    return HttpResponseRedirect(reverse("integrations:ambiguous"))


def pretty(text: str) -> str:
    """JSON with its lines and indents; anything else as it is."""
    try:
        return msgspec.json.format(text, indent=2)
    except msgspec.DecodeError:
        return text


def _back(row: Quarantine) -> HttpResponse:
    return HttpResponseRedirect(reverse("integrations:source", args=[row.landing.source.slug]))


def _held_context(
    row: Quarantine,
    form: forms.MendForm,
    *,
    again: bool = False,
    dismissal: forms.DismissForm | None = None,
    letting: forms.LetInForm | None = None,
) -> dict:
    return {
        "row": row,
        "form": form,
        "again": again,
        "file": queries.file_of(row),
        "dismissal": dismissal or forms.DismissForm(),
        "was_erased": row.reason == ERASED,
        "letting": letting or forms.LetInForm(),
    }
