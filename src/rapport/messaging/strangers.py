"""Letters to an address that belongs to nobody we know: the one question whether a sign-up was meant.

An intent is about a person, and a stranger becomes one only after saying yes. So the asking room keeps the durable row; here the
letter is written and handed over. The list of addresses never to be used is asked at the last moment, as for everybody.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.conf import settings
from django.db import transaction

from rapport.consent.models import Suppression
from rapport.content.models import Version
from rapport.content.render import render
from rapport.kit import home
from rapport.messaging import deliver, tracking
from rapport.messaging.carried import Answer, Outgoing
from rapport.messaging.leases import HOUSE, Lease, Terms
from rapport.trust import audit
from rapport.trust.actors import System

NEVER = ("bounced", "complained", "staff", "list", "erased")


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One question to one address; `number` is the row of the room that asks."""

    number: int
    address: str
    digest: bytes
    version: Version
    given: str = ""


def send(*, letters: Sequence[Letter], now: datetime, terms: Terms = HOUSE) -> list[Answer]:
    """What the carrier said, one answer a letter, by `number`. The caller has noted durably that sending begins."""
    listed = never_to_be_used([one.digest for one in letters])
    refused = [
        Answer(one.number, "refused", "This address is never to be used.") for one in letters if one.digest in listed
    ]
    going = [_outgoing(one, now) for one in letters if one.digest not in listed]
    if not going:
        return refused
    with transaction.atomic():
        audit.record(
            by=System("send"), verb="message.send", now=now, details={"messages": len(going), "causes": ["optin"]}
        )
    return refused + deliver.deliver("email", going, Lease(terms), terms.socket_seconds)


def never_to_be_used(digests: Sequence[bytes]) -> set[bytes]:
    """Addresses that not even a question may go to. Having unsubscribed from something is no reason: they ask again."""
    found = Suppression.objects.filter(kind="email", digest__in=list(digests), lifted_at=None, reason__in=NEVER)
    return {bytes(one) for one in found.values_list("digest", flat=True)}


def message_id(number: int) -> str:
    """The same at every attempt, and never that of an intent."""
    key = home.secret("tracking").encode()
    signed = hmac.digest(key, b"stranger" + str(number).encode(), "sha256")[:8].hex()
    return f"<join-{number}.{signed}@{settings.MAIL_FROM.rpartition('@')[2]}>"


def _outgoing(one: Letter, now: datetime) -> Outgoing:
    links = tracking.Links(0, one.version.pk, one.number)
    merge = {
        "person.given": one.given,
        "clinic.name": settings.CLINIC_NAME,
        "clinic.address": settings.CLINIC_ADDRESS,
        "clinic.phone": settings.CLINIC_PHONE,
        "location.name": settings.CLINIC_NAME,
    }
    return Outgoing(
        intent_id=one.number,
        message_id=message_id(one.number),
        address=one.address,
        rendered=render(one.version, merge, links, one.version.piece.language),
        unsubscribe_url=links.confirm(),
        at=now,
        language=one.version.piece.language,
    )
