"""Rights requests: what is due, taking one in, working one off, and erasing."""

from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.contrib import messages as say
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.governance import clocks, disclosures, erasing
from rapport.governance.erasure_plan import Fate
from rapport.governance.models import Erasure, RightsRequest
from rapport.governance.rights import asking, forms, handing, steps
from rapport.governance.tabs import tabs
from rapport.kit import clock
from rapport.people import queries as people
from rapport.people.models import Person
from rapport.trust import audit
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page


@requires("rights.see")
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """What is due, the most pressing first; or what was decided."""
    now = clock.now()
    waiting = asking.waiting()
    shown = "decided" if request.GET.get("show") == "decided" else "open"
    rows = asking.decided() if shown == "decided" else waiting
    context = {
        "rows": [(row, asking.days_left(row, now)) for row in rows],
        "names": _names(request, rows, now),
        "shown": shown,
        "tabs": tabs(request),
        "waiting": len(waiting),
        "late": asking.overdue(waiting, now),
        "now": now,
    }
    return page(request, "governance/rights/index.html", context)


@requires("rights.write")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """Who asks? Typed text travels in the body; then what they ask."""
    now = clock.now()
    chosen = request.POST.get("person", "") or request.GET.get("person", "")
    if not chosen.isdigit():
        text = request.POST.get("q", "")[:200]
        found = people.search(by=request.user, text=text, now=now, limit=10) if text else []
        return page(request, "governance/rights/who.html", {"text": text, "found": found}, fragment="results")
    card = _card(request, int(chosen), now)
    today = timezone.localtime(now).date()
    form = forms.NewForm(request.POST if "kind" in request.POST else None, today=today)
    if form.is_valid():
        said = form.cleaned_data
        made = asking.receive(
            by=request.user, person_id=card.id, kind=said["kind"], regime=said["regime"], via=said["via"],
            wish=said["wish"], received_at=form.received_at(now), now=now,
        )  # fmt: skip
        say.success(request, _("Taken in. The clock runs."))
        return HttpResponseRedirect(reverse("governance:rights_one", args=[made.pk]))
    context = {"form": form, "card": card}
    return page(request, "governance/rights/new.html", context, status=422 if form.is_bound else 200)


@requires("rights.see")
@require_GET
def one(request: StaffRequest, request_id: int) -> HttpResponse:
    """One request: how long it has, what to do next."""
    return _show(request, _row(request_id))


@requires("rights.write")
@require_POST
def extend(request: StaffRequest, request_id: int) -> HttpResponse:
    """The one extension the law gives."""
    row, form = _row(request_id), forms.ExtendForm(request.POST)
    if not form.is_valid():
        return _show(request, row, extending=form)
    try:
        asking.extend(by=request.user, request=row, reason=form.cleaned_data["reason"], now=clock.now())
    except asking.NotSo as refused:
        form.add_error("reason", str(refused))
        return _show(request, row, extending=form)
    say.success(request, _("Extended. Tell the person in writing, with the reason."))
    return HttpResponseRedirect(reverse("governance:rights_one", args=[row.pk]))


@requires("rights.write")
@require_POST
def decide(request: StaffRequest, request_id: int) -> HttpResponse:
    """Granted, denied or taken back."""
    row, form = _row(request_id), forms.DecideForm(request.POST)
    if not form.is_valid():
        return _show(request, row, deciding=form)
    said = form.cleaned_data
    try:
        asking.decide(by=request.user, request=row, state=said["state"], reason=said["reason"], now=clock.now())
    except asking.NotSo as refused:
        form.add_error("reason", str(refused))
        return _show(request, row, deciding=form)
    say.success(request, _("Written down."))
    return HttpResponseRedirect(reverse("governance:rights_one", args=[row.pk]))


