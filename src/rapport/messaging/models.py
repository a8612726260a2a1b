"""Intents and receipts: what is due to be said, what was decided, and what became of it."""

from django.db import models

from rapport.content.models import Version
from rapport.messaging.outreach_models import Call, CallTry, Letter, PortalMessage, PrintBatch, PushSubscription
from rapport.people.models import Person

__all__ = [
    "Breaker", "Brief", "Call", "CallTry", "CameBack", "Hold", "Intent", "Letter", "MailboxItem", "Pause", "PortalMessage",
    "PrintBatch", "PushSubscription", "Receipt", "SenderDay", "Throttle", "WarmUp",
]  # fmt: skip


ALONE_AFTER = 3  # attempts after which a message is tried by itself: what kills a worker takes no other with it


class Brief(models.Model):
    """What a cause tells the policy about all its messages beside purpose and channel: whose money, which data, which programme.

    One row for a campaign or a step; `said` holds fields of `consent.policy.Message`. `sender_name`: whose name stands before the
    address of the clinic, when it is not the clinic's.
    """

    cause = models.CharField(max_length=12)
    cause_id = models.BigIntegerField()
    said = models.JSONField(default=dict)
    sender_name = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cause", "cause_id"], name="messaging_brief_cause")]

    class Privacy:
        plain = ["id", "cause", "cause_id", "sender_name", "created_at"]
        phi = ["said"]


class SenderDay(models.Model):
    """How one day's mail of a sender fared: handed over by us; delivered, bounced for good and reported as spam by what came back."""

    sender = models.CharField(max_length=120)
    day = models.DateField()
    handed_over = models.PositiveIntegerField(default=0)
    delivered = models.PositiveIntegerField(default=0)
    bounced = models.PositiveIntegerField(default=0)
    complaints = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=30)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "day"], name="messaging_senderday_once")]

    class Privacy:
        plain = ["id", "sender", "day", "handed_over", "delivered", "bounced", "complaints", "source", "noted_at"]


class DomainLook(models.Model):
    """What the name servers said of a sending domain when somebody last asked: `records` as `domain_check.DnsRecord`."""

    domain = models.CharField(max_length=253, unique=True)
    records = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Privacy:
        plain = ["id", "domain", "records", "asked_at", "asked_by"]


class Throttle(models.Model):
    """How fast one way out may be used, by all workers together: a channel (`email`), a receiving domain (`email:gmail.com`), or
    `email:*` for every domain without a row of its own; such a domain is kept under a keyed digest, for it may be one person's.

    `slot_at`: the next free moment. `promised_at`: until when those who had to wait were told to come back. By the database's clock.
    """

    name = models.CharField(max_length=120, unique=True)
    per_second = models.FloatField()
    slot_at = models.DateTimeField(null=True)
    promised_at = models.DateTimeField(null=True)
    set_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(per_second__gt=0), name="messaging_throttle_positive"),
        ]

    class Privacy:
        plain = ["id", "name", "per_second", "slot_at", "promised_at", "set_by", "set_at"]


class Breaker(models.Model):
    """Whether a carrier is there. After failures in a row nobody tries before `try_at`; then one worker tries one message."""

    channel = models.CharField(max_length=12, unique=True)
    failures = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    try_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Privacy:
        plain = ["id", "channel", "failures", "opened_at", "try_at", "reason"]


class Pause(models.Model):
    """Commercial messages of a channel are held back: by itself after too many complaints or bounces, or by a person."""

    class Cause(models.TextChoices):
        COMPLAINTS = "complaints"
        BOUNCES = "bounces"
        HAND = "hand"

    channel = models.CharField(max_length=12)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    reason = models.CharField(max_length=300)
    day = models.DateField(null=True)
    counted = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    lifted_because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel"], condition=models.Q(lifted_at__isnull=True), name="messaging_pause_once"
            )
        ]

    class Privacy:
        plain = [
            "id", "channel", "cause", "reason", "day", "counted", "since", "by", "lifted_at", "lifted_by", "lifted_because",
        ]  # fmt: skip


class WarmUp(models.Model):
    """How many e-mails a new sender may send a day: `first` on the first day, `growth` times as many each day, until `full`."""

    sender = models.CharField(max_length=120, unique=True)
    started_on = models.DateField()
    first = models.PositiveIntegerField(default=50)
    growth = models.FloatField(default=1.6)
    full = models.PositiveIntegerField(default=50_000)
    set_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(growth__gt=1, first__gte=1, full__gte=models.F("first")),
                name="messaging_warmup_grows",
            )
        ]

    class Privacy:
        plain = ["id", "sender", "started_on", "first", "growth", "full", "set_by", "set_at"]


