"""Reading people. The only place where sealed fields are opened for others; what a human sees is written into the audit trail.

`card`, `cards` and `search` say who looked at whom. `names`, `addresses` open fields for composing a message: the verb that
composes writes its own line. Rows outside the session's scope do not exist here (row security).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet

from rapport.people import asked, sealed
from rapport.people.models import ContactPoint, Event, Fact, Person
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor

CANDIDATES = 120  # opened at most to answer one search
BORN_IN_A_MONTH = 5000


@dataclass(frozen=True)
class Name:
    """How a person is called."""

    prefix: str
    given: str
    family: str
    preferred: str

    @property
    def called(self) -> str:
        return self.preferred or self.given

    @property
    def display(self) -> str:
        return " ".join(part for part in (self.called, self.family) if part)


@dataclass(frozen=True)
class PersonCard:
    """Who somebody is, on one card."""

    id: int
    given: str
    family: str
    prefix: str
    preferred: str
    birth_date: date | None
    age: int | None
    sex: str
    city: str
    state: str
    zip5: str
    language: str
    home_location: str
    home_location_id: int | None
    deceased_at: datetime | None
    merged_into_id: int | None
    timezone: str

    @property
    def name(self) -> Name:
        return Name(self.prefix, self.given, self.family, self.preferred)

    @property
    def display(self) -> str:
        return self.name.display

    @property
    def initials(self) -> str:
        return "".join(part[0] for part in (self.preferred or self.given, self.family) if part).upper()


@dataclass(frozen=True)
class Address:
    """A contact point, opened."""

    id: int
    person_id: int
    kind: str
    use: str
    value: str
    rank: int
    is_valid: bool
    invalid_reason: str
    bounced_at: datetime | None
    no_texts_at: datetime | None


@dataclass(frozen=True)
class Postal:
    """Where a letter goes."""

    name: str
    street: str
    city: str
    state: str
    zip5: str

    @property
    def lines(self) -> tuple[str, ...]:
        """As they stand in the window of the envelope: a name and an address, nothing else."""
        return (
            self.name,
            *(part.strip() for part in self.street.splitlines()),
            f"{self.city}, {self.state} {self.zip5}",
        )


@transaction.atomic
def search(*, by: Actor, text: str, now: datetime, limit: int = 50) -> list[PersonCard]:
    """People who fit everything typed, best first. The text itself is never kept; who was shown is."""
    wish = asked.read(text, now.date())
    cards = [] if wish.nothing else _ranked(wish, now)[:limit]
    audit.record(
        by=by, verb="people.search", now=now, people=[card.id for card in cards],
        details={"found": len(cards), "by": sorted(set(wish.kinds))},
    )  # fmt: skip
    return cards


@transaction.atomic
def card(*, by: Actor, person_id: int, now: datetime) -> PersonCard:
    """One person's card. Raises Person.DoesNotExist also for one outside the session's scope."""
    rows = _rows([person_id])
    if not rows:
        raise Person.DoesNotExist(f"person {person_id}")
    audit.record(by=by, verb="person.read", now=now, person=person_id)
    return _open(rows, now)[0]


@transaction.atomic
def cards(*, by: Actor, person_ids: Iterable[int], now: datetime) -> list[PersonCard]:
    """Cards in the order of the ids, one audit line for all; ids out of sight are left out."""
    wanted = list(dict.fromkeys(person_ids))
    rows = {row["id"]: row for row in _rows(wanted)}
    seen = [rows[person] for person in wanted if person in rows]
    audit.record(by=by, verb="people.read", now=now, people=[row["id"] for row in seen], details={"found": len(seen)})
    return _open(seen, now)


def names(*, person_ids: Iterable[int]) -> dict[int, Name]:
    """Names for composing only: the caller writes the audit line. Erased people are left out."""
    fields = ("prefix", "given", "family", "preferred")
    rows = list(Person.objects.filter(pk__in=list(person_ids)).values("id", "key", *fields))
    keys = sealing.keys_of([row["key"] for row in rows])
    return {row["id"]: Name(**sealed.open_person(keys[row["key"]], row, fields)) for row in rows if row["key"] in keys}


def postal(*, person_ids: Iterable[int]) -> dict[int, Postal]:
    """Where letters go; the caller writes the audit line. Who has no whole address, or a name that can't be read, is left out."""
    fields = ("prefix", "given", "family", "preferred", "street")
    rows = list(Person.objects.filter(pk__in=list(person_ids)).values("id", "key", "city", "state", "zip5", *fields))
    keys = sealing.keys_of([row["key"] for row in rows])
    found = {}
    for row in rows:
        opened = sealed.open_person(keys.get(row["key"]), row, fields)
        street = opened.pop("street")
        name = Name(**opened).display
        if name and street and row["city"] and row["state"] and row["zip5"]:
            found[row["id"]] = Postal(name, street, row["city"], row["state"], row["zip5"])
    return found


