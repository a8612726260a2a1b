"""A letter as a real person would get it, with the person masked: an initial for the name, never more."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from rapport.content import offered, showing
from rapport.content.examples import EXAMPLES, Example
from rapport.directory.models import Location
from rapport.people import queries as people
from rapport.people.models import Person, Trait
from rapport.trust.models import User

REAL = "person:"
MOST = 6


def search(*, by: User, text: str, now: datetime) -> list[tuple[str, str]]:
    """(key, masked name) of the people these words find, in sight of who asks. `people.queries` writes the audit line."""
    found = people.search(by=by, text=text, now=now, limit=MOST)
    return [(f"{REAL}{one.id}", _masked(one.name.called, one.age)) for one in found]


class Looker(msgspec.Struct, frozen=True):
    """As whom an editor shows its words, and whom one may choose from."""

    person: Example
    seen_by: str
    find: str
    found: list[tuple[str, str]]

    def told(self) -> dict[str, object]:
        """For `content/parts/seen_by.html`."""
        return {
            "examples": list(EXAMPLES.values()), "seen_by": self.seen_by, "seen_name": self.person.name, "find": self.find,
            "found": self.found,
        }  # fmt: skip


def looker(*, by: User, asked: str, find: str, may_search: bool, language: str, now: datetime) -> Looker:
    """The person asked for, or the example of that language. Real people are for those alone who may search for them."""
    first = "luis" if language.startswith("es") else "pat"
    is_known = may_search or not asked.startswith(REAL)
    person = of_key(asked, by=by, language=language, now=now) if is_known else None
    find = find.strip() if may_search else ""
    found = search(by=by, text=find, now=now) if find else []
    return Looker(person or EXAMPLES[first], asked if person else first, find, found)


def of_key(key: str, *, by: User, language: str, now: datetime) -> Example | None:
    """The example person of that name, or a real person; None for nobody, who sees every block."""
    if not key.startswith(REAL):
        return EXAMPLES.get(key)
    number = key.removeprefix(REAL)
    person = Person.objects.filter(pk=int(number), erased_at=None).first() if number.isdigit() else None
    return _real(person, by=by, language=language, now=now) if person is not None else None


def _real(person: Person, *, by: User, language: str, now: datetime) -> Example:
    card = people.card(by=by, person_id=person.pk, now=now)
    initial = f"{card.name.called[:1]}." if card.name.called else ""
    place = Location.objects.filter(pk=person.home_location_id or 0).first()
    starts_at, where = people.next_appointments(person_ids=[person.pk], now=now).get(person.pk, (None, None))
    there = Location.objects.filter(pk=where or 0).first()
    merge = {
        "person.given": initial, "person.salutation": initial,
        "location.name": place.name if place else settings.CLINIC_NAME,
        "appointment.day": _day(starts_at, person, language) if starts_at else "",
        "appointment.place": there.name if there else "",
    }  # fmt: skip
    facts = showing.Facts(
        language=person.language, age=showing.age_in(person.birth_month, now.date()), sex=person.sex,
        location_id=person.home_location_id, traits=dict(Trait.objects.filter(person=person).values_list("name", "text")),
        segments=offered.segments_of(person.pk),
    )  # fmt: skip
    return Example(f"{REAL}{person.pk}", _masked(card.name.called, facts.age), "", merge, facts)


def _masked(name: str, age: int | None) -> str:
    return f"{name[:1] or '?'}." + (f", {age}" if age is not None else "")


def _day(at: datetime, person: Person, language: str) -> str:
    local = at.astimezone(ZoneInfo(person.timezone or settings.TIME_ZONE))
    with translation.override(language):
        return str(date_format(local, r"l j \d\e F" if language.startswith("es") else "l, F j"))
