"""Telephone numbers that the carrier of text messages calls dead: out of use at once, as an address is after a hard bounce.

By its error codes (Twilio, “Error and Warning Dictionary”, https://www.twilio.com/docs/api/errors):

- there is no such number: 30005 unknown destination, may no longer exist; 21211 not a telephone number. Nobody texts or rings it.
- it takes no texts: 30006 landline, or out of the reach of a short code; 21614 no mobile number; 21635 a landline. It may be rung up.

Everything else says nothing about the number: 30003 is a phone that is switched off, 30004, 30007 and 30008 are blocks and filters,
21408 and 21612 are about our own account. 21610 is no fault of the number but its owner's wish: the carrier was told to stop.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rapport.consent import revoking, undeliverable
from rapport.people.models import ContactPoint
from rapport.trust.actors import Actor, System

GONE = frozenset({"30005", "21211"})
STOPPED = "21610"  # the carrier's own list: this person told it to stop
NO_TEXTS = frozenset({"30006", "21614", "21635"})


def give_up(*, by: Actor, failed: Mapping[bytes, str], evidence: dict[str, Any], now: datetime) -> bool:
    """Take numbers (digest -> the carrier's code) out of use. False when no code says anything about its number."""
    stopped = [digest for digest, code in failed.items() if code == STOPPED]
    gone = {digest: now for digest, code in failed.items() if code in GONE}
    silent = {digest: now for digest, code in failed.items() if code in NO_TEXTS}
    if stopped:
        revoking.told_the_carrier(by=by, numbers=stopped, evidence=evidence, now=now)
    if gone:
        undeliverable.give_up(by=by, failed=gone, evidence=evidence, now=now, kind=undeliverable.PHONE)
    if silent:
        undeliverable.give_up_texts(by=by, failed=silent, evidence=evidence, now=now)
    return bool(stopped or gone or silent)


def refused(*, points: Mapping[int, str], now: datetime) -> None:
    """The same for what the carrier refused at the send, by contact point."""
    said = {number: code for number, code in points.items() if code in GONE | NO_TEXTS | {STOPPED}}
    if said:
        digests = dict(ContactPoint.objects.filter(pk__in=list(said), kind="phone").values_list("pk", "digest"))
        failed = {bytes(digest): said[number] for number, digest in digests.items()}
        give_up(by=System("send"), failed=failed, evidence={"codes": sorted(set(said.values()))}, now=now)
