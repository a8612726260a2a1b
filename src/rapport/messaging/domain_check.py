"""Whether the world may believe our mail: SPF, DKIM, DMARC and MX of the sending domain, asked in the DNS, each with its remedy.

- SPF (RFC 7208): one record, with an end that is not “+all”, at most ten look-ups.
- Relay: the record speaks for the addresses of the relay we hand our mail to.
- DKIM (RFC 6376): the key under our selector is the one we sign with.
- DMARC (RFC 7489): a policy that does something, on the domain itself or on the organisational domain above it.
- Alignment: something that passes speaks for the very domain in From, without which DMARC fails; a forwarded message keeps only
  its signature.
- MX: bounces and answers can come back.

The question leaves the house, so it is asked by a person or once a day, never by a send.
"""

import ipaddress
from collections.abc import Callable
from datetime import datetime
from typing import Literal

import dns.exception
import dns.resolver
import msgspec
from django.conf import settings

from rapport.kit import http
from rapport.messaging import signing_key, spf

State = Literal["good", "warn", "bad", "unknown"]
LOOKUPS = spf.LOOKUPS
SECONDS = 4.0


class DnsRecord(msgspec.Struct, frozen=True):
    """One thing asked: what was found, how it stands, and the line to publish where something is missing."""

    name: str
    state: State
    said: str
    publish: str = ""


class DomainCheck(msgspec.Struct, frozen=True):
    """All that was asked about one domain at one moment."""

    domain: str
    at: datetime
    records: tuple[DnsRecord, ...]

    @property
    def ok(self) -> bool:
        return all(one.state in {"good", "warn"} for one in self.records)


class _Silent(LookupError):
    """The DNS did not answer: nothing is known, which is not the same as nothing being there."""


