"""The send under fire: nobody gets it twice, nobody is forgotten in silence, a withdrawal is obeyed within five seconds.

    python -m exam.send --recipients 100000 --kills 100 --stops 20 --crashes 10 --withdrawals 200 --seeds 3 --json

A PostgreSQL of its own that syncs every commit, workers that are real processes, and a relay in a process of its own that writes
down what it takes (`relay`). While the queue empties, at marks of progress drawn by the seed:

- workers are killed with -9 and replaced (kills);
- workers are stopped with SIGSTOP for 3 to 60 seconds while others go on, then wake up (stops);
- PostgreSQL is killed with -9 and started again (crashes);
- people withdraw their consent (withdrawals);
- the relay cuts lines before and after it has taken a message, and says yes to one in a hundred only when the lease is over.

Then it waits until everything is settled, and compares the relay's book with ours. `doubles`: messages the relay took twice.
`lost`: neither taken, nor recorded as anything but sent. `unknown`: recorded as unknown, `in_flight` the number that were on the
wire when a fault came. `late_withdrawals`: words that reached the relay more than five seconds after the withdrawal was committed.
The last line of stdout is one JSON object; the exit code is 1 when a promise was broken.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rapport.kit import home, postgres

BEGIN = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
TERMS = {
    "chunk": 200,
    "flight": 40,
    "lease_seconds": 5.0,
    "keep_seconds": 3.0,
    "fresh_seconds": 2.0,
    "socket_seconds": 1.0,
    "proven_seconds": 10.0,
}
LINES, WORKERS = 8, 3
SLOW_SECONDS, BAD_SHARE = 7.0, 0.01
OBEYED_WITHIN = 5.0
PATIENCE = 120.0  # seconds without any progress after which the examination is over, and failed


@dataclass
class Stage:
    """One seed's run."""

    place: home.Home
    wishes: argparse.Namespace
    seed: int
    people: list[int]
    cause: int
    begin: datetime
    book: Path
    relay: subprocess.Popen
    port: int
    cluster: postgres.Cluster
    began: float = field(default_factory=time.time)
    workers: list[subprocess.Popen] = field(default_factory=list)
    asleep: list[tuple[float, subprocess.Popen]] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    withdrawn: dict[int, float] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.begin + timedelta(seconds=time.time() - self.began)


def main() -> int:
    wishes = _wishes()
    place = home.find(tempfile.mkdtemp(prefix="rapport-exam-"))
    os.environ["RAPPORT_HOME"] = str(place.root)
    results = []
    try:
        cluster = postgres.start(place)
        _set_up_django()
        people = _crowd(wishes)
        for number in range(wishes.seeds):
            seed = wishes.first_seed + number
            with _staged(place, wishes, seed, people, number, cluster) as stage:
                results.append(_examined(stage))
                cluster = stage.cluster
            people = [one for one in people if one not in stage.withdrawn]
        cluster.stop()
    finally:
        postgres.destroy(place)
    return _told(wishes, results)


def _examined(stage: Stage) -> dict[str, Any]:
    _say(f"seed {stage.seed}: begins")
    for _ in range(WORKERS):
        _start_worker(stage)
    faults = _faults(stage)
    last, moved = -1, time.monotonic()
    while True:
        _wake(stage)
        done, open_ = _progress(stage)
        if done != last:
            last, moved = done, time.monotonic()
        while faults and faults[0][0] <= done:
            _happen(stage, faults.pop(0)[1])
        if not open_ and not faults and not stage.asleep:
            break
        if time.monotonic() - moved > PATIENCE:
            _say(f"nothing moves: {done} of {len(stage.people)} done, {open_} open, {len(faults)} faults to come")
            break
        time.sleep(0.02)
    took = time.time() - stage.began
    for one in stage.workers:
        one.send_signal(signal.SIGKILL)
        one.wait()
    return _judged(stage, took)


def _faults(stage: Stage) -> list[tuple[int, str]]:
    """(so many settled, what happens then), in order: spread by lot over the first nine tenths of the way."""
    chance, asked = random.Random(stage.seed), stage.wishes
    kinds = ["kill"] * asked.kills + ["stop"] * asked.stops + ["crash"] * asked.crashes
    kinds += ["withdraw"] * asked.withdrawals
    return sorted((int(chance.uniform(0.01, 0.9) * len(stage.people)), kind) for kind in kinds)


