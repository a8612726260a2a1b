"""Whether an SPF record speaks for an address (RFC 7208, section 5), as far as it can be told without a message in hand.

A mechanism that asks for more than an address (`exists`, `ptr`, macros) is left out of the answer and said to be.
"""

import ipaddress
from typing import Protocol

import msgspec

LOOKUPS = 10
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Asked(Protocol):
    """The DNS."""

    def texts(self, name: str) -> list[str]: ...
    def exchangers(self, name: str) -> list[str]: ...
    def addresses(self, name: str) -> list[str]: ...


class _Left(msgspec.Struct):
    """How many questions may still be asked, and whether something could not be judged."""

    lookups: int = LOOKUPS
    is_open: bool = False


def says(asked: Asked, domain: str, address: str) -> str:
    """pass, fail, softfail, neutral, or unknown where the record asks for what can't be known here."""
    left = _Left()
    said = _record(asked, domain, ipaddress.ip_address(address), left)
    return "unknown" if left.is_open and said != "pass" else said


def _record(asked: Asked, domain: str, address: Address, left: _Left) -> str:
    found = [one for one in asked.texts(domain) if one.lower().split(" ")[0] == "v=spf1"]
    if len(found) != 1:
        return "neutral"
    terms = found[0].split()[1:]
    for term in terms:
        qualifier = term[0] if term[0] in "+-~?" else "+"
        if _meets(asked, term.lstrip("+-~?"), domain, address, left):
            return {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}[qualifier]
    onward = next((one.partition("=")[2] for one in terms if one.lower().startswith("redirect=")), "")
    if onward and _may_ask(left):
        return _record(asked, onward, address, left)
    return "neutral"


def _meets(asked: Asked, term: str, domain: str, address: Address, left: _Left) -> bool:
    kind, _, value = term.partition(":")
    kind = kind.lower()
    if "%" in term or kind.split("/")[0] in {"exists", "ptr"}:
        left.is_open = True
        return False
    if kind == "all":
        return True
    if kind in {"ip4", "ip6"}:
        return _within(address, value)
    if kind == "include":
        return _may_ask(left) and _record(asked, value, address, left) == "pass"
    base, _, mask = kind.partition("/")  # a, a/24, mx//64: of this domain; a:host/24: of another
    host = domain
    if value:
        host, _, mask = value.partition("/")
    if base not in {"a", "mx"} or not _may_ask(left):
        return False
    hosts = [host] if base == "a" else asked.exchangers(host)[:LOOKUPS]
    of_4, _, of_6 = mask.partition("//") if not mask.startswith("/") else ("", "", mask[1:])
    bits = of_4 if address.version == 4 else of_6
    return any(_within(address, f"{one}/{bits}" if bits else one) for each in hosts for one in asked.addresses(each))


def _within(address: Address, network: str) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _may_ask(left: _Left) -> bool:
    left.lookups -= 1
    return left.lookups >= 0
