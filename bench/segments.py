"""Segments: twelve definitions against SQL written by hand on the same engine, the sync, and from event to membership.

A made-up network of hospitals (`_warehouse`) of 1,000,000 people (BENCH_PEOPLE) with 20 events each, in PostgreSQL; the warehouse is
what the real sync makes of it, encrypted. The two forms of a definition take turns, so that a busy machine slows both; ratios
compare the best times, figures are medians. Every pair must find the same people. Growth compares with a hundredth of the people.
"""

import os
import resource
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from bench import _membership, _warehouse
from bench._definitions import CASES, NAMED, TODAY
from bench.warehouse import in_a_process
from rapport.kit.warehouse import Folder
from rapport.people.models import Event, Person
from rapport.segments import compiler, store, tables
from rapport.segments.columnar import Snapshot
from rapport.segments.language import All, Happened, Last, Node, None_

EVENTS_EACH, ROUNDS, SHARE = 20, 15, 100


def run(report: Callable[..., None]) -> dict[str, Any]:
    """Measure. `report` gets progress lines; the figures come back."""
    people = int(os.environ.get("BENCH_PEOPLE", "1000000"))
    figures: dict[str, Any] = {"people": people}
    if Person.objects.count() == people:
        report("a kept database (--home), taken as it is")
    else:
        figures |= _warehouse.fill(people=people, events_each=EVENTS_EACH, report=report)
    figures["events"] = Event.objects.count()
    built = in_a_process("rebuild")
    newest = store.newest()
    assert newest is not None
    assert newest.events == figures["events"]
    report("warehouse", built)
    big = _measured(store.folder(), newest.file_name, report)
    small = _smaller(people // SHARE, report)
    ratios = {name: case["ratio"] for name, case in big["cases"].items()}
    named, little = big["cases"]["named"]["compiled_ms"], small["cases"]["named"]["compiled_ms"]
    figures |= {
        "sync_rows_per_s": round(newest.events / built["seconds"]), "sync_peak_mb": built["peak_mb"],
        "file_mb": round((store.folder().path / newest.file_name).stat().st_size / 2**20),
        "worst_ratio": max(ratios.values()), "ratios": ratios, "named_p50_ms": named, "named_cold_ms": big["cold_ms"],
        "named_bitmaps_cold_ms": big["bitmaps_cold_ms"], "named_one_leaf_changed_ms": big["one_leaf_ms"],
        "named_cached_ms": big["cached_ms"],
        "growth": round(named / little, 2), "growth_of_people": SHARE, "memory_mb": _peak(), "cases": big["cases"],
    }  # fmt: skip
    return figures | _membership.follow(report=report)


def _measured(folder: Folder, name: str, report: Callable[..., None]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    began = perf_counter()
    snapshot = Snapshot(folder.reading(name), 1)
    snapshot.people(NAMED, TODAY)
    found["cold_ms"] = _ms(began)  # a new handle, nothing decrypted yet; the file cache of the system is warm
    began = perf_counter()
    snapshot.counts(NAMED, TODAY)
    found["bitmaps_cold_ms"] = _ms(began)
    found["cached_ms"] = _median(lambda: snapshot.counts(NAMED, TODAY))
    began = perf_counter()
    changed = None_((Happened("message_sent", campaigns=(8,), within=Last(60)),))
    snapshot.counts(All((*NAMED.of[:-1], changed)), TODAY)
    found["one_leaf_ms"] = _ms(began)
    found["cases"] = {}
    for case, (node, by_hand) in CASES.items():
        one = found["cases"][case] = _case(snapshot, node, by_hand)
        report(f"  {case}: {one['people']:,} people, compiled {one['compiled_ms']} ms, by hand {one['by_hand_ms']} ms")
    return found


def _smaller(people: int, report: Callable[..., None]) -> dict[str, Any]:
    """The same network with a hundredth of the people: copied out of the big file, table by table, in its order."""
    cursor = store.snapshot().handle.cursor()
    chosen = f"SELECT pseudonym FROM profile ORDER BY pseudonym LIMIT {int(people)}"
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as place:
        folder = Folder(Path(place), "bench-key")
        with folder.writing() as writer:
            writer.connection.execute(tables.SCHEMA)
            for table in tables.OF_PEOPLE:
                rows = cursor.execute(f"SELECT * FROM {table} WHERE pseudonym IN ({chosen})").to_arrow_table()
                writer.connection.register("incoming", rows)
                order = tables.ORDER.get(table, "pseudonym")
                writer.connection.execute(f"INSERT INTO {table} SELECT * FROM incoming ORDER BY {order}")
                writer.connection.unregister("incoming")
            file = writer.publish(1)
        report(f"{people:,} of the people")
        return _measured(folder, file.name, report)


def _case(snapshot: Snapshot, node: Node, by_hand: str) -> dict[str, Any]:
    cursor = snapshot.handle.cursor()
    statement = compiler.sql(compiler.compile(node, TODAY))
    mine = lambda: cursor.execute(statement).fetchnumpy()["pseudonym"]  # noqa: E731
    theirs = lambda: cursor.execute(by_hand).fetchnumpy()["pseudonym"]  # noqa: E731
    assert sorted(mine().tolist()) == sorted(theirs().tolist()), "the two forms disagree"
    times: dict[str, list[float]] = {"mine": [], "theirs": []}
    for _ in range(ROUNDS):
        for name, act in (("mine", mine), ("theirs", theirs)):
            began = perf_counter()
            act()
            times[name].append(_ms(began))
    return {
        "people": len(mine()), "compiled_ms": round(statistics.median(times["mine"]), 2),
        "by_hand_ms": round(statistics.median(times["theirs"]), 2), "ratio": round(min(times["mine"]) / min(times["theirs"]), 2),
    }  # fmt: skip


def _median(act: Callable[[], Any]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        act()
        times.append(_ms(began))
    return round(statistics.median(times), 2)


def _peak() -> int:
    """The most memory this process held so far, in megabytes: the engine, its cache, bitmaps."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _ms(began: float) -> float:
    return round((perf_counter() - began) * 1000, 2)
