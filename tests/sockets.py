"""No test may talk to another machine: connections and look-ups beyond loopback are refused."""

import ipaddress
import socket
from typing import Any

import dns.resolver

LOCAL_NAMES = {"localhost", "localhost.localdomain", "ip6-localhost", "testserver", ""}


class BeyondLoopback(RuntimeError):
    """A test tried to reach another machine."""


def fence() -> None:
    """Refuse from here on. Calling it twice changes nothing."""
    if getattr(socket.socket.connect, "_fenced", False):
        return
    plain = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}
    look_up = socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> Any:
        _check(self, address)
        return plain["connect"](self, address)

    def connect_ex(self: socket.socket, address: Any) -> Any:
        _check(self, address)
        return plain["connect_ex"](self, address)

    def sendto(self: socket.socket, *words: Any) -> Any:
        _check(self, words[-1])
        return plain["sendto"](self, *words)

    def getaddrinfo(host: Any, *words: Any, **named: Any) -> Any:
        if host is not None and not _is_local(host):
            raise BeyondLoopback(f"A test tried to look up {host!r}.")
        return look_up(host, *words, **named)

    connect._fenced = True  # type: ignore[attr-defined]
    for name, guarded in {"connect": connect, "connect_ex": connect_ex, "sendto": sendto}.items():
        setattr(socket.socket, name, guarded)
    socket.getaddrinfo = getaddrinfo
    dns.resolver.Resolver.read_resolv_conf = _no_name_server


def _no_name_server(self: dns.resolver.Resolver, file: Any) -> None:
    """A name server of this machine may stand on loopback and ask the whole world."""
    raise dns.resolver.NoResolverConfiguration


def _check(one: socket.socket, address: Any) -> None:
    if one.family in {socket.AF_INET, socket.AF_INET6} and not _is_local(address[0]):
        raise BeyondLoopback(f"A test tried to reach {address[0]!r}.")


def _is_local(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name.lower() in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback or name in {"0.0.0.0", "::"}
    except ValueError:
        return False
