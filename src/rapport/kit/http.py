"""The one client for calls to the outside. Nothing else in the house speaks HTTP to anybody (tests/house holds it).

- A name is resolved once, every address it has must be public, and the line goes to the address that was looked at: neither a
  private address nor a name that changes its mind can lead inside.
- Redirects are not followed, proxies of the environment are not asked, every call has a time limit, answers are cut at a size.
- Loopback is open only for a caller that says so (`Client(loopback=True)`): the embedded phone.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import httpcore
import httpx
import msgspec

LARGEST = 1_000_000  # bytes of an answer
_SCHEMES = {"https", "http"}


class Forbidden(ConnectionError):
    """The address is not one that we call: private, or in clear text."""


class Unreachable(ConnectionError):
    """No line came about: surely nothing was handed over."""


class Broken(ConnectionError):
    """The line broke after the request began to leave: nobody knows whether it was taken."""


class Answer(msgspec.Struct, frozen=True):
    """What the other side said. `headers` have small names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Keeps its lines open between calls; safe to share between threads."""

    def __init__(self, *, loopback: bool = False) -> None:
        self._loopback = loopback
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    def get(self, url: str, *, timeout: float, headers: Mapping[str, str] | None = None) -> Answer:
        return self._call("GET", url, timeout=timeout, headers=headers)

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str],
        timeout: float,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a form. Raises Forbidden, Unreachable or Broken."""
        return self._call("POST", url, timeout=timeout, headers=headers, data=dict(form), auth=auth)

    def post_bytes(self, url: str, *, body: bytes, timeout: float, headers: Mapping[str, str] | None = None) -> Answer:
        """Send bytes as they are. Raises Forbidden, Unreachable or Broken."""
        return self.carry("POST", url, body=body, headers=headers or {}, timeout=timeout)

    def carry(self, method: str, url: str, *, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
        """A request that a library has written, as it is. Raises Forbidden, Unreachable or Broken."""
        return self._call(method, url, timeout=timeout, headers=headers, content=body)

    def hang_up(self) -> None:
        """Close every line."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _call(self, method: str, url: str, *, timeout: float, **more: Any) -> Answer:
        parts = httpx.URL(url)
        if parts.scheme not in _SCHEMES or not parts.host:
            raise Forbidden(f"“{parts.scheme}” is no way to call anybody")
        if parts.scheme == "http" and not (self._loopback and is_loopback(parts.host)):
            raise Forbidden("only encrypted lines lead outside")
        try:
            with self._ready().stream(method, url, timeout=timeout, **more) as answer:
                body = _body(answer.iter_bytes())
                return Answer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, body)
        except Forbidden:
            raise
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as gone:
            raise Unreachable(type(gone).__name__) from None
        except httpx.HTTPError as broken:
            raise Broken(type(broken).__name__) from None

    def _ready(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(
                    transport=_Transport(loopback=self._loopback), follow_redirects=False, trust_env=False
                )
            return self._client


class _Transport(httpx.HTTPTransport):
    """The ordinary transport over a guarded way to connect."""

    def __init__(self, *, loopback: bool) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=20,
            max_keepalive_connections=5,
            keepalive_expiry=5.0,
            network_backend=_Guard(loopback=loopback),
        )


class _Guard(httpcore.SyncBackend):
    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as unknown:
            raise httpcore.ConnectError(type(unknown).__name__) from None
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        if not all(may_call(one, loopback=self._loopback) for one in addresses):
            raise Forbidden("this name leads to a private address")
        return super().connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise Forbidden("a socket in the file system is not outside")


def may_call(address: str, *, loopback: bool = False) -> bool:
    """Whether an address is public (or loopback, where that is asked for)."""
    try:
        one = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    mapped = getattr(one, "ipv4_mapped", None)
    one = mapped or one
    if one.is_loopback:
        return loopback
    return one.is_global and not one.is_multicast


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this very machine."""
    return host == "localhost" or (may_call(host, loopback=True) and not may_call(host))


def _body(pieces: Iterable[bytes]) -> bytes:
    kept = b""
    for piece in pieces:
        kept += piece
        if len(kept) > LARGEST:
            raise httpx.DecodingError("the answer is too long")
    return kept
