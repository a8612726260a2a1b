"""Kill -9 of the writer of the warehouse, BENCH_KILLS (100) times, while a feeder writes and a reader reads.

A record of 2,000 people with 20 events each; see `_killing` for what is examined. Ends with counts; a half state or a loss fails.
"""

import os
import random
from collections.abc import Callable
from typing import Any

from bench import _killing, _warehouse


def run(report: Callable[..., None]) -> dict[str, Any]:
    """Examine, seeded."""
    _warehouse.fill(people=2_000, events_each=20, report=report)
    kills = int(os.environ.get("BENCH_KILLS", "100"))
    return _killing.examine(kills=kills, report=report, chance=random.Random(int(os.environ.get("BENCH_SEED", "7"))))
