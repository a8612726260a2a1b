"""What the worker does for this room by the clock."""

from procrastinate.contrib.django import app

from rapport.integrations.mail import fetching
from rapport.kit import clock
from rapport.trust.actors import System


@app.periodic(cron="* * * * *")
@app.task(name="integrations.fetch_mail", queue="integrations", queueing_lock="integrations.fetch_mail")
def fetch_mail(timestamp: int) -> None:
    fetching.fetch(by=System("mail-fetch"), clock=clock.now)
