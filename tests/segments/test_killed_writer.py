"""Kill -9 of the writer at random moments: readers keep a whole version, nothing is lost, the next refresh completes."""

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from rapport.people import timeline
from rapport.people.records import NewEvent
from rapport.segments import store, sync
from tests import people_cast

ROUNDS = int(os.environ.get("KILL_ROUNDS", "5"))
EVENTS = 3_000
ROOT = Path(__file__).parents[2]
AT = datetime(2026, 1, 5, tzinfo=UTC)


def more_events(person) -> None:
    events = [
        NewEvent(
            person_id=person.pk,
            kind="encounter",
            at=AT + timedelta(minutes=number),
            source="test",
            source_key=uuid.uuid4(),
        )
        for number in range(EVENTS)
    ]
    timeline.append(events=events, now=AT)


def begin_refresh() -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.segments.killed_writer", connection.settings_dict["NAME"]]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ready"):
            return process
    raise AssertionError(process.communicate()[1])


def seen() -> tuple[int, int]:
    """What a reader sees: events in the file, and what the pointer says is in it."""
    snapshot = store.snapshot()
    counted = snapshot.handle.cursor().execute("SELECT count(*) FROM event").fetchall()[0][0]
    return counted, store.newest().events


@pytest.mark.usefixtures("warehouse")
def test_a_killed_writer_leaves_whole_versions_and_the_next_refresh_completes(now):
    person = people_cast.pat()
    more_events(person)
    sync.refresh(now=now)
    chance = random.Random(7)
    killed = 0
    for round_ in range(ROUNDS):
        more_events(person)
        before = seen()
        process = begin_refresh()
        time.sleep(chance.uniform(0.0, 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += process.returncode == -signal.SIGKILL
        process.stdout.close()
        process.stderr.close()
        after = seen()
        assert after[0] == after[1]
        assert after[0] in (before[0], EVENTS * (round_ + 2)), "a half state was published"
        version = sync.refresh(now=now + timedelta(minutes=round_))
        assert version.events == EVENTS * (round_ + 2)
        assert seen() == (version.events, version.events)
        assert not list(store.folder().path.glob("*.part"))
    assert killed, "no round killed a running refresh"
