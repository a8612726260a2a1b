"""Kill -9 of the writer of the warehouse, again and again, while a feeder writes and a reader reads.

- The feeder commits batches, one after the other: ten events that carry the number of the batch, and a trait with that number.
- The writer refreshes in a loop. It is killed at a random moment, or at a random moment of one step (taking in, checkpoint, making
  durable, rename, before the pointer row, pruning, counting, copying). After each kill one refresh must complete.
- The reader opens the newest version all the while. What it must see: whole batches, all of them up to the newest, the trait of
  the newest, as many events as the pointer says, never fewer than before, and all that was committed before `data_until`.
- In the end nothing is missing, and the tables are those that a rebuild gives.

    examine(kills=100, name="database", report=print)
"""

# ruff: noqa: E501 - statements read best with their columns on one line

import json
import mmap
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from bench._killed import PAUSE, STEPS

EVENTS = 10
PATIENCE = 180.0
BATCH = """
INSERT INTO people_event (person_id, kind, at, source, source_key, code_system, code, label, value, unit, data_class, detail, recorded_at, tx)
SELECT p.id, (ARRAY['fed_a', 'fed_b', 'fed_c'])[1 + row_number() OVER () %% 3], TIMESTAMPTZ '2026-01-05' - make_interval(days => %(number)s %% 900),
  'feeder', gen_random_uuid(), '', '', '', %(number)s, '', 'general', '{}', now(), 0
FROM (SELECT id FROM people_person WHERE merged_into_id IS NULL ORDER BY id LIMIT 5) AS p CROSS JOIN generate_series(1, 2)
"""
TRAIT = """
INSERT INTO people_trait (person_id, name, text, number, data_class, source, at, tx)
SELECT min(id), 'fed', '', %(number)s, 'general', 'feeder', now(), 0 FROM people_person
ON CONFLICT (person_id, name) DO UPDATE SET number = EXCLUDED.number
"""


class Feeder(threading.Thread):
    """Commits batch after batch, and remembers when each was committed at the latest."""

    def __init__(self, place: Path) -> None:
        super().__init__(daemon=True)
        self.number = 0
        self.enough = threading.Event()
        self.place = place

    def run(self) -> None:
        with _session() as session, (self.place / "fed").open("a", buffering=1) as log:
            while not self.enough.wait(0.02):
                for statement in (BATCH, TRAIT):
                    session.execute(statement, {"number": self.number + 1})
                session.commit()
                self.number += 1
                log.write(f"{self.number} {time.time()}\n")


def examine(*, kills: int, report: Callable[..., None], chance: random.Random) -> dict[str, Any]:
    """Kill the writer so many times. Raises AssertionError when a reader saw a half state or something was lost."""
    began = time.monotonic()
    killed: Counter[str] = Counter()
    completed: list[float] = []
    with tempfile.TemporaryDirectory(prefix="rapport-kills-") as place, _zygote(Path(place)) as writer:
        writer.once()
        feeder = Feeder(Path(place))
        feeder.start()
        with _reader(Path(place)) as seen:
            for round_ in range(kills):
                step = STEPS[1 + round_ // 2 % (len(STEPS) - 1)] if round_ % 2 else ""
                killed[writer.killed(step, chance)] += 1
                completed.append(writer.once())
                if round_ % 10 == 9:
                    report(f"{round_ + 1} kills, batch {feeder.number}, seen {seen()['versions']} versions")
            feeder.enough.set()
            feeder.join()
            writer.once()
            found = seen(at_least=feeder.number)
    assert not found["wrong"], found["wrong"]
    assert found["batches"] == feeder.number, "something was lost"
    return {
        "kills": sum(killed.values()), "killed_in": dict(killed), "batches": feeder.number, "events_fed": feeder.number * EVENTS,
        "reads": found["reads"], "versions_read": found["versions"], "half_states": len(found["wrong"]),
        "completed_after_a_kill": len(completed), "slowest_completion_s": round(max(completed), 2),
        "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip


class Writer:
    """Children of one warm process, each with a shared byte that says at which step it is."""

    def __init__(self, process: subprocess.Popen, shared: mmap.mmap) -> None:
        self.process = process
        self.shared = shared
        self.usual = 0.5

    def once(self) -> float:
        """One refresh by a child that nobody kills. Returns its seconds."""
        began = time.monotonic()
        self._say("once")
        assert self._hear() == "ended 0", "a refresh after a kill did not complete"
        self.usual = 0.8 * self.usual + 0.2 * (time.monotonic() - began)
        return time.monotonic() - began

    def killed(self, step: str, chance: random.Random) -> str:
        """A child that refreshes in a loop is killed: during a step, or whenever. Returns at which step it was."""
        self.shared[0], self.shared[1] = 0, STEPS.index(step) + 1 if step else 0
        self._say("loop")
        pid = int(self._hear().removeprefix("began "))
        if step:
            wanted, patience = STEPS.index(step), time.monotonic() + PATIENCE
            while self.shared[0] != wanted and time.monotonic() < patience:
                time.sleep(0.0002)
            time.sleep(chance.uniform(0, 2 * PAUSE))
        else:
            time.sleep(chance.uniform(0, 2.5 * self.usual))
        os.kill(pid, signal.SIGKILL)
        self.shared[1] = 0
        assert self._hear() == f"ended {signal.SIGKILL.value}"
        return STEPS[self.shared[0]]

    def _say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def _hear(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(("began", "ended", "ready")):
                return line.strip()
        raise AssertionError("the writer's parent is gone")


@contextmanager
def _zygote(place: Path) -> Iterator[Writer]:
    step = place / "step"
    step.write_bytes(bytes(mmap.PAGESIZE))
    with step.open("r+b") as file, mmap.mmap(file.fileno(), mmap.PAGESIZE) as shared:
        process = _start("writer", place)
        writer = Writer(process, shared)
        writer._hear()
        try:
            yield writer
        finally:
            _end(process)


@contextmanager
def _reader(place: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    process = _start("reader", place)

    def seen(at_least: int = 0) -> dict[str, Any]:
        patience = time.monotonic() + PATIENCE
        while time.monotonic() < patience:
            found: dict[str, Any] = json.loads((place / "seen").read_text()) if (place / "seen").exists() else {}
            if found and (found["batches"] >= at_least or found["wrong"]):
                return found
            assert process.poll() is None, "the reader is gone"
            time.sleep(0.05)
        raise AssertionError("the reader sees nothing new")

    try:
        yield seen
    finally:
        _end(process)


def _start(role: str, place: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "bench._killed", role, str(connection.settings_dict["NAME"]), str(place)]
    root = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    return subprocess.Popen(
        command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def _end(process: subprocess.Popen) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _session() -> psycopg.Connection:
    known = connection.settings_dict
    return psycopg.connect(
        dbname=known["NAME"], user=known["USER"], password=known["PASSWORD"], host=known["HOST"], port=known["PORT"],
        options="-c rapport.scope=all",
    )  # fmt: skip
