"""The worker: turns the straight line (`flow.tick`) and, beside it, runs the coarse periodic jobs.

Where there is nothing to do it asks next to nothing: one thread watches whether anything was written (`kit.watch`) and wakes the
others; what is due by the clock alone is waited for (`flow.rest`).

Start as many as you like on any host with the same DATABASE_URL: every claim is `SKIP LOCKED`.
"""

import asyncio
import os
import signal
import socket
import threading
from contextlib import suppress
from time import monotonic

import structlog
from django.db import close_old_connections, connections
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.django_connector import DjangoConnector

from rapport import flow
from rapport.kit import clock
from rapport.kit.watch import Watch
from rapport.segments.membership.live import Follower
from rapport.trust.actors import System

NOTICE_EVERY, NOTICE_AT_LEAST, FAILURE_PAUSE, STOP_WITHIN = 0.2, 1.0, 2.0, 0.5
LEARN_EVERY, LEARN_AT_LEAST = 5.0, 20.0  # seconds; the second where nothing is written: a day passes, a window ends
RECKON_AT_LEAST = 300.0  # seconds: where nothing came in, visits change with the clock alone
FAREWELL = 20.0  # seconds that the threads beside have to finish what they hold, together

log = structlog.get_logger("rapport.worker")


def run() -> None:
    """Work until told to stop (SIGTERM, SIGINT); finish the batch in hand first."""
    stop, watch = threading.Event(), Watch()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    turning = watch.bell()
    beside = [
        threading.Thread(target=watch.keep, args=(stop,), name="watch", daemon=True),
        threading.Thread(target=_run_jobs, args=(stop,), name="jobs", daemon=True),
        threading.Thread(target=_keep_learning, args=(stop, watch.bell()), name="learn", daemon=True),
        threading.Thread(target=keep_noticing, args=(stop, watch.bell()), name="notice", daemon=True),
    ]
    for thread in beside:
        thread.start()
    _keep_turning(stop, turning)
    until = monotonic() + FAREWELL
    for thread in beside:
        thread.join(timeout=max(0.0, until - monotonic()))
        if thread.is_alive():
            log.warning("left_unfinished", step=thread.name)


def owner() -> str:
    """The name under which this process claims work; unique as long as it lives."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}"


def _keep_turning(stop: threading.Event, bell: threading.Event) -> None:
    me, by = owner(), System("worker")
    while not stop.is_set():
        bell.clear()
        try:
            done = flow.tick(owner=me, by=by, now=clock.now())
            rest = flow.rest(now=clock.now()) if done.idle else 0.0
        except Exception as error:  # noqa: BLE001 - one bad turn must not end the worker
            # The rows are still there: the next turn finds them. Say what kind of failure, never its text.
            log.error("turn_failed", error=type(error).__name__)
            close_old_connections()
            connections.close_all()
            stop.wait(FAILURE_PAUSE)
            continue
        _rest(stop, bell, rest)
    connections.close_all()


def _rest(stop: threading.Event, bell: threading.Event, seconds: float) -> None:
    """Until the bell rings, or so long. The last ring, at the end, may have been taken for an earlier one: then stop says so."""
    if not stop.is_set():
        bell.wait(seconds)


def _keep_learning(stop: threading.Event, bell: threading.Event) -> None:
    version, reckoned = None, 0.0
    while not stop.is_set():
        began = monotonic()
        bell.clear()
        try:
            newest = flow.learn_groups(now=clock.now())
            if newest != version or began - reckoned >= RECKON_AT_LEAST:
                flow.learn_visits(now=clock.now())
                version, reckoned = newest, began
        except Exception as error:  # noqa: BLE001 - what was not learnt now is learnt the next time
            log.error("learning_failed", error=type(error).__name__)
            connections.close_all()
        stop.wait(max(0.5, LEARN_EVERY - (monotonic() - began)))
        _rest(stop, bell, LEARN_AT_LEAST - LEARN_EVERY)
    connections.close_all()


def keep_noticing(stop: threading.Event, bell: threading.Event | None = None) -> None:
    """Who was written about is in the right segments within the second. Also what the benchmark of it runs.

    With a bell it looks when that rings, and once a second for those who could not be asked at once; without one, all the time.
    """
    follower = Follower()
    while not stop.is_set():
        began = monotonic()
        if bell is not None:
            bell.clear()
        try:
            flow.notice(by=follower, now=clock.now())
        except Exception as error:  # noqa: BLE001 - nothing is lost: the mark has not moved
            log.error("noticing_failed", error=type(error).__name__)
            connections.close_all()
            stop.wait(FAILURE_PAUSE)
        took = monotonic() - began
        stop.wait(max(NOTICE_EVERY - took, took / 2))  # also under load the other threads get their share
        if bell is not None:
            _rest(stop, bell, NOTICE_AT_LEAST)
    connections.close_all()


def _run_jobs(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            asyncio.run(_jobs_until(stop))
        except Exception as error:  # noqa: BLE001 - the database went away, or a job broke the loop: begin again
            log.error("jobs_failed", error=type(error).__name__)
        stop.wait(FAILURE_PAUSE)


async def _jobs_until(stop: threading.Event) -> None:
    """Run the periodic jobs until `stop` is set; the job in hand is finished.

    Signals reach the main thread alone, so Procrastinate can't hear them here: it is told by cancelling its task, which it
    takes as "finish, then end". Django's own connector can't be awaited; the one for workers has a small pool of its own.
    """
    with jobs.replace_connector(DjangoConnector().get_worker_connector()):
        async with jobs.open_async():
            working = asyncio.create_task(
                jobs.run_worker_async(
                    name=owner(),
                    install_signal_handlers=False,
                    listen_notify=True,  # a job begins when it is put in; asking is for where nobody can be told (a pooler)
                    fetch_job_polling_interval=5.0,
                    abort_job_polling_interval=60.0,
                    update_heartbeat_interval=20.0,  # each is a write, and wakes whoever waits for one
                    stalled_worker_timeout=60.0,
                    delete_jobs="successful",
                )
            )
            while not (stop.is_set() or working.done()):
                await asyncio.wait({working}, timeout=STOP_WITHIN)
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
