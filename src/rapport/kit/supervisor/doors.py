"""Ports and the first answer of the web server."""

import fcntl
import http.client
import os
import socket
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TRIES = 20


class PortTaken(RuntimeError):
    """Another program listens there."""


@dataclass(frozen=True)
class Port:
    """A port that is free, and that no other installation on this computer takes until it is let go.

    The one that is to listen there begins long after the port was chosen; two installations that start at once would choose the
    same one, and the second would take the answers of the first for its own.
    """

    number: int
    _mark: int

    def let_go(self) -> None:
        os.close(self._mark)


def take(host: str, *, wanted: int, strict: bool) -> Port:
    """`wanted` when it is free; the next free one unless `strict`. Raises PortTaken."""
    for number in [wanted] if strict else range(wanted, wanted + TRIES):
        mark = _marked(number)
        if mark is None:
            continue
        if _is_free(host, number):
            return Port(number, mark)
        os.close(mark)
    if strict:
        raise PortTaken(
            f"Port {wanted} is taken by another program. Choose another: make run ARGS='--port {wanted + 1}'"
        )
    raise PortTaken(f"The ports {wanted} to {wanted + TRIES - 1} are all taken.")


def _marked(port: int) -> int | None:
    """A file that is locked while an installation has this port; None when another one has it."""
    name = Path(tempfile.gettempdir()) / f"rapport-port-{port}"
    try:
        mark = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:  # another user's, who may be gone; whether the port is free is then all that we can know
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(mark)
        return None
    return mark


def answers(host: str, port: int, *, patience: float, given_up: Callable[[], bool]) -> bool:
    """True at the first HTTP answer that isn't a server error."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and not given_up():
        connection = http.client.HTTPConnection(_reachable(host), port, timeout=10)
        try:
            connection.request("GET", "/account/login/", headers={"Host": f"localhost:{port}"})
            if connection.getresponse().status < 500:
                return True
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    return False


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError:
            return False
    return True


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
