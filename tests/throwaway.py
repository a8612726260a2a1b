"""The database of a test run: one throw-away cluster, made by the first process and shared with its workers.

`RAPPORT_TEST_DATABASE_URL` names a server to use in its place; its role needs CREATEDB.
"""

import atexit
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from rapport.kit import home, postgres

PREFIX = "rapport-test-"
ABANDONED_AFTER = 3600.0


def prepare() -> None:
    """Point the environment at the test server before Django reads its settings."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return  # the first process did it, and its environment came with us
    if "django.conf" in sys.modules and sys.modules["django.conf"].settings.configured:
        raise pytest.UsageError(
            "Django was set up before the test database; unset DJANGO_SETTINGS_MODULE and try again."
        )
    _sweep()
    place = home.find(tempfile.mkdtemp(prefix=PREFIX))
    (place.root / "static").mkdir()  # the static-file middleware wants to see it; tests serve from the sources
    os.environ["RAPPORT_HOME"] = str(place.root)
    given = os.environ.get("RAPPORT_TEST_DATABASE_URL")
    if given:
        os.environ["DATABASE_URL"] = given
        atexit.register(postgres.destroy, place)
        return
    os.environ.pop("DATABASE_URL", None)
    cluster = postgres.start(place, throw_away=True)
    atexit.register(_put_away, cluster, os.getpid())
    os.environ["DATABASE_URL"] = cluster.url


def _put_away(cluster: postgres.Cluster, owner: int) -> None:
    if os.getpid() == owner:
        cluster.stop(guest_patience=0)
        postgres.destroy(cluster.home)


def _sweep() -> None:
    """Remove what killed runs left, once it is surely nobody's."""
    for left in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        if (
            left.is_dir()
            and time.time() - left.stat().st_mtime > ABANDONED_AFTER
            and left.stat().st_uid == os.geteuid()
        ):
            try:
                postgres.start(home.find(left), throw_away=True, share=False, patience=0).stop(guest_patience=0)
            except postgres.ClusterInUse:
                continue
            except Exception:  # noqa: BLE001 - half-made leftovers can't start; they are removed all the same
                pass
            postgres.destroy(home.find(left))
