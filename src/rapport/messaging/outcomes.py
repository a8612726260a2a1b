"""What became of messages nobody knows about: expired leases, and questions to the carrier. Nothing is sent again without proof."""

from collections import defaultdict
from datetime import datetime

import msgspec
from django.db import connection, transaction

from rapport.messaging import proofs, receipts, tracking
from rapport.messaging.channels import CHANNELS
from rapport.messaging.leases import HOUSE, Terms
from rapport.messaging.models import Intent
from rapport.trust import audit
from rapport.trust.actors import Actor, System

_EXPIRED = """
SELECT * FROM messaging_intent WHERE state = 'claimed' AND lease_until < clock_timestamp()
ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_ASKABLE = """
SELECT *, lease_until + make_interval(secs => %s) < clock_timestamp() AS is_proven FROM messaging_intent
WHERE state = 'unknown' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_FREE = "owner = '', lease_until = NULL, begun_at = NULL"


class ReapReport(msgspec.Struct):
    """What one round did, in messages."""

    requeued: int = 0
    dead: int = 0
    unknown: int = 0
    found: int = 0
    proven_absent: int = 0


class NotUnknown(ValueError):
    """Only a message nobody knows about can be settled by hand."""


def reap(now: datetime, *, limit: int = 1000, terms: Terms = HOUSE) -> ReapReport:
    """Take expired leases, then ask the carriers about everything unknown."""
    report = ReapReport()
    with transaction.atomic(durable=True):
        expired = list(Intent.objects.raw(_EXPIRED, [limit]))
        never = [one for one in expired if one.begun_at is None]
        tired = [one for one in never if one.attempt >= terms.attempts]
        safe = [one.pk for one in never if one.attempt < terms.attempts]
        begun = [one for one in expired if one.begun_at is not None]
        _update(f"state = 'queued', {_FREE}", safe)
        _update("state = 'unknown', settled_at = begun_at", [one.pk for one in begun])
        reason = "The sender stopped in the middle; nobody knows yet whether the message went out."
        receipts.write([receipts.plain(one, "unknown", reason, now) for one in begun])
        _update("state = 'dead', settled_at = clock_timestamp()", [one.pk for one in tired])
        reason = "A sender stopped {times} times while it had this message in hand; it waits for somebody to look."
        receipts.write([receipts.plain(one, "dead", reason.format(times=one.attempt), now) for one in tired])
        report.requeued, report.unknown, report.dead = len(safe), len(begun), len(tired)
    _reconcile(now=now, limit=limit, terms=terms, report=report)
    return report


def _reconcile(*, now: datetime, limit: int, terms: Terms, report: ReapReport) -> None:
    """Ask each carrier. Found: sent. Surely absent: back to the queue. Otherwise it stays unknown, for a person to look at."""
    with transaction.atomic(durable=True):
        by_channel: dict[str, list[Intent]] = defaultdict(list)
        for one in Intent.objects.raw(_ASKABLE, [terms.proven_seconds, limit]):
            by_channel[one.channel].append(one)
        for name, many in by_channel.items():
            channel = CHANNELS.get(name)
            if channel is None or not channel.can_be_asked():
                continue
            known = channel.known([tracking.message_id(one.pk) for one in many])
            found = [one for one in many if tracking.message_id(one.pk) in known]
            # Absence proves only after the mailbox has hung up on every sender that could still be holding this message.
            absent = [one for one in many if one not in found and one.is_proven]  # type: ignore[attr-defined]  # a column of the query
            proofs.proven([one.pk for one in found], now=now, reason="The mailbox has the message.")
            _update(f"state = 'queued', settled_at = NULL, {_FREE}", [one.pk for one in absent])
            reason = "The mailbox never got the message; it goes out again."
            receipts.write([receipts.plain(one, "deferred", reason, now) for one in absent])
            report.found += len(found)
            report.proven_absent += len(absent)
            if found or absent:
                counts = {"found": len(found), "absent": len(absent)}
                audit.record(
                    by=System("reaper"),
                    verb="message.reconcile",
                    now=now,
                    people=[one.person_id for one in many],
                    details=counts,
                )


@transaction.atomic
def settle_by_hand(*, by: Actor, intent_id: int, arrived: bool, reason: str, now: datetime) -> Intent:
    """A person found out, from the provider or the patient. Arrived: sent. Not arrived: it failed; it is never sent twice by us."""
    intent = Intent.objects.select_for_update().get(pk=intent_id)
    if intent.state != Intent.State.UNKNOWN:
        raise NotUnknown(f"intent {intent_id} is {intent.state}")
    if arrived:
        proofs.proven([intent.pk], now=now, reason=reason)
    else:
        _update("state = 'failed'", [intent.pk])
        receipts.write([receipts.plain(intent, "failed", reason, now)])
    audit.record(
        by=by, verb="message.settle", now=now, person=intent.person_id, thing=f"intent:{intent_id}", reason=reason
    )
    intent.refresh_from_db()
    return intent


def _update(what: str, ids: list[int]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE messaging_intent SET {what} WHERE id = ANY(%s)", [ids])
