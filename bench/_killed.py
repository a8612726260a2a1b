"""The processes of `_killing`: `python -m bench._killed writer|reader DATABASE FOLDER`. They end when their input ends.

The writer's parent forks a child for every line it reads: `once` refreshes one time, `loop` for ever. The child writes at which
step it is into the first byte of FOLDER/step. At the step whose number (plus one) stands in the second byte it takes a pause, so
that a kill finds it there however short the step is.
"""

import json
import mmap
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STEPS = (
    "between", "taking in", "noting how far", "checkpoint", "making durable", "rename", "before the pointer row", "pruning", "counting",
    "copying",
)  # fmt: skip
PAUSE = 0.02


def main() -> None:
    role, name, place = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = name
    django.setup()
    {"writer": writer, "reader": reader}[role](place)


def writer(place: Path) -> None:
    """Warm, and without a connection of its own: children are born with nothing open."""
    from rapport.kit import clock
    from rapport.segments import sync

    with (place / "step").open("r+b") as file, mmap.mmap(file.fileno(), mmap.PAGESIZE) as shared:
        _mark(shared)
        print("ready", flush=True)
        for line in sys.stdin:
            child = os.fork()
            if not child:
                while True:
                    sync.refresh(now=clock.now())
                    if line.strip() == "once":
                        os._exit(0)
            if line.strip() == "loop":
                print(f"began {child}", flush=True)
            _, status = os.waitpid(child, 0)
            print(f"ended {status}", flush=True)


def _mark(shared: mmap.mmap) -> None:
    """Say in the shared byte which step runs."""
    from rapport.kit import warehouse
    from rapport.segments import history, sync, tables
    from rapport.segments.models import WarehouseVersion

    def marked(owner: Any, name: str, step: str, then: str = "between") -> None:
        act = getattr(owner, name)

        def stepping(*args: Any, **kwargs: Any) -> Any:
            shared[0] = STEPS.index(step)
            if shared[1] == shared[0] + 1:
                time.sleep(PAUSE)
            done = act(*args, **kwargs)
            shared[0] = STEPS.index(then)
            return done

        setattr(owner, name, stepping)

    marked(tables, "fill", "taking in")
    marked(tables, "catch_up", "taking in")
    marked(tables, "note", "noting how far", "noting how far")
    marked(warehouse.Writer, "publish", "checkpoint", "before the pointer row")
    marked(warehouse.Writer, "prepare", "copying")
    marked(warehouse, "_sync_to_disk", "making durable", "rename")
    marked(WarehouseVersion.objects, "create", "before the pointer row")
    marked(sync, "_prune", "pruning")
    marked(history, "note_sizes", "counting")
    marked(warehouse, "copy_file", "copying", "copying")


def reader(place: Path) -> None:
    """Looks until its input ends; what it saw stands in FOLDER/seen."""
    found: dict[str, Any] = {"reads": 0, "versions": 0, "batches": 0, "wrong": []}
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    look = _looking(place, found)
    while not over.is_set():
        try:
            look()
        except Exception as wrong:  # noqa: BLE001 - whatever a reader meets is what is examined
            found["wrong"].append(f"{type(wrong).__name__}: {wrong}"[:300])
        found["reads"] += 1
        (place / "seen.part").write_text(json.dumps(found))
        (place / "seen.part").rename(place / "seen")
        time.sleep(0.01)


def _looking(place: Path, found: dict[str, Any]) -> Callable[[], None]:
    from rapport.segments import store

    last = {"version": 0}

    def look() -> None:
        pointer = store.newest()
        snapshot = store.snapshot()
        assert pointer is not None
        cursor = snapshot.handle.cursor()
        batches, events, odd = cursor.execute(
            "SELECT coalesce(max(value), 0), count(*), count(*) FILTER (WHERE rows <> 10) FROM "
            "(SELECT value, count(*) AS rows FROM event WHERE kind LIKE 'fed%' GROUP BY value)"
        ).fetchone()
        trait = cursor.execute("SELECT coalesce(max(number), 0) FROM trait WHERE name = 'fed'").fetchone()[0]
        everything = cursor.execute("SELECT count(*) FROM event").fetchone()[0]
        assert not odd, f"{odd} batches are not whole"
        assert batches == events == trait, f"newest batch {batches}, there are {events}, the trait says {trait}"
        assert batches >= found["batches"], f"batch {batches} after {found['batches']}"
        assert snapshot.version >= pointer.number, "an older version than the pointer says"
        if snapshot.version == pointer.number:
            assert everything == pointer.events, f"{everything} events, the pointer says {pointer.events}"
            late = [one for one, at in _fed(place) if at < pointer.data_until.timestamp() and one > batches]
            assert not late, f"batches {late[:5]} were committed before {pointer.data_until} and are not in"
        found["versions"] += snapshot.version != last["version"]
        found["batches"], last["version"] = int(batches), snapshot.version

    return look


def _fed(place: Path) -> list[tuple[int, float]]:
    if not (place / "fed").exists():
        return []
    lines = (place / "fed").read_text().splitlines()[-500:]
    return [(int(line.split()[0]), float(line.split()[1])) for line in lines if len(line.split()) == 2]


if __name__ == "__main__":
    main()
