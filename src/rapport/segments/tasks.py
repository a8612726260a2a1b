"""Coarse jobs of the segments room."""

from procrastinate.contrib.django import app

from rapport.kit import clock
from rapport.segments import sync


@app.periodic(cron="* * * * *")
@app.task(name="segments.refresh_warehouse", queue="warehouse", queueing_lock="warehouse-refresh")
def refresh_warehouse(timestamp: int) -> None:
    """The warehouse catches up once a minute, also where nobody else asks for it."""
    sync.keep_fresh(now=clock.now())