@requires("rights.write")
@require_GET
def accounting(request: StaffRequest, request_id: int) -> HttpResponse:
    """To whom her data was given: a paper to print and hand over."""
    row, now = _row(request_id), clock.now()
    if row.kind != RightsRequest.Kind.ACCOUNTING or row.person_id is None:
        raise Http404
    card = _card(request, row.person_id, now)
    context = {
        "row": row,
        "card": card,
        "rows": disclosures.accounting(by=request.user, person_id=card.id, now=now, thing=f"rights:{row.pk}"),
        "grounds": dict(disclosures.Basis.choices),
        "clinic": settings.CLINIC_NAME,
        "since": now - relativedelta(years=disclosures.YEARS),
        "now": now,
    }
    return page(request, "governance/rights/accounting.html", context)


@requires("people.export")
@require_POST
def export(request: StaffRequest, request_id: int) -> HttpResponse:
    """Everything about one person, as a download that stays nowhere here."""
    row, now = _row(request_id), clock.now()
    if row.kind not in {RightsRequest.Kind.ACCESS, RightsRequest.Kind.PORTABILITY} or row.person_id is None:
        raise Http404
    try:
        packed = handing.pack(
            by=request.user, person_id=row.person_id, clinic=settings.CLINIC_NAME, now=now, thing=f"rights:{row.pk}"
        )
    except Person.DoesNotExist:
        raise Http404 from None
    response = HttpResponse(packed, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="personal-data-{row.pk}.zip"'
    return response


@requires("rights.erase")
@require_http_methods(["GET", "POST"])
def erase(request: StaffRequest, request_id: int) -> HttpResponse:
    """What will happen to how many rows, before it happens; then the name once more, and it is done."""
    row, now = _row(request_id), clock.now()
    if row.kind != RightsRequest.Kind.ERASURE or row.state != RightsRequest.State.OPEN or row.person_id is None:
        raise Http404
    card = _card(request, row.person_id, now)
    form = forms.EraseForm(request.POST or None, expected=card.display)
    if form.is_valid():
        try:
            erasing.erase(by=request.user, person_id=card.id, request=row, reason=form.cleaned_data["reason"], now=now)
        except erasing.NotErasable as refused:
            form.add_error(None, str(refused))
        else:
            say.success(request, _("Erased. Nothing of it can be brought back."))
            return HttpResponseRedirect(reverse("governance:rights_one", args=[row.pk]))
    look = erasing.look(person_id=card.id, now=now)
    groups = [(fate, [(part, count) for part, count in look.parts if part.fate is fate and count]) for fate in Fate]
    context = {"row": row, "card": card, "look": look, "groups": groups, "form": form}
    return page(request, "governance/rights/erase.html", context, status=422 if form.is_bound else 200)


def _row(request_id: int) -> RightsRequest:
    return get_object_or_404(RightsRequest.objects.select_related("person", "taken_by", "decided_by"), pk=request_id)


def _show(
    request: StaffRequest,
    row: RightsRequest,
    *,
    extending: forms.ExtendForm | None = None,
    deciding: forms.DecideForm | None = None,
) -> HttpResponse:
    now = clock.now()
    wish = asking.wish_of(row)
    audit.record(by=request.user, verb="rights.read", now=now, person=row.person_id, thing=f"rights:{row.pk}")
    context = {
        "row": row,
        "left": asking.days_left(row, now),
        "name": _names(request, [row], now).get(row.person_id or 0, ""),
        "wish": wish,
        "clock": clocks.named(row.clock_rule, timezone.localtime(row.received_at).date()),
        "steps": steps.NEXT[row.kind],
        "extending": extending or forms.ExtendForm(),
        "deciding": deciding or forms.DecideForm(),
        "erasure": Erasure.objects.filter(request=row).first(),
        "now": now,
    }
    return page(request, "governance/rights/one.html", context, status=422 if extending or deciding else 200)


def _names(request: StaffRequest, rows: list[RightsRequest], now: datetime) -> dict[int, str]:
    """Who asked, for those who may see it."""
    if not request.may("people.read"):
        return {}
    ids = [row.person_id for row in rows if row.person_id is not None]
    return {card.id: card.display for card in people.cards(by=request.user, person_ids=ids, now=now)}


def _card(request: StaffRequest, person_id: int, now: datetime) -> people.PersonCard:
    try:
        return people.card(by=request.user, person_id=person_id, now=now)
    except Person.DoesNotExist:
        raise Http404 from None
