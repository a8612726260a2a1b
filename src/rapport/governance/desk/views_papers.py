"""Signed papers at the desk: the list with their defects, one paper, entering one with a look at its defects first."""

from datetime import datetime, time

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.consent import authorizations, papers
from rapport.consent.models import ConsentRecord
from rapport.governance.desk import papers as desk_papers
from rapport.governance.desk.forms import EventForm, PaperForm, RevokeForm
from rapport.governance.desk.seen import names
from rapport.governance.tabs import tabs
from rapport.kit import clock
from rapport.people import queries as people
from rapport.people.models import Person
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

A_PAGE = 100


@require_http_methods(["GET", "POST"])
@requires("compliance.see")
def papers_list(request: StaffRequest) -> HttpResponse:
    """All papers by state; typed names travel in the body and lead to a new paper."""
    return _list_page(request, EventForm())


@require_http_methods(["GET"])
@requires("compliance.see")
def paper(request: StaffRequest, record_id: int) -> HttpResponse:
    """One paper: valid or void, why, and everything it says."""
    now = clock.now()
    found = _read(record_id, now)
    context = {
        "tabs": tabs(request),
        "one": found,
        "said": found.record.authorization,
        "state": desk_papers.state(found),
        "name": names(request, [found.record.person_id], now).get(found.record.person_id, ""),
        "opened": request.may("people.read"),
        "form": RevokeForm(),
    }
    return page(request, "governance/desk/paper.html", context)


@require_http_methods(["GET", "POST"])
@requires("compliance.write")
def new_paper(request: StaffRequest, person_id: int) -> HttpResponse:
    """Enter a signed paper. Its defects are shown while it is typed, and once more before a void one is kept."""
    now = clock.now()
    today = timezone.localtime(now).date()
    if not Person.objects.filter(pk=person_id).exists():
        raise Http404
    form = PaperForm(request.POST or None, today=today)
    codes: tuple[str, ...] = ()
    unread = False
    if request.method == "POST":
        unread = not form.is_valid()
        typed = form.paper()
        codes = authorizations.defects(typed, on=today, ended=False)
        looking = request.headers.get("HX-Request") == "true"
        if not unread and not looking and ",".join(codes) == request.POST.get("sure", ""):
            signed = papers.sign(by=request.user, person_id=person_id, paper=typed, now=now, via="compliance_desk")
            messages.success(request, _("Kept. It is valid.") if not codes else _("Kept. It is void as it stands."))
            return redirect("governance:paper", signed.record_id)
    context = {
        "tabs": tabs(request),
        "form": form,
        "person_id": person_id,
        "name": names(request, [person_id], now).get(person_id, ""),
        "defects": authorizations.explain(codes),
        "codes": ",".join(codes),
        "kind": request.POST.get("kind", "authorization"),
        "looked": request.method == "POST",
        "unread": unread,
    }
    return page(request, "governance/desk/paper_new.html", context, fragment="look", status=422 if unread else 200)


@require_POST
@requires("compliance.write")
def revoke_paper(request: StaffRequest, record_id: int) -> HttpResponse:
    """The person takes it back: void from this moment on."""
    now = clock.now()
    found = _read(record_id, now)
    form = RevokeForm(request.POST)
    if form.is_valid():
        papers.revoke(by=request.user, record=found.record, via=form.cleaned_data["way"], now=now)
        messages.success(request, _("Taken back. It works at once, also for what is waiting."))
    else:
        messages.error(request, _("Say how they took it back."))
    return redirect("governance:paper", record_id)


@require_POST
@requires("compliance.write")
def event(request: StaffRequest) -> HttpResponse:
    """An event has happened that ends the papers naming it."""
    now = clock.now()
    form = EventForm(request.POST)
    if not form.is_valid():
        return _list_page(request, form)
    happened = timezone.make_aware(datetime.combine(form.cleaned_data["happened_on"], time(12)))
    if happened.date() > timezone.localtime(now).date():
        form.add_error("happened_on", _("That day has not come yet."))
        return _list_page(request, form)
    papers.occur(by=request.user, name=form.cleaned_data["name"], now=now, occurred_at=min(happened, now))
    messages.success(request, _("Noted. Papers that name this event are void from that day on."))
    return redirect("governance:papers")


def _list_page(request: StaffRequest, form: EventForm) -> HttpResponse:
    now = clock.now()
    found = desk_papers.sorted_papers(now)
    asked = request.GET.get("state", "")
    state = asked if asked in found else "defective"
    rows = found[state][:A_PAGE]
    text = request.POST.get("q", "")[:200]
    may_find = request.may("people.search") and request.may("compliance.write")
    context = {
        "tabs": tabs(request),
        "rows": rows,
        "state": state,
        "counts": {name: len(some) for name, some in found.items()},
        "names": names(request, (one.record.person_id for one in rows), now),
        "text": text,
        "cards": people.search(by=request.user, text=text, now=now, limit=8) if text and may_find else [],
        "may_find": may_find,
        "event": form,
        "most": A_PAGE,
    }
    return page(request, "governance/desk/papers.html", context, fragment="people", status=422 if form.errors else 200)


def _read(record_id: int, now: datetime) -> papers.Read:
    """The paper, if it is in sight."""
    rows: QuerySet[ConsentRecord] = papers.signed().filter(pk=record_id)
    found = papers.read(rows, on=timezone.localtime(now).date())
    if not found:
        raise Http404
    return found[0]
