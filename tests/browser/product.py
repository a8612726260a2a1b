"""The product itself, started as a new user starts it, once for all browser tests of a run.

The first worker that asks starts `rapport run` in a home of its own; the others find its address; the last one stops it.
"""

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

PATIENCE = 240.0
_ours: list[subprocess.Popen[bytes]] = []  # held until the end: a forgotten child is a warning, and warnings are errors


@dataclass(frozen=True)
class Product:
    """A running installation with the demo clinic."""

    url: str
    home: Path

    def is_new(self, words: str) -> bool:
        """True for the first who asks about these words, in whatever process."""
        seen = self.home.parent / "seen"
        seen.mkdir(exist_ok=True)
        try:
            (seen / hashlib.sha256(words.encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


@contextmanager
def shared(place: Path, me: str) -> Iterator[Product]:
    """The running product; started when nobody did, stopped when nobody needs it."""
    place.mkdir(exist_ok=True)
    users = place / "users"
    users.mkdir(exist_ok=True)
    (users / me).touch()
    home = place / "home"
    with _alone(place):
        if not (place / "pid").exists():
            _ours.append(started := _start(home, place))
            (place / "pid").write_text(str(started.pid))
    try:
        yield Product(url=_address(home, place), home=home)
    finally:
        (users / me).unlink(missing_ok=True)
        with _alone(place):
            if not any(users.iterdir()) and (place / "pid").exists():
                _stop(int((place / "pid").read_text()))
                (place / "pid").unlink()


def _start(home: Path, place: Path) -> subprocess.Popen[bytes]:
    kept = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "RAPPORT_PROCESS", "DJANGO_SETTINGS_MODULE"}
    }
    with (place / "product.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "rapport.cli", "run"],
            env={**kept, "RAPPORT_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _address(home: Path, place: Path) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if (home / "ready").exists():
            url = (home / "ready").read_text().strip().replace("localhost", "127.0.0.1")
            with urlopen(url + "/account/login/", timeout=20) as answer:
                assert answer.status == 200
            return url
        time.sleep(0.3)
    raise RuntimeError("the product did not come up:\n" + (place / "product.log").read_text()[-3000:])


def _stop(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    for _ in range(300):
        for one in _ours:
            one.poll()
        if _is_gone(pid):
            return
        time.sleep(0.1)
    os.killpg(pid, signal.SIGKILL)


def _is_gone(pid: int) -> bool:
    """True also for a child of another worker that has ended and that nobody has waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
