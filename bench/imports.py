"""How fast FHIR comes in: the whole import against the bare parse of the same file by msgspec and by the standard library.

The file is made here, in the manner of a transaction bundle: one patient with her visits, claims and observations. Also: how
fast people alone are identified, and how long a search among them takes.
"""

# ruff: noqa: E501 - a FHIR sample reads best on one line

import json
import random
import statistics
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
from django.core.management import call_command

from rapport.integrations import importing, landing
from rapport.kit import clock
from rapport.people import identity, queries
from rapport.people.records import PersonRecord
from rapport.trust.actors import System

BUNDLES, VISITS = 120, 24
PEOPLE, BATCH, SEARCHES = 20_000, 1000, 200
BY = System("bench")
GIVEN = ("Maria", "James", "Aisha", "Wei", "Olga", "Pedro", "Ruth", "Samuel", "Ines", "Noah", "Grace", "Tomas")
FAMILY = (
    "Silva",
    "Okafor",
    "Nguyen",
    "Miller",
    "Garcia",
    "Haddad",
    "Kowalski",
    "Rossi",
    "Larsen",
    "Tanaka",
    "Brown",
    "Ivanov",
)


def run(report: Callable[..., None]) -> dict[str, Any]:
    """Figures of one run; everything seeded."""
    call_command("migrate", interactive=False, verbosity=0)
    with tempfile.TemporaryDirectory() as place:
        figures = _import(Path(place), report)
    return {**figures, **_identify(report), **_search(report)}


def _import(folder: Path, report: Callable[..., None]) -> dict[str, Any]:
    chance = random.Random(7)
    raws = [json.dumps(_bundle(number, chance)).encode() for number in range(BUNDLES)]
    for number, raw in enumerate(raws):
        (folder / f"patient{number:05}.json").write_bytes(raw)
    size = sum(map(len, raws))
    report(f"{BUNDLES} bundles, {size / 1e6:.0f} MB")
    bare = _seconds(lambda: [msgspec.json.decode(raw) for raw in raws])
    standard = _seconds(lambda: [json.loads(raw) for raw in raws])
    feed = landing.source(slug="bench", name="Bench", kind="fhir", now=clock.now())
    began = perf_counter()
    first = importing.fhir(by=BY, path=folder, source=feed, clock=clock.now)
    took = perf_counter() - began
    report(f"import {took:.1f} s, bare parse {bare:.2f} s")
    began = perf_counter()
    again = importing.fhir(by=BY, path=folder, source=feed, clock=clock.now)
    replay = perf_counter() - began
    if again.tally["duplicates"] != first.tally["read"]:
        raise AssertionError("the second import found news")
    return {
        "resources": first.tally["read"],
        "megabytes": round(size / 1e6, 1),
        "import_seconds": round(took, 2),
        "resources_per_second": round(first.tally["read"] / took),
        "people_per_second": round(first.tally.people_new / took, 1),
        "replay_seconds": round(replay, 2),
        "bare_msgspec_seconds": round(bare, 3),
        "bare_json_seconds": round(standard, 3),
        "times_the_bare_msgspec_parse": round(took / bare, 1),
        "times_the_bare_json_parse": round(took / standard, 1),
    }


def _identify(report: Callable[..., None]) -> dict[str, Any]:
    chance = random.Random(11)
    began = perf_counter()
    for start in range(0, PEOPLE, BATCH):
        batch = [_person(number, chance) for number in range(start, start + BATCH)]
        identity.identify(records=batch, source="bench", now=clock.now())
    took = perf_counter() - began
    report(f"{PEOPLE} people alone: {took:.1f} s")
    return {"people_alone": PEOPLE, "people_alone_per_second": round(PEOPLE / took)}


def _search(report: Callable[..., None]) -> dict[str, Any]:
    """As one types: two letters, a word, a word and the start of another, a phone number."""
    chance = random.Random(13)
    times = []
    for _ in range(SEARCHES):
        given, family = chance.choice(GIVEN), chance.choice(FAMILY)
        text = chance.choice([given[:2], given, f"{family} {given[:3]}", f"{family[:4]}", "978-555-0142", "3/8/1971"])
        began = perf_counter()
        queries.search(by=BY, text=text, now=clock.now())
        times.append((perf_counter() - began) * 1000)
    report(f"search p50 {statistics.median(times):.1f} ms")
    return {
        "search_among": PEOPLE + BUNDLES,
        "search_p50_ms": round(statistics.median(times), 1),
        "search_p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
    }


def _seconds(work: Callable[[], Any]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _person(number: int, chance: random.Random) -> PersonRecord:
    born = date(1930, 1, 1) + timedelta(days=chance.randrange(33_000))
    return PersonRecord(
        identifiers=(("bench:Patient", f"p{number}"), ("urn:bench:mrn", f"M{number:08}")),
        given=chance.choice(GIVEN), family=f"{chance.choice(FAMILY)}{_letters(chance)}", birth_date=born, sex=chance.choice("FM"),
        street=f"{number} Main Street", city="Lowell", state="MA", zip5="01852", emails=(f"p{number}@mail.example",),
        phones=((f"978{chance.randrange(2000000, 9999999)}", "mobile"),),
    )  # fmt: skip


def _letters(chance: random.Random) -> str:
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=3))


def _bundle(number: int, chance: random.Random) -> dict[str, Any]:
    who = f"b{number}"
    entries: list[dict[str, Any]] = [
        {
            "resourceType": "Patient", "id": who, "name": [{"family": f"{chance.choice(FAMILY)}{_letters(chance)}", "given": [chance.choice(GIVEN)]}],
            "gender": "female", "birthDate": f"{chance.randrange(1930, 2010)}-03-08",
            "address": [{"city": "Lowell", "state": "MA", "postalCode": "01852"}],
            "telecom": [{"system": "phone", "value": f"978{chance.randrange(2000000, 9999999)}"}],
        }
    ]  # fmt: skip
    for visit in range(VISITS):
        at = (datetime(2016, 1, 4, 14, tzinfo=UTC) + timedelta(days=chance.randrange(3600))).isoformat()
        entries += _visit(who, f"{who}-{visit}", at, chance)
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in entries],
    }


def _visit(who: str, name: str, at: str, chance: random.Random) -> list[dict[str, Any]]:
    subject, visit = {"reference": f"urn:uuid:{who}"}, {"reference": f"urn:uuid:{name}"}
    kind = {
        "coding": [{"system": "http://snomed.info/sct", "code": "185349003", "display": "Encounter for check up"}],
        "text": "Check up",
    }
    measured = [
        ("8302-2", "Body height", "cm"),
        ("29463-7", "Body weight", "kg"),
        ("8480-6", "Systolic", "mm[Hg]"),
        ("2339-0", "Glucose", "mg/dL"),
    ]
    return [
        {"resourceType": "Encounter", "id": name, "status": "finished", "class": {"code": "AMB"}, "type": [kind], "subject": subject, "period": {"start": at, "end": at}},
        {"resourceType": "Claim", "id": f"{name}-c", "status": "active", "use": "claim", "patient": subject, "created": at, "total": {"value": 129.16, "currency": "USD"},
         "item": [{"sequence": 1, "productOrService": kind, "encounter": [visit]}]},
        *[
            {"resourceType": "Observation", "id": f"{name}-{code}", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": label}]},
             "subject": subject, "encounter": visit, "effectiveDateTime": at, "valueQuantity": {"value": round(chance.uniform(50, 200), 3), "unit": unit}}
            for code, label, unit in measured
        ],
    ]  # fmt: skip