class _Dns:
    """The name servers, asked one thing after another; once they have let us wait in vain, nothing more is asked of them."""

    def __init__(self, resolver: dns.resolver.Resolver | None) -> None:
        self._silent = ""
        try:
            self._resolver = resolver or dns.resolver.Resolver()
            self._resolver.lifetime = SECONDS
        except dns.resolver.NoResolverConfiguration:
            self._silent = "this computer knows no name server"

    def texts(self, name: str) -> list[str]:
        return [b"".join(one.strings).decode("utf-8", "replace") for one in self._ask(name, "TXT")]

    def exchangers(self, name: str) -> list[str]:
        return [str(one.exchange).rstrip(".") for one in self._ask(name, "MX")]

    def addresses(self, name: str) -> list[str]:
        try:
            return [str(ipaddress.ip_address(name))]
        except ValueError:
            return [str(one.address) for kind in ("A", "AAAA") for one in self._ask(name, kind)]

    def _ask(self, name: str, kind: str) -> list:
        if self._silent:
            raise _Silent(self._silent)
        try:
            return list(self._resolver.resolve(name, kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.Timeout:
            self._silent = f"nothing within {SECONDS:g} s"
            raise _Silent(self._silent) from None
        except dns.exception.DNSException as silent:
            raise _Silent(type(silent).__name__) from None


def check(*, domain: str, now: datetime, resolver: dns.resolver.Resolver | None = None) -> DomainCheck:
    """Ask about a domain. `resolver`: another than the one of this computer."""
    asked = _Dns(resolver)
    ways: tuple[tuple[str, Callable[[_Dns, str], DnsRecord]], ...] = (
        ("SPF", _spf), ("Relay", _relay), ("DKIM", _dkim), ("DMARC", _dmarc), ("MX", _mx),
    )  # fmt: skip
    found = {name: _asked(name, way, asked, domain) for name, way in ways}
    found["Alignment"] = _aligned(found, domain)
    return DomainCheck(domain, now, tuple(found.values()))


def _asked(name: str, way: Callable[[_Dns, str], DnsRecord], asked: _Dns, domain: str) -> DnsRecord:
    try:
        return way(asked, domain)
    except _Silent as silent:
        return DnsRecord(name, "unknown", f"The DNS did not answer ({silent}). Try again.")


def _spf(asked: _Dns, domain: str) -> DnsRecord:
    found = [one for one in asked.texts(domain) if one.lower().split(" ")[0] == "v=spf1"]
    include = f"v=spf1 a:{settings.SMTP_HOST} -all"
    line = f'{domain}. TXT "{include}"'
    if not found:
        return DnsRecord("SPF", "bad", "No record: any host may write in this name.", line)
    if len(found) > 1:
        return DnsRecord(
            "SPF", "bad", "Two records; receivers then ignore both. Keep one.", f'{domain}. TXT "{found[0]}"'
        )
    terms = found[0].lower().split()[1:]
    if any(one in {"+all", "all", "?all"} for one in terms):
        return DnsRecord("SPF", "bad", "The record lets every host write in this name.", line)
    if not any(one in {"-all", "~all"} or one.startswith("redirect=") for one in terms):
        return DnsRecord("SPF", "warn", "The record has no end; add “-all”.", f'{domain}. TXT "{found[0]} -all"')
    if _lookups(asked, terms, 0) > LOOKUPS:
        return DnsRecord("SPF", "bad", f"More than {LOOKUPS} look-ups: receivers give up.", "")
    return DnsRecord("SPF", "good", found[0])


def _relay(asked: _Dns, domain: str) -> DnsRecord:
    """Where our mail leaves the house, as far as that is known: where the relay takes it."""
    if settings.MAIL_PROVIDER:
        said = f"{settings.MAIL_PROVIDER} sends from addresses of its own, under a return path of its own."
        return DnsRecord("Relay", "warn", said)
    if http.is_loopback(settings.SMTP_HOST):
        return DnsRecord("Relay", "warn", "Mail ends in the embedded mailbox; there is no relay yet.")
    addresses = asked.addresses(settings.SMTP_HOST)
    if not addresses:
        return DnsRecord("Relay", "bad", f"The relay {settings.SMTP_HOST} has no address.")
    answers = {one: spf.says(asked, domain, one) for one in addresses}
    left_out = [one for one, answer in answers.items() if answer not in {"pass", "unknown"}]
    if left_out:
        said = f"The SPF record does not speak for our relay ({', '.join(left_out)}): mail that it sends from there fails SPF."
        added = " ".join(f"ip{ipaddress.ip_address(one).version}:{one}" for one in left_out)
        return DnsRecord("Relay", "warn", said, f'{domain}. TXT "v=spf1 {added} … -all"')
    if "unknown" in answers.values():
        return DnsRecord(
            "Relay", "warn", "The SPF record asks for more than an address; send a letter to yourself to see."
        )
    return DnsRecord("Relay", "good", f"The SPF record speaks for {', '.join(addresses)}.")


def _aligned(found: dict[str, DnsRecord], domain: str) -> DnsRecord:
    """Our return path and our signature are of the domain in From itself, so they align in both modes of DMARC, if they pass."""
    if settings.MAIL_PROVIDER:
        said = f"{settings.MAIL_PROVIDER} must sign with a key of {domain}: set that up there, or DMARC fails."
        return DnsRecord("Alignment", "warn", said)
    if found["DKIM"].state == "good":
        return DnsRecord("Alignment", "good", f"Our signature speaks for {domain} itself.")
    if "unknown" in {found["DKIM"].state, found["Relay"].state, found["SPF"].state}:
        return DnsRecord("Alignment", "unknown", "Part of the DNS did not answer. Try again.")
    if found["Relay"].state == "good" and found["SPF"].state == "good":
        return DnsRecord(
            "Alignment", "warn", "Only SPF speaks for the domain: mail that is forwarded fails DMARC. Sign it."
        )
    state: State = "bad" if found["DKIM"].state == "bad" else "warn"
    return DnsRecord(
        "Alignment", state, "Neither our signature nor SPF surely speaks for the domain: DMARC may fail everywhere."
    )


def _lookups(asked: _Dns, terms: list[str], depth: int) -> int:
    """How many questions a receiver has to ask for this record."""
    counted = 0
    for term in (one.lstrip("+-~?") for one in terms):
        name = term.partition(":")[2] or term.partition("=")[2]
        if term.split(":")[0].split("/")[0] in {"a", "mx", "ptr", "exists"}:
            counted += 1
        elif term.startswith(("include:", "redirect=")):
            counted += 1
            inner = (
                next((one for one in asked.texts(name) if one.lower().startswith("v=spf1")), "")
                if depth < LOOKUPS
                else ""
            )
            counted += _lookups(asked, inner.lower().split()[1:], depth + 1) if counted <= LOOKUPS else 0
    return counted


def _dkim(asked: _Dns, domain: str) -> DnsRecord:
    ours = signing_key.public_half()
    if ours is None:
        return DnsRecord("DKIM", "warn", "This installation does not sign; the relay or provider must.")
    name = f"{ours.selector}._domainkey.{domain}"
    line = f'{name}. TXT "{ours.record()}"'
    found = [_tags(one) for one in asked.texts(name)]
    keys = [one.get("p", "").replace(" ", "") for one in found if "p" in one]
    if not keys:
        return DnsRecord("DKIM", "bad", f"No key is published under the selector “{ours.selector}”.", line)
    if ours.letters not in keys:
        return DnsRecord("DKIM", "bad", "The published key is not the one we sign with: every signature fails.", line)
    if any("y" in one.get("t", "").split(":") for one in found):
        return DnsRecord("DKIM", "warn", "The key is marked as a test (t=y); receivers may ignore it.", line)
    return DnsRecord("DKIM", "good", f"Our key is published under “{ours.selector}”.")


def _dmarc(asked: _Dns, domain: str) -> DnsRecord:
    line = f'_dmarc.{domain}. TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}"'
    labels = domain.split(".")
    for parent in [domain, *(".".join(labels[at:]) for at in range(1, len(labels) - 1))]:
        found = [_tags(one) for one in asked.texts(f"_dmarc.{parent}") if one.lower().startswith("v=dmarc1")]
        if not found:
            continue
        if len(found) > 1:
            return DnsRecord("DMARC", "bad", "Two records; receivers then ignore both.", line)
        policy = found[0].get("sp" if parent != domain and "sp" in found[0] else "p", "none").lower()
        if policy == "none":
            return DnsRecord("DMARC", "warn", "The policy is “none”: forged mail is only counted.", line)
        return DnsRecord("DMARC", "good", f"The policy of {parent} is “{policy}”.")
    return DnsRecord("DMARC", "bad", "No record: large mailbox hosts refuse bulk mail without one.", line)


def _mx(asked: _Dns, domain: str) -> DnsRecord:
    found = asked.exchangers(domain)
    if not found:
        return DnsRecord(
            "MX",
            "bad",
            "Nothing takes mail for this domain: bounces and answers are lost.",
            f"{domain}. MX 10 mail.{domain}.",
        )
    if found == [""]:
        return DnsRecord(
            "MX", "bad", "The domain says that it takes no mail (null MX).", f"{domain}. MX 10 mail.{domain}."
        )
    return DnsRecord("MX", "good", ", ".join(sorted(found)))


def _tags(text: str) -> dict[str, str]:
    """`v=DMARC1; p=none` as names and values."""
    pairs = (one.partition("=") for one in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}
