"""What the front desk and the keepers of the feeds find this morning."""

from datetime import date, datetime, time, timedelta
from typing import Any

from rapport.consent import ledger
from rapport.consent.models import ConsentRecord
from rapport.demo import clinic, feed, inlet, life, patients, register
from rapport.trust import breakglass
from rapport.trust.models import BreakGlass

DAYS = 7
BUSY, QUIET = 11, 5  # visits a place on a working day, and on a weekend
YES_LATELY, NO_LATELY = 6, 2
_SATURDAY = 5


def appointments(load: Any, step: Any) -> None:
    """Visits of today and the next days at both places, some without an e-mail address, one booked by Pat."""
    rng = load.rng("desk")
    people = patients.residents()
    told = []
    first = load.today.astimezone(life.ZONE).date()
    for day in (first + timedelta(days=ahead) for ahead in range(DAYS)):
        for place in ("lowell", "quincy"):
            there = [one for one in people if one.home == place]
            count = min(QUIET if day.weekday() >= _SATURDAY else BUSY, len(there))
            times = sorted(_times(rng, day, count))
            for number, (at, index) in enumerate(zip(times, rng.choice(len(there), count, replace=False), strict=True)):
                one = there[int(index)]
                key = f"desk:{day}:{place}:{number}"
                slot = feed.Slot(key, one.patient, at, life.line_of(rng, one), place, "booked")
                told.append(feed.appointment(slot, load.world.seed))
    inlet.tell(load, "appointments", told, at=load.today)
    step.note = f"{len(told)} appointments"


def lately(load: Any, step: Any) -> None:
    """What Bea wrote down in the last weeks, and an emergency access that nobody has looked at yet."""
    rng, bea = load.rng("lately"), clinic.staff("bea")
    people = patients.residents()
    # Only what was said long ago counts here, so that telling this step twice finds the same people.
    old = ConsentRecord.objects.filter(at__lt=load.today - timedelta(days=60), topic="health_services")
    said = dict(old.order_by("at", "id").values_list("person_id", "status"))
    never = [one for one in people if one.person_id not in said]
    yes = [one for one in people if said.get(one.person_id) == "granted"]
    picked = [(one, True) for one in _some(rng, never, YES_LATELY)] + [
        (one, False) for one in _some(rng, yes, NO_LATELY)
    ]
    records = [
        register.statement(
            register.Registered(one.person_id, True, "en"),
            "health_services",
            yes=answer,
            at=load.today - timedelta(days=float(rng.uniform(0.2, 28))),
            via="front_desk_in_person",
        )
        for one, answer in picked
    ]
    for one in records:  # each was written down when it was said
        ledger.append(by=bea, records=[one], now=one.at + timedelta(minutes=2))
    ito = clinic.staff("ito")
    if not BreakGlass.objects.filter(user=ito).exists():
        reason = "Called from the emergency room of another hospital about her allergies"
        breakglass.open(by=ito, person_id=people[0].person_id, reason=reason, now=load.today - timedelta(hours=9))
    step.note = f"{len(records)} statements"


def mistakes(load: Any, step: Any) -> None:
    """A file with five rows that can't be taken in, and a registration that may be somebody we know."""
    seed = load.world.seed
    good = [_stranger(seed, number) for number in range(3)]
    spoilt = [
        {"resourceType": "Patient", "id": feed.name(seed, "nameless"), "gender": "female", "birthDate": "1981-07-02"},
        {**_stranger(seed, 8), "birthDate": "0000-00-00"},
        {
            "resourceType": "Encounter",
            "id": feed.name(seed, "nobody"),
            "status": "finished",
            "period": {"start": "2026-02-30T09:00:00-05:00"},
        },
        {
            "resourceType": "Observation",
            "id": feed.name(seed, "lost"),
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}]},
            "effectiveDateTime": load.today.isoformat(),
        },
    ]  # fmt: skip
    cut_off = b'{"resourceType": "Patient", "id": "cut-off", "name": [{"family": "Hal\n'
    inlet.land("registrations-last-night", feed.lines(good + spoilt) + cut_off, at=load.today - timedelta(hours=5))
    twin = {**_stranger(seed, 1), "id": feed.name(seed, "twin")}
    twin["identifier"] = [{"system": "http://hospital.smarthealthit.org", "value": feed.name(seed, "twin-mrn")}]
    inlet.tell(load, "registrations-this-morning", [twin], at=load.today - timedelta(hours=1))
    step.note = "5 rows held back"


def _some(rng: Any, people: list[life.Resident], count: int) -> list[life.Resident]:
    """A few of them, each once."""
    return [people[int(one)] for one in rng.choice(len(people), min(count, len(people)), replace=False)]


def _times(rng: Any, day: date, count: int) -> list[datetime]:
    """Different half hours of one day, also on a weekend."""
    slots = [
        datetime.combine(day, time(hour, minute), life.ZONE)
        for hour in range(8, 17)
        for minute in (0, 30)
        if hour != 12
    ]
    return [slots[int(one)] for one in rng.choice(len(slots), count, replace=False)]


def _stranger(seed: int, number: int) -> dict[str, Any]:
    """A new registration, not in the charts."""
    given, family = (("Marta", "Silva"), ("Jun", "Park"), ("Elena", "Rossi"), ("Tom", "Hale"))[number % 4]
    return {
        "resourceType": "Patient",
        "id": feed.name(seed, "stranger", number),
        "identifier": [{"system": "http://hospital.smarthealthit.org", "value": feed.name(seed, "mrn", number)}],
        "name": [{"use": "official", "given": [given], "family": family}],
        "telecom": [{"system": "phone", "value": "+16175550177", "use": "mobile"}],
        "gender": "male" if number % 2 else "female",
        "birthDate": f"19{70 + number}-04-1{number % 9}",
        "address": [{"line": ["8 Canal Street"], "city": "Lowell", "state": "MA", "postalCode": "01852"}],
    }
