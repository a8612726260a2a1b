"""What the policy is told, and what it answers. Frozen, comparable, the same from the database, a forecast or a table.

`Message` is what would be said: the same for everybody of a campaign. `Facts` is one person at one moment, with the message.
New fields have defaults that change no earlier answer, so that facts written down years ago can still be read.
"""

from datetime import date, datetime, time

import msgspec


class ContentFact(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the words. `problems`: findings of the check that forbid sending."""

    approved: bool = True
    expires_at: datetime | None = None
    problems: tuple[str, ...] = ()
    translation: str = "original"
    written_by: str = "people"  # people | machine | machine_reviewed
    has_ai_notice: bool = False


class CarrierFact(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever carries the channel."""

    name: str = ""
    is_ours: bool = True
    has_baa: bool = False
    baa_until: date | None = None


class HealthFact(msgspec.Struct, frozen=True, kw_only=True):
    """How mailbox providers see the sender: complaints per message delivered, on the last day that is known."""

    complaint_rate: float | None = None
    delivered: int = 0
    day: date | None = None
    paused_at: datetime | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """What would be said, why, by whom, with which data and for whose money."""

    channel: str
    purpose: str
    topic: str
    cause: str = ""
    answers: str = ""  # stop | help: the one text that answers a word of the person herself
    remunerated: bool = False
    covers_cost_only: bool = False
    says_paid: bool = False
    has_toll_free: bool = False
    uses_patient_data: bool = True
    data_classes: tuple[str, ...] = ()
    clinician_approved: bool = False
    promotional: bool = True
    urgent: bool = False
    recipient: str = ""
    drug: str = ""
    programme: str = ""
    exemption: str = ""
    is_free_to_end_user: bool = False
    characters: int = 0
    gift_cents: int = 0
    gift_is_cash: bool = False
    gift_exception: str = ""
    content: ContentFact = ContentFact()
    carrier: CarrierFact = CarrierFact()
    health: HealthFact = HealthFact()


class ContactFact(msgspec.Struct, frozen=True, cache_hash=True):
    """The address that would be used. `owner`: self, or representative when a parent or guardian is addressed."""

    is_valid: bool
    invalid_reason: str = ""
    bounced_at: datetime | None = None
    point_id: int | None = None
    owner: str = "self"


class ConsentFact(msgspec.Struct, frozen=True):
    """One statement about being written to or called. `all` as channel or topic speaks about every one."""

    id: int
    channel: str
    topic: str
    status: str
    at: datetime
    tier: str = "express"
    expires_at: datetime | None = None
    contact_point_id: int | None = None


class PaperFact(msgspec.Struct, frozen=True, kw_only=True):
    """Any other statement of the ledger: an authorization, a permission, a restriction, a hold. Kinds: `ConsentRecord.Kind`."""

    id: int
    kind: str
    status: str
    at: datetime
    channel: str = "all"
    topic: str = "all"
    data_class: str = ""
    recipient: str = ""
    purposes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    defects: tuple[str, ...] = ()
    says_paid: bool = False
    contact_point_id: int | None = None


class SuppressionFact(msgspec.Struct, frozen=True):
    """An entry of the suppression list for the address that would be used."""

    topic: str
    reason: str
    at: datetime


class SaidFact(msgspec.Struct, frozen=True):
    """A message that went to this person lately."""

    at: datetime
    channel: str
    purpose: str
    topic: str


class LifeFact(msgspec.Struct, frozen=True):
    """Something in the person's life after which some messages stop."""

    kind: str
    at: datetime
    ended_at: datetime | None = None


class CodeFact(msgspec.Struct, frozen=True):
    """A code on record that bears on the programme of the message."""

    system: str
    code: str
    at: datetime


class DrugFact(msgspec.Struct, frozen=True):
    """The prescription of the drug that the message is about."""

    is_active: bool
    ended_at: datetime | None = None


class PreferenceFact(msgspec.Struct, frozen=True):
    """How the person wants to be spoken to. `at_most`: commercial messages in any thirty days."""

    at_most: int | None = None
    pause_until: date | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a decision rests on, as of `at`."""

    person_id: int
    at: datetime
    message: Message
    deceased_at: datetime | None = None
    age: int | None = None
    state: str = ""
    timezone: str = ""
    area_state: str = ""
    area_timezone: str = ""
    in_eu: bool = False
    payer_class: str = ""
    contact: ContactFact | None = None
    consents: tuple[ConsentFact, ...] = ()
    papers: tuple[PaperFact, ...] = ()
    suppressions: tuple[SuppressionFact, ...] = ()
    said: tuple[SaidFact, ...] = ()
    on_their_way: int = 0  # commercial messages other workers are sending to the same person right now
    life_events: tuple[LifeFact, ...] = ()
    codes: tuple[CodeFact, ...] = ()
    drug: DrugFact | None = None
    rewards_cents: int = 0
    preference: PreferenceFact | None = None
    asked_at: datetime | None = None  # when the person sent the word that this message answers


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
