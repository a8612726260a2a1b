"""The examination of the send at a small size, as its command runs it: real processes, kills, a database of its own, a judge outside."""

import json
import subprocess
import sys

import pytest

PROMISES = ("doubles", "lost", "misfiled", "without_receipt", "late_withdrawals")


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_under_kills_stops_and_crashes_nobody_gets_it_twice_and_nobody_is_forgotten():
    words = "--recipients 600 --kills 5 --stops 1 --naps 3 4 --crashes 1 --withdrawals 6 --json --first-seed 11"
    done = subprocess.run(
        [sys.executable, "-m", "exam.send", *words.split()], capture_output=True, text=True, timeout=220
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert {name: told[name] for name in PROMISES} == dict.fromkeys(PROMISES, 0), done.stderr[-2000:]
    assert told["broken"] == []
    assert done.returncode == 0
    assert told["kills"] >= 5
    assert (told["stops"], told["crashes"]) == (1, 1)
    assert told["unknown"] <= told["in_flight"]
    assert told["runs"][0]["states"]["sent"] > 300


def test_the_judge_finds_what_is_wrong(tmp_path):
    """A relay's book with a double and a loss: the examination is no rubber stamp."""
    import argparse

    from exam import send as exam

    found = {
        "doubles": 1,
        "lost": 0,
        "misfiled": 0,
        "without_receipt": 0,
        "unknown": 3,
        "in_flight": 5,
        "late_withdrawals": 0,
    }
    run = {"recipients": 9, "withdrawals": 0, "kills": 1, "stops": 0, "crashes": 0, "took_seconds": 1.0, **found}
    assert exam._told(argparse.Namespace(json=True), [run]) == 1
    assert exam._told(argparse.Namespace(json=True), [{**run, "doubles": 0}]) == 0
    assert exam._told(argparse.Namespace(json=True), [{**run, "doubles": 0, "in_flight": 2}]) == 1
    assert exam._is_lost("sent", was_taken=False)
    assert exam._is_lost("claimed", was_taken=True)
    assert not exam._is_lost("unknown", was_taken=False)
