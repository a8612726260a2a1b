"""Disclosures at the desk: what left the house, and writing down what leaves, with a look at whether it may."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.governance import disclosures as leaving_house
from rapport.governance.desk import leaving
from rapport.governance.desk.leaving import DisclosureForm
from rapport.governance.desk.seen import names
from rapport.governance.models import Disclosure
from rapport.governance.tabs import tabs
from rapport.kit import clock
from rapport.people import queries as people
from rapport.people.models import Person
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

A_PAGE = 100
FOUND = 8


@require_http_methods(["GET", "POST"])
@requires("compliance.see")
def disclosures(request: StaffRequest) -> HttpResponse:
    """Patient data that left the house, the newest first; typed names travel in the body and lead to a new line."""
    now = clock.now()
    rows = list(Disclosure.objects.select_related("made_by").order_by("-at", "-id")[:A_PAGE])
    text = request.POST.get("q", "")[:200]
    may_find = request.may("people.search") and request.may("compliance.write")
    context = {
        "tabs": tabs(request),
        "rows": rows,
        "names": names(request, (row.person_id for row in rows), now),
        "count": Disclosure.objects.count(),
        "most": A_PAGE,
        "grounds": dict(leaving_house.Basis.choices),
        "text": text,
        "cards": people.search(by=request.user, text=text, now=now, limit=FOUND) if text and may_find else [],
        "may_find": may_find,
    }
    return page(request, "governance/desk/disclosures.html", context, fragment="people")


@require_http_methods(["GET", "POST"])
@requires("compliance.write")
def record(request: StaffRequest, person_id: int) -> HttpResponse:
    """Write down what leaves. Whether it may, and what must go along, is shown while it is typed and decided again here."""
    now = clock.now()
    if not Person.objects.filter(pk=person_id, erased_at__isnull=True).exists():
        raise Http404
    today = timezone.localtime(now).date()
    form = DisclosureForm(request.POST or None, papers=leaving.papers_of(person_id, now=now), today=today)
    is_whole, typed = form.is_valid(), form.typed()
    looking = request.headers.get("HX-Request") == "true"
    look = leaving.look(person_id, typed, now=now)
    if is_whole and not looking and look.refused:
        form.add_error(look.field, look.refused)
    elif is_whole and not looking:
        leaving_house.record(
            by=request.user, person_id=person_id, to=typed.to, what=typed.what, now=now, at=typed.at(now),
            consent_record_id=typed.consent_record_id, packet=typed.packet(now),
        )  # fmt: skip
        messages.success(request, _("Written down."))
        return redirect("governance:disclosures")
    context = {
        "tabs": tabs(request),
        "form": form,
        "person_id": person_id,
        "name": names(request, [person_id], now).get(person_id, ""),
        "look": look,
        "typed": typed,
        "is_whole": is_whole,
    }
    status = 422 if form.errors and not looking else 200
    return page(request, "governance/desk/disclosure_new.html", context, fragment="look", status=status)