class Intent(models.Model):
    """Something is due to be said to one person, once per (cause, person, occurrence). States: DESIGN 4.

    queued -> claimed (owner, lease, attempt) -> sent / failed / suppressed / unknown. Deferred goes back to queued with a later
    `due_at`. `begun_at` is committed before the first byte goes out: claimed without it has surely not been sent. `held`: its cause
    is paused. `dead`: tried too often, it waits for a person. `others`: channels to take, in order, when this one fails. Hot columns
    other than `due_at` stay unindexed; fillfactor is set in the migration.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        CLAIMED = "claimed"
        SENT = "sent"
        FAILED = "failed"
        SUPPRESSED = "suppressed"
        UNKNOWN = "unknown"
        STOPPED = "stopped"
        HELD = "held"
        DEAD = "dead"

    class Lane(models.IntegerChoices):
        """Who goes first where not everybody can go at once."""

        ANSWER = 0, "What somebody waits for"
        CARE = 1, "Care"
        COMMERCIAL = 2, "News and offers"

    id = models.BigAutoField(primary_key=True)
    cause = models.CharField(max_length=12, default="campaign")
    cause_id = models.BigIntegerField()
    occurrence = models.CharField(max_length=40, default="1")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=12, default="email")
    others = models.JSONField(default=list)
    lane = models.SmallIntegerField(choices=Lane.choices, default=Lane.COMMERCIAL)
    purpose = models.CharField(max_length=4)
    topic = models.CharField(max_length=30)
    remunerated = models.BooleanField(default=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    brief = models.ForeignKey(Brief, null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    owner = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempt = models.SmallIntegerField(default=0)
    begun_at = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=120, blank=True)
    provider_id = models.CharField(max_length=120, blank=True)
    settled_at = models.DateTimeField(null=True)
    trace = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cause", "cause_id", "person", "occurrence"], name="messaging_intent_once")
        ]
        indexes = [
            models.Index(
                fields=["channel", "lane", "due_at", "id"],
                condition=models.Q(state="queued"),
                name="messaging_intent_due",
            ),
            models.Index(
                fields=["channel", "due_at"],
                condition=models.Q(state="queued", attempt__gte=ALONE_AFTER),
                name="messaging_intent_suspect",
            ),
            models.Index(
                fields=["id"], condition=models.Q(state__in=["claimed", "unknown"]), name="messaging_intent_open"
            ),
            models.Index(fields=["id"], condition=models.Q(state="dead"), name="messaging_intent_dead"),
            models.Index(fields=["-created_at"], condition=models.Q(cause="desk"), name="messaging_intent_desk"),
            models.Index(fields=["person", "-created_at"], name="messaging_intent_person"),
            models.Index(
                fields=["id"],
                condition=~models.Q(others=[]) & models.Q(state__in=["failed", "suppressed", "dead"]),
                name="messaging_intent_other_ways",
            ),
        ]

    class Privacy:
        plain = [
            "id", "cause", "cause_id", "occurrence", "channel", "others", "lane", "purpose", "topic",
            "remunerated", "version", "brief", "due_at", "state", "owner", "lease_until", "attempt", "begun_at",
            "message_id", "provider_id", "settled_at", "trace", "created_at",
        ]  # fmt: skip
        pii = ["person"]


class Hold(models.Model):
    """A cause that is paused: what is queued of it is held, and what went out takes no other way until it goes on."""

    cause = models.CharField(max_length=12)
    cause_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cause", "cause_id"], name="messaging_hold_once")]

    class Privacy:
        plain = ["id", "cause", "cause_id"]


class CameBack(models.Model):
    """A message that had gone out one way came back from there for good, once an intent and channel. It stands here until `switching`
    has looked whether another way is left: then `outcome` says what it found."""

    class Outcome(models.TextChoices):
        WENT_ON = "went_on"
        NOWHERE = "nowhere"
        REACHED = "reached"

    intent = models.ForeignKey(Intent, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=12)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["intent", "channel"], name="messaging_cameback_once")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(settled_at__isnull=True), name="messaging_cameback_waits"),
            models.Index(fields=["person"], name="messaging_cameback_person"),
        ]

    class Privacy:
        plain = ["id", "intent", "channel", "at", "outcome", "settled_at"]
        pii = ["person"]


class Receipt(models.Model):
    """What was decided about one intent at one moment and why; one row for every yes and every no. Partitioned by month of `at`."""

    class Outcome(models.TextChoices):
        SENT = "sent"
        SUPPRESSED = "suppressed"
        DEFERRED = "deferred"
        FAILED = "failed"
        UNKNOWN = "unknown"
        STOPPED = "stopped"
        DEAD = "dead"

    id = models.BigAutoField(primary_key=True)
    intent_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    allowed = models.BooleanField()
    gate = models.CharField(max_length=30, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    gates = models.JSONField(default=list)
    consent_ids = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    facts_hash = models.CharField(max_length=64)
    rules_version = models.CharField(max_length=40)
    version_id = models.BigIntegerField()
    try_again_at = models.DateTimeField(null=True)
    cost_cents = models.DecimalField(max_digits=10, decimal_places=4, default=0)
    trace = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["intent_id"], name="messaging_receipt_intent"),
            models.Index(fields=["person_id", "-at"], name="messaging_receipt_person"),
        ]

    class Privacy:
        plain = [
            "id", "intent_id", "at", "outcome", "allowed", "gate", "reason", "gates", "consent_ids", "facts_hash",
            "rules_version", "version_id", "try_again_at", "cost_cents", "trace",
        ]  # fmt: skip
        pii = ["person_id"]
        phi = ["facts"]


class MailboxItem(models.Model):
    """A message that the embedded mailbox took over SMTP: sealed whole, opened only on the Outbox page."""

    key = models.UUIDField(unique=True)
    intent_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    message_id = models.CharField(max_length=120)
    size = models.IntegerField()
    received_at = models.DateTimeField()
    raw = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["message_id"], name="messaging_mailbox_message"),
            models.Index(fields=["intent_id"], name="messaging_mailbox_intent"),
        ]

    class Privacy:
        plain = ["id", "key", "intent_id", "message_id", "size", "received_at"]
        pii = ["person_id", "raw"]
