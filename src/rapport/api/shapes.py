"""What goes in and out of the API: the shapes that its description is made of."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, StringConstraints

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_\-]*$", max_length=30)]
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=200)]
LongLine = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=500)]
Channel = Literal["email", "sms", "call", "print", "portal", "push", "all"]
Topic = Literal["care", "health_services", "newsletter", "survey", "billing", "fundraising", "all"]
Kind = Literal[
    "consent", "authorization", "part2", "permission", "collection", "sharing", "data_use", "minor_alone", "confidential",
    "restriction", "objection", "do_not_contact", "legal_hold",
]  # fmt: skip


def _as_text(value: Any) -> Any:
    """Days and instants come as ISO 8601 text; a bare number would be taken for seconds since 1970."""
    if value is not None and not (isinstance(value, str) and _ISO.match(value)):
        raise ValueError("write it as 2026-03-04 or 2026-03-04T15:00:00Z")
    return value


def _in_our_time(at: datetime) -> datetime:
    """In UTC, and in a century that a patient can speak of."""
    if not 1900 <= at.year <= 2200 or abs(at.utcoffset() or timedelta()) > timedelta(hours=14):
        raise ValueError("this instant can't be meant")
    return at.astimezone(UTC)


_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}")
Day = Annotated[date, BeforeValidator(_as_text)]
Instant = Annotated[AwareDatetime, BeforeValidator(_as_text), AfterValidator(_in_our_time)]


class Strict(Schema):
    """Unknown fields are refused: a misspelt one must not be dropped in silence."""

    model_config = ConfigDict(extra="forbid")


class Paper(Strict):
    """What a signed paper says, element by element (45 CFR 164.508(c), 42 CFR 2.31). What is left out is not on the paper."""

    information: LongLine = Field("", description="Which information, word for word.")
    discloser: Line = Field("", description="Who may give it.")
    recipient: Annotated[Line, Field(max_length=120)] = Field("", description="Who may receive it.")
    purposes: list[Annotated[str, StringConstraints(pattern=r"^P[0-9]{1,2}$")]] = Field(
        default_factory=list, max_length=20, description="What for: purposes of the rules, for example P7."
    )
    expires_at: Instant | None = Field(None, description="The instant from which it holds no longer.")
    expires_event: Annotated[Line, Field(max_length=60)] = Field("", description="Or the event that ends it.")
    signed_on: Day | None = None
    signature: Annotated[Line, Field(max_length=60)] = Field("", description="How it was signed: on paper, electronic.")
    signed_by: Literal["patient", "representative"] = "patient"
    authority: Line = Field("", description="By what right, if a representative signed.")
    says_revocation: bool = Field(False, description="That, and how, it can be taken back in writing.")
    says_conditioning: bool = Field(False, description="That care and payment do not depend on it.")
    says_redisclosure: bool = Field(False, description="That the receiver may pass it on.")
    says_remuneration: bool = Field(False, description="That we are paid for the message.")
    says_refusal: bool = Field(False, description="What follows from refusing to sign (Part 2).")
    is_plain: bool = Field(False, description="It is written in plain language.")
    copy_given_at: Instant | None = Field(None, description="When the person got a copy.")
    combined_with: Line = Field("", description="The paper it is joined with, if it does not stand alone.")
    is_conditioned: bool = Field(False, description="Care or payment was made to depend on it.")
    known_false: bool = Field(False, description="We know that something in it is false.")


class Statement(Strict):
    """One statement of will. Scope: channel x topic x sender x data class x recipient; `all` speaks about every one.

    A grant of kind `authorization` or `part2` is a signed paper: send its elements in `paper`, and leave channel, sender, data
    class, recipient, tier, at and expiry out, for the paper says them.
    """

    status: Literal["granted", "withdrawn"]
    kind: Kind = "consent"
    channel: Channel = "all"
    topic: Topic = "all"
    tier: Literal["express", "written"] = "express"
    at: Instant | None = Field(None, description="When it was said; now, when left out. Never in the future.")
    expires_at: Instant | None = None
    expires_event: Annotated[Word, Field(max_length=60)] = ""
    sender: Annotated[Line, Field(max_length=60)] = "all"
    data_class: Word = ""
    recipient: Annotated[Line, Field(max_length=120)] = ""
    text_version: Annotated[Line, Field(max_length=40)] = Field("", description="Which words were read or shown.")
    locale: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    evidence: dict[Annotated[Word, Field(min_length=1)], Line] = Field(
        default_factory=dict, max_length=12, description="How it is proven: form, address, signature, staff, recording."
    )
    paper: Paper | None = Field(None, description="What the signed paper says; for authorization and part2 alone.")


class Recorded(Schema):
    """A line of the ledger."""

    id: int
    kind: str
    status: str
    channel: str
    topic: str
    sender: str
    data_class: str
    recipient: str
    tier: str
    at: datetime
    expires_at: datetime | None
    expires_event: str
    text_version: str
    locale: str
    via: str
    recorded_at: datetime


class DefectOut(Schema):
    """One thing that makes a paper void: a sentence, and the clause it breaks."""

    code: str
    sentence: str
    clause: str


class Stated(Recorded):
    """The line of the ledger, and for a paper what is wrong with it today. One defect is enough: in law it is then none."""

    defects: list[DefectOut] = []


class Page(Schema):
    """Where in a list this is."""

    page: int
    pages: int
    total: int


class Consents(Page):
    items: list[Recorded]


class Permission(Schema):
    """May this person be spoken to by this way about this, now? `waits`: not now, but later by itself."""

    channel: str
    topic: str
    purpose: str
    allowed: bool
    waits: bool
    try_again_at: datetime | None
    gate: str
    reason: str
    reasons: list[str]


class Permissions(Schema):
    person: int
    at: datetime
    rules_version: str
    items: list[Permission]


class Suppress(Strict):
    """An address that must not be used any more."""

    kind: Literal["email", "phone"]
    value: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=254)]
    topic: Topic = "all"
    reason: Literal["unsubscribed", "bounced", "complained", "staff", "list"] = "list"


class Suppressed(Schema):
    added: int = Field(description="1, or 0 when the address stood on the list already.")


class Gate(Schema):
    """What one check said, by which rule, on which lines of the ledger."""

    gate: str
    passed: bool
    reason: str
    rule: str
    rule_version: int
    consents: list[int]


class ReceiptOut(Schema):
    """One decision about one message, as it was taken."""

    id: int
    intent_id: int
    person: int
    at: datetime
    outcome: str
    allowed: bool
    gate: str
    reason: str
    gates: list[Gate]
    consent_ids: list[int]
    facts_hash: str
    rules_version: str
    content_version: int
    try_again_at: datetime | None
    trace: str


class Criterion(Schema):
    """One part of the segment's definition, and whether it holds for this person."""

    text: str
    holds: bool
    evidence: str
    depth: int


class Why(Schema):
    """Where it stopped, in a sentence. `stands`: decided; else it is what would happen now."""

    person: int
    campaign: str
    stage: str
    sentence: str
    stands: bool
    at: datetime | None
    criteria: list[Criterion]
    gates: list[Gate]
    gates_at: datetime | None
    intent_id: int | None
    receipt_id: int | None


class RuleOut(Schema):
    """One rule as it stands in the files."""

    id: str
    version: int
    kind: str
    jurisdiction: str
    effective_from: date
    effective_to: date | None
    authority: str
    parameters: dict[str, Any]


class Rules(Page):
    on: date
    rules_version: str
    items: list[RuleOut]


class HeldBack(Schema):
    gate: str
    reason: str
    people: int


class Place(Schema):
    """Where something is wrong."""

    at: str
    says: str


class ProblemOut(Schema):
    """RFC 9457: what is wrong, where, and what to do."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    do: str | None = None
    where: list[Place] | None = None