def birth_dates(*, person_ids: Iterable[int]) -> dict[int, date]:
    """Birth dates for a rule that needs the day; the caller writes the audit line. Who has none that opens is left out."""
    rows = list(Person.objects.filter(pk__in=list(person_ids)).values("id", "key", "birth_date"))
    keys = sealing.keys_of([row["key"] for row in rows])
    opened = {
        row["id"]: sealed.opened_date(sealed.open_person(keys.get(row["key"]), row, ("birth_date",))["birth_date"])
        for row in rows
    }
    return {person: born for person, born in opened.items() if born is not None}


def addresses(*, person_ids: Iterable[int], kind: str) -> dict[int, Address]:
    """The best contact point of a kind for each person: valid before invalid, then by rank. The caller writes the audit line."""
    best: dict[int, Address] = {}
    for address in contact_points(person_ids=person_ids, kind=kind):
        best.setdefault(address.person_id, address)
    return best


def contact_points(*, person_ids: Iterable[int], kind: str = "") -> list[Address]:
    """All contact points of these people, opened, the best first."""
    points = ContactPoint.objects.filter(person_id__in=list(person_ids)).order_by("-is_valid", "rank", "id")
    return _opened(points.filter(kind=kind) if kind else points)


def points(*, point_ids: Iterable[int]) -> dict[int, Address]:
    """These very contact points, opened, whosever they are. The caller writes the audit line."""
    return {one.id: one for one in _opened(ContactPoint.objects.filter(pk__in=list(point_ids)))}


def _opened(points: QuerySet[ContactPoint]) -> list[Address]:
    rows = list(points.annotate(subject=F("person__key")))
    keys = sealing.keys_of([row.subject for row in rows])
    return [
        Address(
            row.pk,
            row.person_id,
            row.kind,
            row.use,
            value,
            row.rank,
            row.is_valid,
            row.invalid_reason,
            row.bounced_at,
            row.no_texts_at,
        )
        for row in rows
        if (
            value := sealed.open_text(
                keys.get(row.subject), row.value, table=sealed.CONTACT, column="value", row=row.pk
            )
        )
    ]


def timeline(person_id: int, limit: int = 50, before: datetime | None = None) -> list[Event]:
    """What happened to a person, newest first."""
    events = Event.objects.filter(person_id=person_id)
    return list((events.filter(at__lt=before) if before else events).order_by("-at", "-id")[:limit])


def facts(person_id: int, kind: str = "") -> list[Fact]:
    """What holds for a person now, newest first."""
    found = Fact.objects.filter(person_id=person_id)
    return list((found.filter(kind=kind) if kind else found).order_by(F("starts_at").desc(nulls_last=True), "-id"))


def next_appointments(*, person_ids: Iterable[int], now: datetime) -> dict[int, tuple[datetime, int | None]]:
    """The next booked appointment of each person and its place, for composing only. A delicate one is not told of."""
    coming = Fact.objects.filter(
        person_id__in=list(person_ids), kind="appointment", status="booked", starts_at__gt=now, data_class="general"
    )
    first = coming.order_by("person_id", "starts_at", "id").distinct("person_id")
    rows = first.values_list("person_id", "starts_at", "location_id")
    return {person: (at, place) for person, at, place in rows if at is not None}


