"""Ports and the first answer of the web server."""

import http.client
import socket
import time
from collections.abc import Callable

TRIES = 20


class PortTaken(RuntimeError):
    """Another program listens there."""


def free_port(host: str, *, wanted: int, strict: bool) -> int:
    """`wanted` when it is free; the next free one unless `strict`."""
    for port in [wanted] if strict else range(wanted, wanted + TRIES):
        if _is_free(host, port):
            return port
    if strict:
        raise PortTaken(
            f"Port {wanted} is taken by another program. Choose another: make run ARGS='--port {wanted + 1}'"
        )
    raise PortTaken(f"The ports {wanted} to {wanted + TRIES - 1} are all taken.")


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
