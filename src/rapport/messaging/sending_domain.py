"""The sending domain as the world's name servers know it: asked when a person says so, remembered, and believed for a day.

The question leaves the house (`domain_check`), so no page and no send asks it by itself.
"""

from datetime import datetime, timedelta

import dns.resolver
import msgspec
from django.db import transaction

from rapport.content.lint import SenderState
from rapport.messaging import domain_check, sender_days
from rapport.messaging.domain_check import DnsRecord
from rapport.messaging.models import DomainLook
from rapport.trust import audit
from rapport.trust.actors import Actor, account

A_DAY = timedelta(days=1)


def ask(*, by: Actor, now: datetime, resolver: dns.resolver.Resolver | None = None) -> DomainLook:
    """Ask now, and remember the answer in place of the last one."""
    found = domain_check.check(domain=sender_days.our_domain(), now=now, resolver=resolver)
    return _remember(by=by, found=found, now=now)


def last() -> DomainLook | None:
    """What was answered last, however long ago."""
    return DomainLook.objects.filter(domain=sender_days.our_domain()).first()


def records_of(look: DomainLook) -> list[DnsRecord]:
    """The answers as they were given."""
    return msgspec.convert(look.records, list[DnsRecord])


def is_fresh(look: DomainLook, now: datetime) -> bool:
    """Whether the answer may still be believed."""
    return look.asked_at > now - A_DAY


def state(now: datetime) -> SenderState | None:
    """For the checks of words (`content.senders`). None: nobody has asked for a day. A server that was silent proves nothing."""
    look = last()
    if look is None or not is_fresh(look, now):
        return None
    proven = {one.name: None if one.state == "unknown" else one.state != "bad" for one in records_of(look)}
    return SenderState(look.domain, spf=proven.get("SPF"), dkim=proven.get("DKIM"), dmarc=proven.get("DMARC"))


@transaction.atomic
def _remember(*, by: Actor, found: domain_check.DomainCheck, now: datetime) -> DomainLook:
    said = {"records": msgspec.to_builtins(found.records), "asked_at": now, "asked_by": account(by)}
    look, _is_new = DomainLook.objects.update_or_create(domain=found.domain, defaults=said)
    states = {one.name: one.state for one in found.records}
    audit.record(by=by, verb="messaging.ask_domain", now=now, thing=f"domain:{found.domain}", details=states)
    return look