def _happen(stage: Stage, kind: str) -> None:
    chance = random.Random(f"{stage.seed}:{sum(stage.counts.values())}")
    if kind == "withdraw":
        return _withdraw(stage, chance)
    if kind == "crash":
        return _crash(stage)
    awake = [one for one in stage.workers if not _sleeps(stage, one)]
    one = chance.choice(awake)
    if kind == "stop":
        one.send_signal(signal.SIGSTOP)
        stage.counts["in_flight"] += _in_flight(one)
        stage.asleep.append((time.monotonic() + chance.uniform(*stage.wishes.naps), one))
        stage.counts["stops"] += 1
        return _start_worker(stage)
    _kill(stage, one)
    return _start_worker(stage)


def _withdraw(stage: Stage, chance: random.Random) -> None:
    """Somebody whose message still waits says no. Counted from the moment at which it is committed."""
    from django.db import connection

    from rapport.consent import ledger
    from rapport.trust.actors import SYSTEM

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id FROM messaging_intent WHERE cause_id = %s AND state IN ('queued', 'claimed') "
            "ORDER BY due_at, id OFFSET %s LIMIT 1",
            [stage.cause, chance.randrange(0, 400)],
        )
        row = cursor.fetchone()
    if row is None or row[0] in stage.withdrawn:
        stage.counts["withdrawals_too_late"] += 1
        return
    ledger.withdraw(by=SYSTEM, person_id=row[0], channel="email", topic="health_services", via="phone", now=stage.now)
    stage.withdrawn[row[0]] = time.time()
    stage.counts["withdrawals"] += 1


def _crash(stage: Stage) -> None:
    """PostgreSQL and all its children are gone at once; it is started again and recovers."""
    from django.db import connections

    stage.counts["in_flight"] += sum(_in_flight(one) for one in stage.workers)
    connections.close_all()
    assert stage.cluster.process is not None
    stage.cluster.process.send_signal(signal.SIGKILL)
    stage.cluster.process.wait()
    stage.cluster.stop()
    stage.cluster = postgres.start(stage.place)
    stage.counts["crashes"] += 1


def _wake(stage: Stage) -> None:
    due = [one for one in stage.asleep if one[0] <= time.monotonic()]
    for one in due:
        stage.asleep.remove(one)
        one[1].send_signal(signal.SIGCONT)
        substitute = next(
            other for other in reversed(stage.workers) if other is not one[1] and not _sleeps(stage, other)
        )
        _kill(stage, substitute)  # the one that woke goes on in its place, as a worker does that was merely slow


def _sleeps(stage: Stage, worker: subprocess.Popen) -> bool:
    return any(one is worker for _, one in stage.asleep)


def _kill(stage: Stage, worker: subprocess.Popen) -> None:
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    stage.counts["in_flight"] += _in_flight(worker)
    stage.counts["kills"] += 1
    stage.workers.remove(worker)


def _in_flight(worker: subprocess.Popen) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM messaging_intent WHERE state = 'claimed' AND begun_at IS NOT NULL AND owner LIKE %s",
            [f"exam:{worker.pid}/%"],
        )
        return int(cursor.fetchone()[0])


def _progress(stage: Stage) -> tuple[int, int]:
    """(settled, still open)."""
    from rapport.messaging.models import Intent

    open_ = Intent.objects.filter(cause_id=stage.cause, state__in=["queued", "claimed"]).count()
    return len(stage.people) - open_, open_


