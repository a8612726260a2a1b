"""The pages of trust: find a message, its ten steps, the rules in force."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from rapport.campaigns.models import Campaign
from rapport.consent import rules as rulebook
from rapport.governance import find, rulepage, trace
from rapport.governance.tabs import tabs
from rapport.kit import clock
from rapport.messaging import state_words
from rapport.people import queries as people
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page


@requires("trust.trace")
@require_http_methods(["GET", "POST"])
def index(request: StaffRequest) -> HttpResponse:
    """Why did this person get this? Find the person (typed text travels in the body), the campaign, or a recent decision."""
    now = clock.now()
    text = request.POST.get("q", "")[:200]
    chosen = request.POST.get("campaign", "") or request.GET.get("campaign", "")
    campaign = Campaign.objects.filter(slug=chosen).first() if chosen else None
    names: dict[int, str] = {}
    if text and request.may("people.search"):
        cards = people.search(by=request.user, text=text, now=now, limit=10)
        names = {card.id: card.display for card in cards}
        lines = find.of_people(names)
    else:
        lines = find.of_campaign(campaign) if campaign else find.newest()
    if not names and request.may("people.read"):
        names = {card.id: card.display for card in _cards(request, lines, now)}
    context = {
        "tabs": tabs(request),
        "lines": lines,
        "names": names,
        "text": text,
        "campaign": campaign,
        "state_word": state_words.of,
        "choices": list(
            Campaign.objects.filter(launched_at__isnull=False).order_by("-launched_at").values_list("slug", "name")
        ),
        "now": now,
    }
    return page(request, "governance/index.html", context, fragment="results")


@requires("trust.trace")
@require_GET
def trace_intent(request: StaffRequest, intent_id: int) -> HttpResponse:
    """The ten steps of a message."""
    try:
        found = trace.of_intent(by=request.user, intent_id=intent_id, now=clock.now())
    except trace.NoSuchTrip:
        raise Http404 from None
    return _trip(request, found)


@requires("trust.trace")
@require_GET
def trace_assignment(request: StaffRequest, assignment_id: int) -> HttpResponse:
    """The ten steps of somebody who was held out or not permitted."""
    try:
        found = trace.of_assignment(by=request.user, assignment_id=assignment_id, now=clock.now())
    except trace.NoSuchTrip:
        raise Http404 from None
    return _trip(request, found)


@requires("trust.rules")
@require_GET
def rules(request: StaffRequest) -> HttpResponse:
    """The rules of one day as they stand in the files, and what changes after it."""
    today = timezone.localtime(clock.now()).date()
    asked = request.GET
    wish = rulepage.Wish(
        on=parse_day(asked.get("on", "")) or today,
        kind=asked.get("kind", "")[:40],
        jurisdiction=asked.get("jurisdiction", "")[:20],
    )
    context = {
        "tabs": tabs(request),
        "wish": wish,
        "shown": rulepage.shown(rulebook.rows(), wish),
        "edition": rulebook.fingerprint(),
        "kind_name": rulepage.kind_name,
        "jurisdiction_name": rulepage.jurisdiction_name,
        "readable": rulepage.readable,
        "address": rulepage.address,
    }
    return page(request, "governance/rules.html", context, fragment="results")


def parse_day(text: str) -> date | None:
    """The day that was typed; None when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _trip(request: StaffRequest, found: trace.Trip) -> HttpResponse:
    now = clock.now()
    name = ""
    if request.may("people.read"):
        cards = people.cards(by=request.user, person_ids=[found.person.pk], now=now)  # nobody after an erasure
        name = cards[0].display if cards else ""
    return page(request, "governance/trace.html", {"trip": found, "name": name, "now": now})


def _cards(request: StaffRequest, lines: list[find.Line], now: Any) -> list[people.PersonCard]:
    return people.cards(by=request.user, person_ids=[line.person_id for line in lines], now=now)
