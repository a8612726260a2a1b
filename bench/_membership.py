"""From an event to the stay in a segment: the real refresher in a process of its own, on a record of N people.

    measure(people=1_000_000, report=print)

Expects an empty, migrated database. Twelve segments are saved and counted in full; then single events are written for random
people, one commit each, and the time from the commit to the committed stay is taken.
"""

import random
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from django.db import connection

from bench import _warehouse
from rapport.kit import clock
from rapport.people import timeline
from rapport.people.models import Person
from rapport.people.records import NewEvent
from rapport.segments import actions, sync
from rapport.segments.language import (
    Age,
    All,
    Any_,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasCode,
    Last,
    LivesIn,
    Node,
    None_,
    Sex,
    TraitIs,
)
from rapport.segments.membership import full
from rapport.segments.models import Membership, SeenMark, Segment
from rapport.trust.actors import System

EVENTS, CROWD = 200, 1_000
BY = System("bench")
NOTICE = "import django, threading; django.setup(); from rapport import worker; worker.keep_noticing(threading.Event())"
SIGNED_UP = Happened("form_submitted", within=Last(30))
NODES: dict[str, Node] = {
    "Signed up": SIGNED_UP,
    "Women 50 to 74 without mammogram": All((
        Age(50, 74), Sex(("F",)), None_((HasCode((CodeIs("cpt", "77067"),), kind="procedure", within=Last(27, "month")),)),
        Consented("email", "health_services"),
        Any_((Happened("message_opened", within=Last(90)), Happened("portal_login", within=Last(30)))),
    )),
    "Older women": All((Age(at_least=65), Sex(("F",)))),
    "Knee": HasCode((CodeIs("icd10cm", "M17", True),), kind="condition"),
    "Three visits": Encountered(at_least=3, within=Last(12, "month")),
    "Lapsed": All((Encountered(at_least=1, within=Last(36, "month")), Encountered(at_most=0, within=Last(18, "month")))),
    "Likely to miss": TraitIs("score.no_show", at_least=0.9),
    "Said yes": Consented("email", "health_services"),
    "Said no": Consented("email", "health_services", "withdrawn"),
    "Near": LivesIn(zips=("100", "1012")),
    "Opened often": Happened("message_opened", at_least=4, within=Last(90)),
    "New here": All((SIGNED_UP, None_((Encountered(at_least=1, within=Last(12, "month")),)))),
}  # fmt: skip


def measure(*, people: int, report: Callable[..., None], events_each: int = 20) -> dict[str, Any]:
    """Fill, build, save, count in full; then `follow`."""
    filled = _warehouse.fill(people=people, events_each=events_each, report=report)
    began = perf_counter()
    sync.rebuild(now=clock.now())
    report(f"warehouse after {perf_counter() - began:.0f} s")
    return filled | follow(report=report)


def follow(*, report: Callable[..., None]) -> dict[str, Any]:
    """On a record and a warehouse that stand: full refresh, then single events, then a crowd at once."""
    for name, node in NODES.items():
        if not Segment.objects.filter(name=name).exists():
            actions.save(by=BY, now=clock.now(), name=name, node=node)
    figures: dict[str, Any] = {"first_count_s": _seconds(lambda: full.refresh_due(now=clock.now()))}
    figures["stays"] = Membership.objects.filter(left_at=None).count()
    report(f"{figures['stays']:,} stays counted for the first time in {figures['first_count_s']} s")
    figures["nothing_changed_s"] = _seconds(lambda: full.refresh(list(full.plans(now=clock.now())), now=clock.now()))
    figures["next_day_s"] = _seconds(lambda: full.refresh_due(now=clock.now() + timedelta(days=1)))
    full.refresh(list(full.plans(now=clock.now())), now=clock.now())
    refresher = subprocess.Popen([sys.executable, "-W", "ignore", "-c", NOTICE])
    try:
        while not SeenMark.objects.exists():  # what was written before belongs to the full refresh
            time.sleep(0.1)
        figures |= _singles(report)
        figures |= _crowd(report)
    finally:
        refresher.terminate()
        refresher.wait()
    return figures


def _singles(report: Callable[..., None]) -> dict[str, Any]:
    chance = random.Random(time.time_ns())
    times = []
    for person_id in _some_people(EVENTS, chance):
        time.sleep(chance.uniform(0.0, 0.3))
        _sign_up([person_id])
        began = perf_counter()
        while not _is_in(person_id):
            if perf_counter() - began > 60:
                raise AssertionError("the refresher does not notice")
            time.sleep(0.004)
        times.append((perf_counter() - began) * 1000)
    times.sort()
    found = {
        "membership_p50_ms": round(statistics.median(times), 1),
        "membership_p99_ms": round(times[int(len(times) * 0.99) - 1], 1),
        "membership_max_ms": round(times[-1], 1),
    }
    report(found)
    return found


def _crowd(report: Callable[..., None]) -> dict[str, Any]:
    some = _some_people(CROWD, random.Random(time.time_ns()))
    _sign_up(some)
    began = perf_counter()
    while not all(_is_in(one) for one in (some[0], some[-1])):
        time.sleep(0.01)
    found = {"membership_crowd": CROWD, "membership_crowd_ms": round((perf_counter() - began) * 1000, 1)}
    report(found)
    return found


def _some_people(many: int, chance: random.Random) -> list[int]:
    """Living people who have not signed up."""
    found: list[int] = []
    last = Person.objects.order_by("-pk").values_list("pk", flat=True)[0]
    while len(found) < many:
        asked = [chance.randint(1, last) for _ in range(2 * many)]
        living = Person.objects.filter(pk__in=asked, deceased_at=None, merged_into=None)
        new = living.exclude(pk__in=Membership.objects.filter(segment__name="Signed up").values("person_id"))
        found = list(dict.fromkeys([*found, *new.values_list("pk", flat=True)]))
    chance.shuffle(found)
    return found[:many]


def _sign_up(person_ids: list[int]) -> None:
    at: datetime = clock.now()
    timeline.append(
        events=[
            NewEvent(person_id=one, kind="form_submitted", at=at, source="bench", source_key=uuid.uuid4())
            for one in person_ids
        ],
        now=at,
    )


def _is_in(person_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM segments_membership m JOIN segments_segment s ON s.id = m.segment_id "
            "WHERE m.person_id = %s AND s.name = 'Signed up' AND m.left_at IS NULL)",
            [person_id],
        )
        return bool(cursor.fetchone()[0])


def _seconds(act: Callable[[], Any]) -> float:
    began = perf_counter()
    act()
    return round(perf_counter() - began, 2)
