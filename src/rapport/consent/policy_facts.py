"""What the policy is told, and what it answers. Frozen, comparable, the same from the database, a forecast or a table."""

from datetime import datetime

import msgspec


class ContactFact(msgspec.Struct, frozen=True):
    """The address that would be used."""

    is_valid: bool
    invalid_reason: str = ""
    bounced_at: datetime | None = None


class ConsentFact(msgspec.Struct, frozen=True):
    """One statement of will from the ledger. `all` as channel or topic speaks about every one."""

    id: int
    channel: str
    topic: str
    status: str
    at: datetime
    tier: str = "express"
    expires_at: datetime | None = None
    says_paid: bool = False  # an authorization that carries the remuneration statement


class SuppressionFact(msgspec.Struct, frozen=True):
    """An entry of the suppression list for the address that would be used."""

    topic: str
    reason: str
    at: datetime


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a decision rests on, as of `at`."""

    person_id: int
    at: datetime
    channel: str
    purpose: str
    topic: str
    remunerated: bool = False
    deceased_at: datetime | None = None
    state: str = ""
    timezone: str = ""
    contact: ContactFact | None = None
    consents: tuple[ConsentFact, ...] = ()
    suppressions: tuple[SuppressionFact, ...] = ()
    sent_at: tuple[datetime, ...] = ()
    on_their_way: int = 0  # commercial messages other workers are sending to the same person right now


class GateVerdict(msgspec.Struct, frozen=True):
    """What one gate said, by which rule, on which evidence (ids of consent records)."""

    gate: str
    passed: bool
    reason: str
    rule: str = ""
    rule_version: int = 1
    evidence: tuple[int, ...] = ()
    try_again_at: datetime | None = None


class Verdict(msgspec.Struct, frozen=True):
    """The answer. `gate` is the gate that decided a no; `reasons` are those of all gates that failed, in order."""

    allowed: bool
    gate: str
    reasons: tuple[str, ...]
    gates: tuple[GateVerdict, ...]
    try_again_at: datetime | None
    consent_ids: tuple[int, ...]
    rules_version: str

    @property
    def reason(self) -> str:
        """The sentence a person reads: why not, or why it may."""
        return self.reasons[0] if self.reasons else "Every check passed."

    @property
    def only_waits(self) -> bool:
        """Not now, but later without anybody doing anything."""
        return not self.allowed and self.try_again_at is not None
