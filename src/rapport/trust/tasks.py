"""What the worker does for this room by the clock."""

from procrastinate.contrib.django import app

from rapport.kit import clock
from rapport.trust import audit_seal, sessions


@app.periodic(cron="* * * * *")
@app.task(name="trust.seal_audit", queue="trust", queueing_lock="trust.seal_audit")
def seal_audit(timestamp: int) -> None:
    audit_seal.seal(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="trust.end_sessions", queue="trust", queueing_lock="trust.end_sessions")
def end_sessions(timestamp: int) -> None:
    sessions.end_left(now=clock.now())