def age_on(birth_date: date | None, day: date) -> int | None:
    """Full years on that day. Who was born on February 29 becomes a year older on March 1."""
    if birth_date is None or birth_date > day:
        return None
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _ranked(wish: asked.Asked, now: datetime) -> list[PersonCard]:
    hits = _candidates(wish)
    found = [card for card in _open(_rows(list(hits)), now) if wish.born is None or card.birth_date == wish.born]
    return sorted(found, key=lambda card: (-hits[card.id], card.deceased_at is not None, *_by_name(card)))


def _by_name(card: PersonCard) -> tuple[str, str, int]:
    return card.family.casefold(), card.given.casefold(), card.id


def _candidates(wish: asked.Asked) -> dict[int, int]:
    """Person -> how many of the words typed are whole words of the name. Those with whole words first, then any others.

    Two look-ups without sorting: with a sort the database would fetch everybody whose name begins with two letters.
    """
    terms = [sorted(term) for term in wish.terms]
    if wish.born:
        return _fetched(wish, terms, BORN_IN_A_MONTH)
    found = _fetched(wish, [*terms, sorted(wish.whole)], CANDIDATES) if wish.whole else {}
    if len(found) < CANDIDATES:
        found = _fetched(wish, terms, CANDIDATES) | found
    return found


def _fetched(wish: asked.Asked, terms: list[list[int]], most: int) -> dict[int, int]:
    """The keys are asked first and apart, so that the index on them is used whatever the planner thinks of the people."""
    keyed = " AND ".join(["find && %s::bigint[]"] * len(terms)) or "true"
    born = "AND p.birth_month = %s" if wish.born else ""
    hint = "" if wish.born else "MATERIALIZED"
    sql = (
        f"WITH hit AS {hint} (SELECT person_id, find FROM people_findkeys WHERE {keyed}) "
        "SELECT p.id, hit.find FROM hit JOIN people_person p ON p.id = hit.person_id "
        f"WHERE p.merged_into_id IS NULL {born} LIMIT {most}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*terms, *([wish.born.replace(day=1)] if wish.born else [])])
        return {person: len(wish.whole.intersection(find)) for person, find in cursor.fetchall()}


def _rows(person_ids: Sequence[int]) -> list[dict[str, Any]]:
    return list(Person.objects.filter(pk__in=person_ids, erased_at__isnull=True).values("id", "key", *_ON_CARD, *_OPEN))


def _open(rows: Sequence[dict[str, Any]], now: datetime) -> list[PersonCard]:
    keys = sealing.keys_of([row["key"] for row in rows])
    return [_card(row, sealed.open_person(keys.get(row["key"]), row, _ON_CARD), now) for row in rows]


_ON_CARD = ("prefix", "given", "family", "preferred", "birth_date")
_OPEN = (
    "sex", "city", "state", "zip5", "language", "home_location_id", "home_location__name", "deceased_at", "merged_into_id",
    "timezone",
)  # fmt: skip


def _card(row: dict[str, Any], opened: dict[str, str], now: datetime) -> PersonCard:
    born = sealed.opened_date(opened["birth_date"])
    return PersonCard(
        id=row["id"], given=opened["given"], family=opened["family"], prefix=opened["prefix"], preferred=opened["preferred"],
        birth_date=born, age=age_on(born, (row["deceased_at"] or now).date()), sex=row["sex"], city=row["city"],
        state=row["state"], zip5=row["zip5"], language=row["language"], home_location=row["home_location__name"] or "",
        home_location_id=row["home_location_id"], deceased_at=row["deceased_at"], merged_into_id=row["merged_into_id"],
        timezone=row["timezone"],
    )  # fmt: skip
