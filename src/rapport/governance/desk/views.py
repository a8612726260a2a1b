"""The desk itself and the lists that only show: what ends, what was taken back, what was refused."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from rapport.consent import plain_words
from rapport.governance.desk import calendar, expiring, papers, refusals, revocations, today
from rapport.governance.desk.seen import names
from rapport.governance.models import Disclosure
from rapport.governance.tabs import tabs
from rapport.kit import clock
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page

A_PAGE = 100
NEXT = 5


@require_GET
@requires("compliance.see")
def desk(request: StaffRequest) -> HttpResponse:
    """What needs me today?"""
    now = clock.now()
    found = revocations.revocations(now=now)
    context = {
        "tabs": tabs(request),
        "tasks": today.tasks(may=request.may, now=now),
        "ending": expiring.counts(now),
        "revoked": revocations.summary(found),
        "papers": {state: len(some) for state, some in papers.sorted_papers(now).items()},
        "gates": refusals.by_gate(now),
        "coming": list(calendar.open_reviews()[:NEXT]),
        "disclosures": Disclosure.objects.count(),
        "today": timezone.localtime(now).date(),
        "now": now,
    }
    return page(request, "governance/desk/index.html", context)


@require_GET
@requires("compliance.see")
def ending(request: StaffRequest) -> HttpResponse:
    """Consents and papers that end in 30, 60 or 90 days."""
    now = clock.now()
    asked = request.GET.get("days", "30")
    days = int(asked) if asked in {str(one) for one in expiring.HORIZONS} else 30
    rows = list(expiring.expiring(now=now, days=days)[:A_PAGE])
    day = timezone.localtime(now).date()
    context = {
        "tabs": tabs(request),
        "rows": [(row, expiring.days_left(row, day)) for row in rows],
        "names": names(request, (row.person_id for row in rows), now),
        "days": days,
        "counts": expiring.counts(now),
        "most": A_PAGE,
        "way_word": plain_words.way,
        "topic_word": plain_words.topic,
    }
    return page(request, "governance/desk/expiring.html", context)


@require_GET
@requires("compliance.see")
def revoked(request: StaffRequest) -> HttpResponse:
    """Every no of the last 90 days, and how long it took to work."""
    now = clock.now()
    found = revocations.revocations(now=now)
    rows = found[:A_PAGE]
    context = {
        "tabs": tabs(request),
        "rows": rows,
        "summary": revocations.summary(found),
        "names": names(request, (one.record.person_id for one in rows), now),
        "most": A_PAGE,
        "way_word": plain_words.way,
        "topic_word": plain_words.topic,
        "counted": revocations.A_LIST,
    }
    return page(request, "governance/desk/revocations.html", context)


@require_GET
@requires("compliance.see")
def refused(request: StaffRequest) -> HttpResponse:
    """What the policy said no to in the last 30 days, by gate, with the newest of one gate."""
    now = clock.now()
    gates = refusals.by_gate(now)
    asked = request.GET.get("gate", "")
    gate = asked if asked in dict(gates) else (gates[0][0] if gates else "")
    rows = list(refusals.refusals(now).filter(gate=gate).order_by("-at", "-id")[:A_PAGE])
    context = {
        "tabs": tabs(request),
        "gates": gates,
        "gate": gate,
        "rows": rows,
        "names": names(request, (row.person_id for row in rows), now),
        "most": A_PAGE,
        "way_word": plain_words.way,
        "topic_word": plain_words.topic,
    }
    return page(request, "governance/desk/refusals.html", context)
