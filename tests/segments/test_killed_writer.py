"""Kill -9 of the writer at random moments: readers keep a whole version, nothing is lost, the next refresh completes.

Here a few kills, one in each step; `make bench ARGS="kills"` does a hundred.
"""

import os
import random

import pytest

from bench import _killing
from bench._killed import STEPS
from rapport.segments import store, sync, tables
from tests import people_cast
from tests.generative.test_warehouse import from_nothing, rows

KILLS = int(os.environ.get("KILL_ROUNDS", "9"))


@pytest.mark.usefixtures("warehouse")
def test_a_killed_writer_leaves_whole_versions_and_the_next_refresh_completes(now):
    for _ in range(5):
        people_cast.person()
    found = _killing.examine(kills=KILLS, report=lambda *_: None, chance=random.Random(7))
    assert found["kills"] == found["completed_after_a_kill"] == KILLS
    assert found["reads"] > KILLS
    assert len(found["killed_in"]) > min(KILLS, len(STEPS)) / 3
    sync.refresh(now=now)
    seen, wanted = rows(store.snapshot().handle.cursor()), from_nothing(now)
    for table in tables.OF_PEOPLE:
        assert seen[table] == wanted[table], table
    assert not list(store.folder().path.glob("*.part"))
