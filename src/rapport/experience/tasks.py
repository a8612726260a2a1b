"""What the worker does for this room by the clock."""

from procrastinate.contrib.django import app

from rapport.experience import optin
from rapport.kit import clock
from rapport.trust.actors import System


@app.periodic(cron="40 5 * * *")
@app.task(name="experience.forget_old", queue="experience", queueing_lock="experience.forget_old")
def forget_old(timestamp: int) -> None:
    optin.forget_old(by=System("worker"), now=clock.now())
