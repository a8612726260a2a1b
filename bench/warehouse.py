"""The warehouse: built from nothing, and 10,000 events later; how many rows a second, how long from commit to published, how much memory.

BENCH_PEOPLE (100,000) people with BENCH_EVENTS_EACH (20) events each. Each measure runs in a process of its own, so that its peak
of memory is its own. The increments are committed first; the clock runs from the commit to the pointer row.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from bench import _warehouse
from rapport.segments import store
from rapport.segments.models import WarehouseVersion

INCREMENTS, EACH = 5, 10_000


def run(report: Callable[..., None]) -> dict[str, Any]:
    """Figures of one run."""
    people = int(os.environ.get("BENCH_PEOPLE", "100000"))
    events_each = int(os.environ.get("BENCH_EVENTS_EACH", "20"))
    figures: dict[str, Any] = {"people": people, "events": people * events_each}
    figures |= _warehouse.fill(people=people, events_each=events_each, report=report)
    built = in_a_process("rebuild")
    report("full build", built)
    newest = _newest(events=people * events_each)
    figures |= {"build_s": built["published"], "sync_rows_per_s": round(newest.events / built["published"])}
    figures |= {"build_processor_s": built["processor_s"], "build_peak_mb": built["peak_mb"]}
    figures["file_mb"] = round((store.folder().path / newest.file_name).stat().st_size / 2**20)
    rounds = []
    for round_ in range(INCREMENTS):
        _warehouse.more_events(many=EACH, people=people, round_=round_)
        rounds.append(in_a_process("refresh"))
        report("increment", rounds[-1])
    _newest(events=people * events_each + INCREMENTS * EACH)
    published = [one["published"] for one in rounds]
    return figures | {
        "increment_s": statistics.median(published), "increment_worst_s": max(published),
        "increment_whole_s": statistics.median(one["seconds"] for one in rounds),
        "increment_processor_s": statistics.median(one["processor_s"] for one in rounds),
        "increment_peak_mb": max(one["peak_mb"] for one in rounds),
    }  # fmt: skip


def _newest(*, events: int) -> WarehouseVersion:
    newest = store.newest()
    if newest is None or newest.events != events:
        raise AssertionError("the warehouse is not the record")
    return newest


def in_a_process(verb: str) -> dict[str, Any]:
    """Seconds of the whole, seconds until the pointer row, seconds of processor, peak of memory."""
    done = subprocess.run(
        [sys.executable, "-m", "bench._one_sync", verb], stdout=subprocess.PIPE, text=True, check=True
    )
    seconds, published, processor, peak = done.stdout.split()[-4:]
    return {
        "seconds": float(seconds), "published": float(published), "processor_s": float(processor), "peak_mb": int(peak),
    }  # fmt: skip
