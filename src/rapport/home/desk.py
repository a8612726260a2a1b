"""The front desk's day: who comes and what each still needs, birthdays, calls to make."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from rapport.consent import queries as consents
from rapport.directory.models import Location, ServiceLine
from rapport.home import answers, sends
from rapport.people import queries
from rapport.people.models import ContactPoint, Event, Fact, Person
from rapport.people.queries import PersonCard
from rapport.trust.actors import System

EXPECTED = ("booked", "pending", "arrived", "fulfilled", "checked-in", "proposed")
CALL_AHEAD = timedelta(days=4)
CALLS = 12
BIRTHDAYS = 12
KNOWN_FOR = timedelta(days=730)
CANDIDATES = 400
NANP = 10  # digits of a North American number
SCAN = System("birthdays")  # opens the birth dates whose month fits; a human sees only those whose day it is


@dataclass(frozen=True)
class Visit:
    """One line of the day's list."""

    at: datetime
    person: PersonCard
    service_line: str
    status: str
    needs: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """A location with its visits of the day."""

    location: Location
    visits: list[Visit]


def fill(look: Any) -> dict[str, Any]:
    sites = day(look)
    visits = [visit for site in sites for visit in site.visits]
    return {
        **_sends(look),
        **answers.fill(look),
        "sites": sites,
        "expected": len(visits),
        "open_needs": sum(bool(visit.needs) for visit in visits),
        "birthdays": birthdays(look),
        "calls": calls(look),
    }


def _sends(look: Any) -> dict[str, Any]:
    """What went out from the desk a short while ago, and what can still be taken back."""
    lines = sends.of_today(look.now) if look.may("desk.send") else []
    cards = queries.cards(by=look.by, person_ids=[one.intent.person_id for one in lines], now=look.now) if lines else []
    return {"sends": lines, "who": {card.id: card for card in cards}, "back": "today"}


def bounds(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The local day of the place, as instants."""
    start = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(hours=36)).replace(hour=0)


def day(look: Any) -> list[Place]:
    """Who comes today, by place and time. One look-up for all people, one for all consents."""
    locations = list(Location.objects.filter(is_ours=True).order_by("name"))
    per_place = {place.pk: _appointments(place, look.now) for place in locations}
    people = sorted({fact.person_id for facts in per_place.values() for fact in facts})
    cards = {card.id: card for card in queries.cards(by=look.by, person_ids=people, now=look.now)} if people else {}
    needs = _needs(people, look.now)
    names: dict[int | None, str] = dict(ServiceLine.objects.values_list("pk", "name"))
    return [
        Place(
            place,
            [
                Visit(
                    fact.starts_at,
                    cards[fact.person_id],
                    names.get(fact.service_line_id, fact.label),
                    fact.status,
                    needs[fact.person_id],
                )
                for fact in per_place[place.pk]
                if fact.person_id in cards and fact.starts_at is not None
            ],
        )
        for place in locations
    ]


def expected_today(now: datetime) -> dict[int, datetime]:
    """Person -> when she comes today, to whichever of our places; only those in sight."""
    found: dict[int, datetime] = {}
    for place in Location.objects.filter(is_ours=True).order_by("id"):
        for fact in _appointments(place, now):
            if fact.starts_at is not None:
                found.setdefault(fact.person_id, fact.starts_at)
    return found


def _appointments(place: Location, now: datetime) -> list[Fact]:
    start, end = bounds(now, ZoneInfo(place.timezone))
    rows = Fact.objects.filter(kind="appointment", location_id=place.pk, starts_at__gte=start, starts_at__lt=end)
    return list(rows.filter(status__in=EXPECTED).order_by("starts_at", "id"))


def _needs(people: list[int], now: datetime) -> dict[int, list[tuple[str, str]]]:
    """What each still needs: (key, words). An answer that is a no needs nothing: they were asked."""
    said = consents.current(people, now=now) if people else {}
    kinds: dict[int, set[str]] = defaultdict(set)
    for person_id, kind in ContactPoint.objects.filter(person_id__in=people, is_valid=True).values_list(
        "person_id", "kind"
    ):
        kinds[person_id].add(kind)
    found: dict[int, list[tuple[str, str]]] = {}
    for person_id in people:
        lacks = []
        if ("email", "health_services") not in said.get(person_id, {}):
            lacks.append(("consent", _("Ask about e-mail")))
        if "email" not in kinds[person_id]:
            lacks.append(("email", _("No e-mail address")))
        if "phone" not in kinds[person_id]:
            lacks.append(("phone", _("No phone number")))
        found[person_id] = lacks
    return found


def birthdays(look: Any) -> list[PersonCard]:
    """Living patients seen in the last two years whose birthday is today. Only those whose month fits are opened."""
    today = look.now.astimezone(ZoneInfo("America/New_York")).date()
    recent = Event.objects.filter(
        kind="encounter", at__gte=look.now - KNOWN_FOR, at__lte=look.now, person__deceased_at__isnull=True
    )
    fits = (
        recent.filter(person__birth_month__month=today.month).order_by().values_list("person_id", flat=True).distinct()
    )
    candidates = queries.cards(by=SCAN, person_ids=list(fits[:CANDIDATES]), now=look.now) if fits.exists() else []
    hits = [card.id for card in candidates if is_birthday(card.birth_date, today)][:BIRTHDAYS]
    return queries.cards(by=look.by, person_ids=hits, now=look.now) if hits else []


def is_birthday(born: date | None, today: date) -> bool:
    """Who was born on February 29 is greeted on the 28th in other years."""
    if born is None:
        return False
    leap_day = (born.month, born.day) == (2, 29) and (today + timedelta(days=1)).day == 1
    return (born.month, born.day) == (today.month, today.day) or (leap_day and (today.month, today.day) == (2, 28))


def spoken(number: str) -> str:
    """+16175550100 as people say it: (617) 555-0100."""
    digits = number.removeprefix("+1")
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if len(digits) == NANP and digits.isdigit() else number


def calls(look: Any) -> list[tuple[PersonCard, str, datetime]]:
    """Whom to call: people who come in the next days and can't be reached by e-mail."""
    reachable = ContactPoint.objects.filter(kind="email", is_valid=True).values("person_id")
    ours = Location.objects.filter(is_ours=True).values("pk")
    coming = Fact.objects.filter(
        Q(status="booked") | Q(status="pending"),
        kind="appointment",
        starts_at__gt=look.now,
        starts_at__lt=look.now + CALL_AHEAD,
        location_id__in=ours,
    )
    rows = coming.exclude(person_id__in=reachable).order_by("starts_at")[: CALLS * 2]
    first: dict[int, datetime] = {}
    for fact in rows:
        if fact.starts_at:
            first.setdefault(fact.person_id, fact.starts_at)
    ids = list(first)[:CALLS]
    if not ids:
        return []
    phones = queries.addresses(person_ids=ids, kind="phone")
    alive = set(Person.objects.filter(pk__in=ids, deceased_at__isnull=True).values_list("pk", flat=True))
    cards = {card.id: card for card in queries.cards(by=look.by, person_ids=ids, now=look.now)}
    return [
        (cards[one], spoken(phones[one].value) if one in phones else "", first[one])
        for one in ids
        if one in cards and one in alive
    ]
