"""What the worker does for this room by the clock."""

from procrastinate.contrib.django import app

from rapport.kit import clock
from rapport.people import timeline


@app.periodic(cron="10 6 * * *")
@app.task(name="people.make_months", queue="people", queueing_lock="people.make_months")
def make_months(timestamp: int) -> None:
    timeline.make_months(now=clock.now())
