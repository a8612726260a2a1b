"""The worker: turns the straight line (`flow.tick`) and, beside it, runs the coarse periodic jobs.

Start as many as you like on any host with the same DATABASE_URL: every claim is `SKIP LOCKED`.
"""

import os
import signal
import socket
import threading
from time import monotonic

import structlog
from django.db import close_old_connections, connections
from procrastinate.contrib.django import app as jobs

from rapport import flow
from rapport.kit import clock
from rapport.trust.actors import System

PAUSE, LEARN_EVERY, FAILURE_PAUSE = 0.25, 5.0, 2.0

log = structlog.get_logger("rapport.worker")


def run() -> None:
    """Work until told to stop (SIGTERM, SIGINT); finish the batch in hand first."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    coarse = threading.Thread(target=_run_jobs, args=(stop,), name="jobs", daemon=True)
    learner = threading.Thread(target=_keep_learning, args=(stop,), name="learn", daemon=True)
    coarse.start()
    learner.start()
    _keep_turning(stop)
    learner.join(timeout=20)


def owner() -> str:
    """The name under which this process claims work; unique as long as it lives."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}"


def _keep_turning(stop: threading.Event) -> None:
    me, by = owner(), System("worker")
    while not stop.is_set():
        try:
            done = flow.tick(owner=me, by=by, now=clock.now())
        except Exception as error:
            # The rows are still there: the next turn finds them. Say what kind of failure, never its text.
            log.error("turn_failed", error=type(error).__name__)
            close_old_connections()
            connections.close_all()
            stop.wait(FAILURE_PAUSE)
            continue
        if done.idle:
            stop.wait(PAUSE)
    connections.close_all()


def _keep_learning(stop: threading.Event) -> None:
    while not stop.is_set():
        began = monotonic()
        try:
            flow.learn(now=clock.now())
        except Exception as error:
            log.error("learning_failed", error=type(error).__name__)
            connections.close_all()
        stop.wait(max(0.5, LEARN_EVERY - (monotonic() - began)))
    connections.close_all()


def _run_jobs(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with jobs.replace_connector(jobs.connector.get_worker_connector()) as worker_app:
                worker_app.run_worker(install_signal_handlers=False, listen_notify=False, fetch_job_polling_interval=2.0, wait=True)
        except Exception as error:
            log.error("jobs_failed", error=type(error).__name__)
            stop.wait(FAILURE_PAUSE)
