"""What the worker does for this room by the clock."""

from procrastinate.contrib.django import app

from rapport.kit import clock
from rapport.messaging import receipts


@app.periodic(cron="20 6 * * *")
@app.task(name="messaging.make_months", queue="messaging", queueing_lock="messaging.make_months")
def make_months(timestamp: int) -> None:
    receipts.make_months(now=clock.now())
