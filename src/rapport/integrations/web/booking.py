"""The booking page that an invitation leads to. The address holds a signed token that names an intent, and nothing of a person.

GET shows places, days and times. POST takes one slot: the booking is written and what the form said is landed, in one
transaction. After that the page shows the visit, however often it is opened or sent again.
"""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.http import require_http_methods

from rapport.campaigns.models import Campaign
from rapport.experience import booking, words
from rapport.experience.booking import Offer, SlotTaken
from rapport.experience.models import Booking
from rapport.integrations import landing
from rapport.integrations.web import public_words
from rapport.kit import clock
from rapport.messaging import tracking
from rapport.messaging.models import Intent
from rapport.people import queries as people
from rapport.people.models import Person
from rapport.trust import audit
from rapport.trust.access import as_system, public
from rapport.trust.actors import System
from rapport.trust.sealing import source_key
from rapport.ui.fragments import page

FORM, SOURCE = "web_form", "booking"
PATIENT = System("patient")


@public(why="A patient books from a signed invitation; the page shows a given name and free times, nothing else.")
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, token: str) -> HttpResponse:
    """Choose, take, or see what was taken."""
    now = clock.now()
    with transaction.atomic(), as_system():
        intent = _intent(token)
        spoken = Person.objects.values_list("language", flat=True).get(pk=intent.person_id) if intent else ""
        language = public_words.language_of(request, spoken)
        with translation.override(language):
            response = _answer(request, intent, language, now)
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "same-origin"  # with none at all a browser hides the origin of the form
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _answer(request: HttpRequest, intent: Intent | None, language: str, now: datetime) -> HttpResponse:
    if intent is None or not booking.places():
        clinic = _clinic()
        context = {"clinic": clinic, "words": words.of(language, phone=clinic["phone"])}
        return page(request, "experience/link_ended.html", context, status=404)
    standing = booking.of_intent(intent)
    if standing:
        return _show(request, intent, standing, language, now)
    if request.method == "POST":
        return _take(request, intent, language, now)
    return _choose(request, intent, language, now)


def _intent(token: str) -> Intent | None:
    """The invitation the token names; None for a token of another kind, a broken one, or a message that is gone."""
    said = tracking.read(token)
    if said is None or said.kind != "book":
        return None
    return Intent.objects.filter(pk=said.intent_id, person__erased_at__isnull=True).first()


def _clinic(phone: str = "") -> dict[str, str]:
    phone = phone or next((place.phone for place in booking.places() if place.phone), "")
    return {"name": settings.CLINIC_NAME, "address": settings.CLINIC_ADDRESS, "phone": phone, "colour": "teal"}


def _given(intent: Intent, now: datetime) -> str:
    """What the person is called, for the greeting; that we looked is on record."""
    name = people.names(person_ids=[intent.person_id]).get(intent.person_id)
    audit.record(by=PATIENT, verb="person.greet", now=now, person=intent.person_id, thing=f"intent:{intent.pk}")
    return name.called if name else ""


def _offer(place: str, now: datetime) -> Offer:
    """The place that was asked for, else the first one."""
    ours = booking.places()
    return booking.offer(next((one for one in ours if one.slug == place), ours[0]), now)


def _day(asked: str, chosen: Offer) -> date:
    """The day that was asked for, else the first that still has a free time."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = chosen.days[0]
        return next((one for one in chosen.days[:3] if booking.free_slots(chosen, one)), day)
    return day if day in chosen.days else chosen.days[0]


def _choose(
    request: HttpRequest, intent: Intent, language: str, now: datetime, problem: str = "", status: int = 200
) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    chosen = _offer(asked.get("place", ""), now)
    day = _day(asked.get("day", ""), chosen)
    clinic, given = _clinic(chosen.location.phone), _given(intent, now)
    said = words.of(language, given=given, day=words.long_day(day, language), phone=clinic["phone"])
    context: dict[str, Any] = {
        "clinic": clinic,
        "given": given,
        "words": said,
        "places": booking.places(),
        "chosen": chosen,
        "days": words.day_chips(chosen.days, language),
        "day": day,
        "parts": words.parts_of_day(booking.free_slots(chosen, day), chosen.zone, language),
        "picked": asked.get("starts_at", ""),
        "problem": said[problem] if problem else "",
        "lang": request.GET.get("lang", ""),
    }
    return page(request, "experience/book.html", context, status=status)


def _take(request: HttpRequest, intent: Intent, language: str, now: datetime) -> HttpResponse:
    try:
        starts_at = datetime.fromisoformat(request.POST.get("starts_at", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return _choose(request, intent, language, now, "no_time", 422)
    chosen = _offer(request.POST.get("place", ""), now)
    campaign = intent.cause_id if intent.cause == "campaign" else None
    line = Campaign.objects.values_list("service_line_id", flat=True).filter(pk=campaign).first() if campaign else None
    try:
        made, is_new = booking.reserve(
            by=PATIENT, intent=intent, location=chosen.location, starts_at=starts_at, service_line_id=line, now=now
        )
    except SlotTaken:
        return _choose(request, intent, language, now, "taken", 409)
    if is_new:
        land(intent, made, now)
    return HttpResponseRedirect(f"{request.path}?lang={language}")


def land(intent: Intent, made: Booking, now: datetime) -> None:
    """What the form said goes through the one door in, like everything else; the worker takes it from there."""
    said = {
        "kind": "booked",
        "person_id": made.person_id,
        "campaign_id": intent.cause_id if intent.cause == "campaign" else None,
        "intent_id": intent.pk,
        "location_id": made.location_id,
        "service_line_id": made.service_line_id,
        "starts_at": made.starts_at.isoformat(),
        "minutes": made.minutes,
        "at": now.isoformat(),
        "key": str(source_key("booking", str(intent.pk))),
    }
    source = landing.source(slug=SOURCE, name="Booking page", kind="web", now=now)
    landing.receive(source=source, raw=msgspec.json.encode(said), form=FORM, now=now, trace=intent.trace)


def _show(request: HttpRequest, intent: Intent, standing: Booking, language: str, now: datetime) -> HttpResponse:
    clinic, given = _clinic(standing.location.phone), _given(intent, now)
    context = {
        "clinic": clinic,
        "given": given,
        "words": words.of(language, given=given, phone=clinic["phone"], minutes=str(standing.minutes)),
        "booking": standing,
        "when": words.when(standing.starts_at, booking.offer(standing.location, now).zone, language),
    }
    return page(request, "experience/booked.html", context)