def _judged(stage: Stage, took: float) -> dict[str, Any]:
    """The relay's book against ours."""
    from rapport.messaging.models import Intent, Receipt

    taken: Counter[int] = Counter()
    fates: Counter[str] = Counter()
    heard: dict[int, float] = {}
    for line in stage.book.read_text().splitlines():
        moment, number, what = line.split()
        fates[what] += 1
        if what in {"taken", "slow", "mute"}:
            taken[int(number)] += 1
            heard[int(number)] = max(float(moment), heard.get(int(number), 0.0))
    ours = {
        one.pk: (one.state, one.person_id)
        for one in Intent.objects.filter(cause_id=stage.cause).only("id", "state", "person_id")
    }
    states = Counter(state for state, _ in ours.values())
    told = Counter(
        Receipt.objects.filter(intent_id__in=ours.keys(), outcome="sent").values_list("intent_id", flat=True)
    )
    by_person = {person: number for number, (_, person) in ours.items()}
    late = [
        heard[by_person[person]] - at
        for person, at in stage.withdrawn.items()
        if heard.get(by_person[person], 0.0) > at + OBEYED_WITHIN
    ]
    return {
        "seed": stage.seed,
        "recipients": len(ours),
        "doubles": sum(1 for many in taken.values() if many > 1),
        "lost": sum(1 for number, (state, _) in ours.items() if _is_lost(state, number in taken)),
        "misfiled": sum(1 for number in taken if ours[number][0] not in {"sent", "unknown"}),
        "without_receipt": sum(1 for number, (state, _) in ours.items() if state == "sent" and told[number] != 1),
        "unknown": states["unknown"],
        "in_flight": stage.counts["in_flight"] + fates["slow"] + fates["mute"] + fates["cut"],
        "late_withdrawals": len(late),
        "withdrawals": stage.counts["withdrawals"],
        "kills": stage.counts["kills"],
        "stops": stage.counts["stops"],
        "crashes": stage.counts["crashes"],
        "states": dict(states),
        "relay": dict(fates),
        "took_seconds": round(took, 1),
    }


def _is_lost(state: str, was_taken: bool) -> bool:
    """Said to be sent and never taken; or forgotten in the middle."""
    return (state == "sent" and not was_taken) or state in {"queued", "claimed"}


def _told(wishes: argparse.Namespace, results: list[dict[str, Any]]) -> int:
    summed = (
        "recipients",
        "doubles",
        "lost",
        "misfiled",
        "without_receipt",
        "unknown",
        "in_flight",
        "late_withdrawals",
    )
    summed += ("withdrawals", "kills", "stops", "crashes")
    total: dict[str, Any] = {name: sum(one[name] for one in results) for name in summed}
    total["took_seconds"] = round(sum(one["took_seconds"] for one in results), 1)
    broken = [name for name in ("doubles", "lost", "misfiled", "without_receipt", "late_withdrawals") if total[name]]
    broken += ["unknown"] if any(one["unknown"] > one["in_flight"] for one in results) else []
    if wishes.json:
        print(json.dumps({"name": "exam-send", **total, "broken": broken, "runs": results}))
    else:
        for name, value in total.items():
            print(f"{name:20} {value:>12,}")
        print("broken: " + (", ".join(broken) or "nothing"))
    return 1 if broken else 0


@contextmanager
def _staged(
    place: home.Home,
    wishes: argparse.Namespace,
    seed: int,
    people: list[int],
    number: int,
    cluster: postgres.Cluster,
) -> Iterator[Stage]:
    from exam import crowd

    folder = Path(tempfile.mkdtemp(prefix="rapport-relay-"))
    begin = BEGIN + timedelta(days=60 * number)
    crowd.due(people, cause_id=number + 1, version=crowd.wording(begin), now=begin)
    words = [str(folder / "book"), str(seed), str(SLOW_SECONDS), str(BAD_SHARE)]
    relay = subprocess.Popen([sys.executable, "-m", "exam.relay", *words], stdout=subprocess.PIPE, text=True)
    assert relay.stdout is not None
    port = int(relay.stdout.readline())
    stage = Stage(place, wishes, seed, people, number + 1, begin, folder / "book", relay, port, cluster)
    try:
        yield stage
    finally:
        for one in [*stage.workers, relay]:
            if one.poll() is None:
                one.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _start_worker(stage: Stage) -> None:
    told = {
        "port": stage.port,
        "lines": LINES,
        "terms": TERMS,
        "begin": stage.begin.isoformat(),
        "began": stage.began,
    }
    stage.workers.append(
        subprocess.Popen(
            [sys.executable, "-m", "exam.worker", json.dumps(told)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    )


def _crowd(wishes: argparse.Namespace) -> list[int]:
    from exam import crowd

    return crowd.people(wishes.recipients, now=BEGIN - timedelta(days=30), report=_say)


def _set_up_django() -> None:
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


def _say(*words: object) -> None:
    print("[exam-send]", *words, file=sys.stderr, flush=True)


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="exam.send", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--stops", type=int, default=20)
    parser.add_argument(
        "--naps", type=float, nargs=2, default=(3.0, 60.0), help="how long a stopped worker sleeps, in seconds"
    )
    parser.add_argument("--crashes", type=int, default=10)
    parser.add_argument("--withdrawals", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
