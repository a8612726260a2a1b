"""The migrated database of a run: made once beside the collecting of the tests, and copied by each worker.

To migrate from nothing costs seven seconds of processor time, to copy what was migrated a fifth of one. A run without workers
needs one database and makes it for itself.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import django
import psycopg
from django.db import connection

from rapport.kit import loading

NAME = "rapport_test_template"
PATIENCE = 120.0  # seconds
_maker: list[subprocess.Popen[bytes]] = []  # in the first process alone


def begin() -> None:
    """Start the making; called once, before there are workers."""
    with _place("log").open("wb") as log:
        _maker.append(subprocess.Popen([sys.executable, "-m", "tests.template"], stdout=log, stderr=log))


def use() -> None:
    """Wait for it, and let the test database of this process be its copy; in a run that makes none, migrate."""
    if not _place("log").exists():
        return
    until = time.monotonic() + PATIENCE
    while not _place("done").exists():
        if _place("failed").exists() or time.monotonic() > until:
            raise RuntimeError(f"The database that all workers copy was not made:\n{_place('log').read_text()[-3000:]}")
        time.sleep(0.1)
    connection.settings_dict["TEST"]["TEMPLATE"] = NAME


def end() -> None:
    """Take the template away; its maker belongs to this process and is waited for."""
    while _maker:
        _maker.pop().wait()
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {NAME}".encode())


def make() -> None:
    """In a process of its own: the database, then the word that it is there."""
    try:
        with loading.undisturbed():
            django.setup()
        connection.settings_dict["TEST"]["NAME"] = NAME
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
    except BaseException:
        _place("failed").touch()
        raise
    _place("done").touch()


def _place(what: str) -> Path:
    return Path(os.environ["RAPPORT_HOME"]) / f"template.{what}"


if __name__ == "__main__":
    make()
