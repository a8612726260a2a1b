"""The patients of the demo: their charts as Synthea wrote them, and what registration adds."""

import json
import tarfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from rapport.consent import ledger
from rapport.demo import clinic, feed, inlet, register, wishes
from rapport.demo.life import Resident
from rapport.directory.models import Location
from rapport.integrations.fhir import refs
from rapport.people import identity
from rapport.people.models import ContactPoint, Event, Fact, Person
from rapport.people.records import PersonRecord

ARCHIVE = Path(__file__).parent / "synthea" / "bundles.tar.xz"
MRN = "http://hospital.smarthealthit.org"
BUNDLES = 316
OLDEST_YEAR = 1932
YEAR = timedelta(days=365)
HEAD = 65_536  # the Patient is the first resource of its bundle and fits in this
_FIRST = '"resource":'
# A condition that makes visits of a service line likely.
LEANS = {
    "orthopedics": {"239873007", "239872002", "64859006", "443165006"},
    "cardiology": {"59621000", "53741008", "49436004", "88805009", "22298006", "230690007"},
}


def charts(load: Any, step: Any) -> None:
    """All bundles, exactly as `rapport import fhir` takes them."""
    done = inlet.import_archive(ARCHIVE, now=load.today - YEAR, tell=step.at, total=BUNDLES)
    load.world.people = Person.objects.filter(merged_into__isnull=True).count()
    last = (
        Event.objects.filter(kind="encounter", at__lt=load.today).order_by("-at").values_list("at", flat=True).first()
    )
    load.world.truth["charts_end"] = (last or load.today - 5 * YEAR).isoformat()
    step.note = f"{done.tally.people_new} people, {done.tally.events:,} events"


def registration(load: Any, step: Any) -> None:
    """Each Patient again, as registration knows him: e-mail, phone, ZIP, language, and the place nearest to where he lives."""
    rng = load.rng("registration")
    told = [register.with_contacts(patient, number, rng) for number, patient in enumerate(chart_patients())]
    told += [register.cast_patient(one) for one in register.CAST]
    inlet.tell(load, "registration", [feed.location(place) for place in clinic.LOCATIONS] + told, at=load.today - YEAR)
    _settle_homes(load.today - YEAR)
    load.world.people = Person.objects.filter(merged_into__isnull=True).count()
    step.note = f"{len(told)} people"


def consents(load: Any, step: Any) -> None:
    """Statements of will of the last fourteen months, with their evidence."""
    rng = load.rng("consents")
    emails = set(ContactPoint.objects.filter(kind="email", is_valid=True).values_list("person_id", flat=True))
    rows = (
        Person.objects.filter(merged_into__isnull=True, deceased_at__isnull=True)
        .order_by("id")
        .values_list("id", "language")
    )
    cast = cast_ids()
    people = [register.Registered(pk, pk in emails, language) for pk, language in rows if pk not in cast.values()]
    since, until = load.today - timedelta(days=420), load.today - timedelta(days=125)
    said = register.statements(people, rng, since=since, until=until)
    for one in register.CAST:
        known = register.Registered(cast[one["id"]], True, "en")
        said.append(
            register.statement(
                known, "health_services", yes=True, at=since + timedelta(days=30), via="registration_form"
            )
        )
        if not one["yes"]:
            said.append(
                register.statement(
                    known, "health_services", yes=False, at=since + timedelta(days=90), via="front_desk_phone"
                )
            )
    said += register.by_phone(people, load.rng("telephone"), at=until - timedelta(days=10))
    ledger.append(by=inlet.BY, records=said, now=load.today - timedelta(days=124))
    wishes.speak_for_pat(cast["demo-pat"], until=load.today - timedelta(days=124))
    count = wishes.speak(people, load.rng("preferences"), until=load.today - timedelta(days=124)) + 1
    step.note = (
        f"{sum(one.status == 'granted' for one in said)} yes, {sum(one.status == 'withdrawn' for one in said)} no, "
        f"{count} who said how they want to be spoken to"
    )


@cache
def chart_patients() -> tuple[dict[str, Any], ...]:
    """Every Patient resource of the shipped archive, in the order of the archive."""
    return tuple(_read_patients())


def _read_patients() -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder()
    with tarfile.open(ARCHIVE, "r:xz") as archive:
        for member in archive:
            if not member.isfile() or not member.name.endswith(".json"):
                continue
            held = archive.extractfile(member)
            head = held.read(HEAD).decode("utf-8", "ignore") if held else ""
            at = head.find(_FIRST)
            first = decoder.raw_decode(head, head.index("{", at + len(_FIRST)))[0] if at >= 0 else {}
            if first.get("resourceType") == "Patient":
                yield first


def home_of(zip5: str) -> str:
    """South of Boston goes to Quincy, the north and west to Lowell."""
    return "quincy" if zip5[:3] in {"020", "021", "022", "023", "024", "025", "026", "027"} else "lowell"


def cast_ids() -> dict[str, int]:
    """The ids of Pat and Quinn by their FHIR ids."""
    return {one["id"]: inlet.person_of(one["id"]) for one in register.CAST}


def residents() -> list[Resident]:
    """Living patients as the simulation sees them, in a fixed order."""
    leans: dict[int, set[str]] = {}
    every = {code: line for line, codes in LEANS.items() for code in codes}
    for person_id, code in Fact.objects.filter(kind="condition", code__in=every).values_list("person_id", "code"):
        leans.setdefault(person_id, set()).add(every[code])
    names = persons_by_chart()
    rows = Person.objects.filter(
        pk__in=names, deceased_at__isnull=True, merged_into__isnull=True, birth_month__isnull=False
    )
    found = []
    for row in rows.select_related("home_location").order_by("id"):
        if row.sex == "F":
            leans.setdefault(row.pk, set()).add("womens-health")
        place = row.home_location.slug if row.home_location else "lowell"
        assert row.birth_month is not None
        if row.birth_month.year < OLDEST_YEAR:
            continue  # the charts end in 2021; whoever would be very old by now is not made to come
        found.append(
            Resident(row.pk, names[row.pk], row.birth_month, row.sex, place, tuple(sorted(leans.get(row.pk, ()))))
        )
    return found


def _settle_homes(now: datetime) -> None:
    """Everybody's usual place, by ZIP: FHIR has no word for it, so the demo says it by the verb that reads registrations."""
    places = dict(Location.objects.filter(is_ours=True).values_list("slug", "pk"))
    names = persons_by_chart()
    zips = dict(Person.objects.filter(pk__in=names).values_list("pk", "zip5"))
    system = refs.own_system(inlet.EHR)
    records = [
        PersonRecord(identifiers=((system, patient),), home_location_id=places[home_of(zips[person_id])])
        for person_id, patient in sorted(names.items())
    ]
    identity.identify(records=records, source=inlet.EHR, now=now)


def persons_by_chart() -> dict[int, str]:
    """Person -> the EHR's id, for everybody in the charts and the cast."""
    ids = [patient["id"] for patient in chart_patients()] + [str(one["id"]) for one in register.CAST]
    return inlet.persons_of(ids)
