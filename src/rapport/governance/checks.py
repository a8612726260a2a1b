"""The checks of one decision, ready to be shown: each with its rule and with the consents it rests on, by date and way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from rapport.consent import plain_words, policy
from rapport.consent.models import ConsentRecord
from rapport.messaging.models import Receipt
from rapport.ui.formats import local_date


@dataclass(frozen=True)
class Said:
    """One statement of the ledger a check rests on."""

    record_id: int
    kind: str
    status: str
    channel: str
    topic: str
    at: datetime
    via: str

    @property
    def sentence(self) -> str:
        """What it is, when it was said and how it is proven."""
        words = {
            "kind": ConsentRecord.Kind(self.kind).label,
            "word": _("yes") if self.status == "granted" else _("no"),
            "day": local_date(self.at),
            "via": plain_words.way(self.via),
        }
        return _("%(kind)s: %(word)s on %(day)s, by %(via)s") % words


@dataclass(frozen=True)
class Check:
    """What one gate said."""

    gate: str
    passed: bool
    reason: str
    rule: str = ""
    rule_version: int = 1
    said: list[Said] = field(default_factory=list)

    @property
    def name(self) -> str:
        return plain_words.gate(self.gate)


def of_receipt(receipt: Receipt) -> list[Check]:
    """The checks as they were decided."""
    return _checks(receipt.gates)


def of_verdict(verdict: policy.Verdict) -> list[Check]:
    """The checks as they come out now."""
    return _checks(msgspec.to_builtins(verdict.gates))


def statements(ids: Iterable[int]) -> dict[int, Said]:
    """Statements of the ledger, in the sight of who asks."""
    rows = ConsentRecord.objects.filter(pk__in=set(ids))
    return {one.pk: Said(one.pk, one.kind, one.status, one.channel, one.topic, one.at, one.via) for one in rows}


def _checks(gates: Sequence[dict[str, Any]]) -> list[Check]:
    said = statements(number for one in gates for number in one.get("evidence") or ())
    return [
        Check(
            gate=one["gate"],
            passed=one["passed"],
            reason=one.get("reason", ""),
            rule=one.get("rule", ""),
            rule_version=one.get("rule_version", 1),
            said=[said[number] for number in one.get("evidence") or () if number in said],
        )
        for one in gates
    ]
