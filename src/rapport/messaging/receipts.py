"""Receipts: one row for every yes and every no, with the facts it rests on, so that it can be repeated years later."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec
from dateutil.relativedelta import relativedelta
from django.db import connection, transaction

from rapport.consent import editions, policy
from rapport.kit import partitions
from rapport.messaging.models import Intent
from rapport.people import bulk

COLUMNS = (
    "intent_id", "person_id", "at", "outcome", "allowed", "gate", "reason", "gates", "consent_ids", "facts", "facts_hash",
    "rules_version", "version_id", "try_again_at", "cost_cents", "trace",
)  # fmt: skip
_STAGE = (
    "intent_id bigint, person_id bigint, at timestamptz, outcome text, allowed boolean, gate text, reason text, gates jsonb, "
    "consent_ids jsonb, facts jsonb, facts_hash text, rules_version text, version_id bigint, try_again_at timestamptz, "
    "cost_cents numeric(10, 4), trace uuid"
)


class NewReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """One receipt to be written."""

    intent: Intent
    outcome: str
    at: datetime
    reason: str
    verdict: policy.Verdict | None = None
    facts: policy.Facts | None = None
    try_again_at: datetime | None = None
    cost_cents: Decimal = Decimal(0)


def plain(intent: Intent, outcome: str, reason: str, at: datetime) -> NewReceipt:
    """A receipt for what became of an intent where no new decision was taken."""
    return NewReceipt(intent=intent, outcome=outcome, at=at, reason=reason)


def decided(intent: Intent, outcome: str, facts: policy.Facts, verdict: policy.Verdict, reason: str = "") -> NewReceipt:
    """A receipt for a decision; `reason` where the carrier of the message, not the policy, had the last word."""
    return NewReceipt(
        intent=intent,
        outcome=outcome,
        at=facts.at,
        reason=reason or verdict.reason,
        verdict=verdict,
        facts=facts,
        try_again_at=verdict.try_again_at,
    )


def write(many: Sequence[NewReceipt]) -> None:
    """COPY receipts in the current transaction: they stand or fall with the change of state they tell of."""
    if not many:
        return
    if any(one.verdict is not None for one in many):
        editions.remember(now=max(one.at for one in many))
    bulk.stage("new_receipt", _STAGE, COLUMNS, (_row(one) for one in many))
    columns = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO messaging_receipt ({columns}) SELECT {columns} FROM pg_temp.new_receipt")


@transaction.atomic
def make_months(*, now: datetime) -> int:
    """Have the partitions of this month and the two after ready. For the worker, once a day."""
    first = date(now.year, now.month, 1)
    return partitions.ensure(table="messaging_receipt", first=first, last=first + relativedelta(months=2))


def _row(one: NewReceipt) -> tuple:
    intent, verdict = one.intent, one.verdict
    facts = policy.facts_json(one.facts) if one.facts is not None else b"{}"
    gates = msgspec.json.encode(verdict.gates).decode() if verdict is not None else "[]"
    return (
        intent.pk,
        intent.person_id,
        one.at,
        one.outcome,
        verdict.allowed if verdict is not None else one.outcome == "sent",
        verdict.gate if verdict is not None else "",
        one.reason[:300],
        gates,
        msgspec.json.encode(verdict.consent_ids).decode() if verdict is not None else "[]",
        facts.decode(),
        hashlib.sha256(facts).hexdigest(),
        verdict.rules_version if verdict is not None else "",
        intent.version_id,
        one.try_again_at,
        one.cost_cents,
        intent.trace,
    )
