"""Jobs whose worker died are put back in line, and nothing that is alive is touched."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from rapport.trust import tasks

pytestmark = pytest.mark.django_db(transaction=True)


def sql(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def worker(*, silent_for: int) -> int:
    return sql(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id",
        silent_for,
    )[0][0]


def job_of(worker_id: int | None, *, attempts: int = 0) -> int:
    made = tasks.end_sessions.defer(timestamp=0)
    sql(
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s WHERE id = %s",
        worker_id,
        attempts,
        made,
    )
    return made


def state(job: int) -> str:
    return sql("SELECT status::text FROM procrastinate_jobs WHERE id = %s", job)[0][0]


def rescue() -> None:
    """As the worker does it: a thread and a loop of its own (the browser's loop may be running in ours), its own connection."""

    async def there() -> None:
        with app.replace_connector(DjangoConnector().get_worker_connector()):
            async with app.open_async():
                await tasks.rescue_stalled.func(timestamp=0)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, there()).result(timeout=30)


def test_the_job_of_a_worker_that_fell_silent_waits_again():
    job = job_of(worker(silent_for=120))
    rescue()
    assert state(job) == "todo"
    assert sql("SELECT attempts FROM procrastinate_jobs WHERE id = %s", job) == [(1,)]


def test_the_job_of_a_worker_that_was_struck_off_waits_again():
    job = job_of(None)
    rescue()
    assert state(job) == "todo"


def test_the_job_of_a_worker_that_lives_is_left_to_it():
    job = job_of(worker(silent_for=15))
    rescue()
    assert state(job) == "doing"


def test_where_the_next_round_waits_already_the_stalled_one_is_dropped_and_the_others_are_still_rescued():
    stalled = job_of(worker(silent_for=120))
    other = job_of(worker(silent_for=120))
    next_round = tasks.end_sessions.defer(timestamp=60)
    sql("UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = %s", other)
    rescue()
    assert (state(stalled), state(next_round), state(other)) == ("failed", "todo", "todo")


def test_a_job_that_took_down_five_workers_is_given_up():
    job = job_of(worker(silent_for=120), attempts=5)
    rescue()
    assert state(job) == "failed"
