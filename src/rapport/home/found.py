"""Finding people: by what was typed, or by filters, in the rows that the member of staff may see."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from rapport.directory.models import Location
from rapport.people import queries
from rapport.people.models import ContactPoint, Event, Person
from rapport.people.queries import PersonCard
from rapport.trust.models import User

LIMIT = 50
LATEST = 25
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Filters:
    """What the selects above the list say. Empty means any."""

    location: str = ""
    reach: str = ""
    seen: str = ""

    @property
    def any(self) -> bool:
        return bool(self.location or self.reach or self.seen)


@dataclass(frozen=True)
class Found:
    """People on the screen, whether more exist, and how they were found."""

    cards: list[PersonCard]
    more: bool
    how: str


def find(*, by: User, text: str, filters: Filters, now: datetime) -> Found:
    """Typed text first; filters narrow it. Without text: the people who were here last."""
    text = text.strip()
    if text:
        cards = queries.search(by=by, text=text, now=now, limit=LIMIT)
        if filters.any:
            kept = set(_filtered(filters, now).filter(pk__in=[card.id for card in cards]).values_list("pk", flat=True))
            cards = [card for card in cards if card.id in kept]
        return Found(cards, len(cards) >= LIMIT, "text")
    if filters.any:
        ids = list(_filtered(filters, now).order_by("-changed_at", "-id").values_list("pk", flat=True)[: LIMIT + 1])
    else:
        ids = _latest(now)
    return Found(_in_order(by, ids[:LIMIT], now), len(ids) > LIMIT, "filters" if filters.any else "latest")


def locations() -> list[tuple[str, str]]:
    return [
        (str(pk), name) for pk, name in Location.objects.filter(is_ours=True).order_by("name").values_list("pk", "name")
    ]


def _in_order(by: User, ids: list[int], now: datetime) -> list[PersonCard]:
    by_id = {card.id: card for card in queries.cards(by=by, person_ids=ids, now=now)} if ids else {}
    return [by_id[one] for one in ids if one in by_id]


def _latest(now: datetime) -> list[int]:
    """People with the newest visits, each once."""
    seen: dict[int, None] = {}
    visits = Event.objects.filter(kind="encounter", at__lte=now, at__gte=now - YEAR).order_by("-at", "-id")
    for person_id in visits.values_list("person_id", flat=True)[: LIMIT * 4]:
        seen.setdefault(person_id)
    if not seen:
        return list(_living().order_by("-changed_at", "-id").values_list("pk", flat=True)[:LATEST])
    return list(seen)[:LATEST]


def _living() -> QuerySet[Person]:
    return Person.objects.filter(merged_into__isnull=True, erased_at__isnull=True)


def _filtered(filters: Filters, now: datetime) -> QuerySet[Person]:
    rows = _living()
    if filters.location.isdigit():
        rows = rows.filter(home_location_id=int(filters.location))
    reachable = ContactPoint.objects.filter(person=OuterRef("pk"), kind="email", is_valid=True)
    if filters.reach == "email":
        rows = rows.filter(Exists(reachable))
    elif filters.reach == "no_email":
        rows = rows.filter(~Exists(reachable), deceased_at__isnull=True)
    visits = Event.objects.filter(person=OuterRef("pk"), kind="encounter", at__gte=now - YEAR, at__lte=now)
    if filters.seen == "year":
        rows = rows.filter(Exists(visits))
    elif filters.seen == "not_year":
        rows = rows.filter(~Exists(visits), deceased_at__isnull=True)
    return rows
