"""What the worker does for this room by the clock."""

import structlog
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status

from rapport.kit import clock
from rapport.trust import audit_seal, sessions

SILENCE = 60.0  # seconds; a worker says every twenty that it lives
ATTEMPTS = 5  # a job that takes its worker down with it must not do so for ever

log = structlog.get_logger("rapport.trust")


@app.periodic(cron="* * * * *")
@app.task(name="trust.seal_audit", queue="trust", queueing_lock="trust.seal_audit")
def seal_audit(timestamp: int) -> None:
    audit_seal.seal(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="trust.end_sessions", queue="trust", queueing_lock="trust.end_sessions")
def end_sessions(timestamp: int) -> None:
    sessions.end_left(now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="trust.rescue_stalled", queue="trust", queueing_lock="trust.rescue_stalled")
async def rescue_stalled(timestamp: int) -> None:
    """Jobs whose worker died in the middle are put back in line: nobody else would touch them."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE):
        await _rescue(job)


async def _rescue(job: Job) -> None:
    again = job.attempts < ATTEMPTS
    if again:
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            again = False  # the next round of the same job waits already and will do this one's work
    if not again:
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
    log.warning("job_stalled", task=job.task_name, attempt=job.attempts, state="again" if again else "dropped")
