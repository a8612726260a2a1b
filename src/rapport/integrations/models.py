"""The one door in: every raw thing becomes a Landing row before anything else happens."""

import uuid

from django.db import models


class Source(models.Model):
    """A system that tells us things. `slug` prefixes its identifiers."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    created_at = models.DateTimeField()

    class Privacy:
        plain = ["id", "slug", "name", "kind", "created_at"]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One arrival: a file, a folder member, a request. Its totals always add up: read = accepted + quarantined + duplicates."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        FAILED = "failed"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="deliveries")
    file_name = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    counts = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    trace = models.UUIDField(default=uuid.uuid4)

    class Privacy:
        plain = ["id", "source", "state", "counts", "problem", "received_at", "finished_at", "trace"]
        pii = ["file_name"]


class Landing(models.Model):
    """A batch of raw input exactly as it came, compressed and sealed under its own key. The unit of replay.

    One row holds one bundle, or up to some thousand NDJSON lines, or one web request.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        TAKEN = "taken"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="landings")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=20)
    first_line = models.BigIntegerField(default=1)
    raw = models.BinaryField()
    size = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempt = models.SmallIntegerField(default=0)
    read = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    quarantined = models.IntegerField(default=0)
    duplicates = models.IntegerField(default=0)
    kept = models.IntegerField(default=0)
    held_again = models.IntegerField(default=0)
    received_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    trace = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(read=models.F("accepted") + models.F("quarantined") + models.F("duplicates")),
                name="integrations_landing_adds_up",
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="waiting"), name="integrations_landing_waiting")
        ]

    class Privacy:
        plain = [
            "id", "key", "delivery", "source", "form", "first_line", "size", "state", "attempt", "read", "accepted",
            "quarantined", "duplicates", "kept", "held_again", "received_at", "taken_at", "trace",
        ]  # fmt: skip
        phi = ["raw"]


class Quarantine(models.Model):
    """One record that could not be taken in: where it stood, which field, why, and the raw text to be mended and replayed.

    `waits_for` is the key of the record it refers to when that is all that is missing: it is replayed when that one arrives.
    `fingerprint` is a blind index of source and record; the same again is counted in `seen` (`putting_aside` says when).
    """

    class State(models.TextChoices):
        OPEN = "open"
        REPLAYED = "replayed"
        DISMISSED = "dismissed"

    landing = models.ForeignKey(Landing, on_delete=models.PROTECT, related_name="quarantined_rows")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    line = models.BigIntegerField()
    path = models.CharField(max_length=200, blank=True)
    resource_type = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300)
    remedy = models.CharField(max_length=300, blank=True)
    raw = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    mended = models.BinaryField(null=True)
    settled_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    waits_for = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    fingerprint = models.BinaryField(null=True)
    seen = models.PositiveIntegerField(default=1)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], condition=models.Q(state="open"), name="integrations_quarantine_once"
            )
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="integrations_quarantine_open"),
            models.Index(fields=["waits_for"], condition=models.Q(state="open"), name="integrations_quarantine_waits"),
            models.Index(fields=["fingerprint"], name="integrations_quarantine_same"),
        ]

    class Privacy:
        plain = [
            "id", "landing", "key", "line", "path", "resource_type", "reason", "remedy", "state", "settled_by", "settled_at",
            "waits_for", "created_at", "seen", "last_seen_at",
        ]  # fmt: skip
        sensitive = ["fingerprint"]
        phi = ["raw", "mended"]


class SeenRecord(models.Model):
    """What we already took from a source: the record's key and the digest of its content, so that a replay is a no-op."""

    key = models.UUIDField(primary_key=True)
    content = models.BigIntegerField()
    landing_id = models.BigIntegerField()

    class Privacy:
        plain = ["key", "content", "landing_id"]


class Reply(models.Model):
    """A text message or e-mail that somebody sent us: what we took it for and what we did. The words stay sealed in the landing.

    `digest` is the keyed hash of the number or address; `person` one of those who have it (`people`: all of them), empty for a stranger.
    What was not acted on, or is in doubt, stays open until a person has looked at it.
    """

    class Kind(models.TextChoices):
        STOP = "stop"
        HELP = "help"
        START = "start"
        NARROW = "narrow"
        NONE = "none"

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"

    class Channel(models.TextChoices):
        SMS = "sms"
        EMAIL = "email"
        PORTAL = "portal"

    landing = models.OneToOneField(Landing, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(unique=True)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.SMS)
    digest = models.BinaryField(null=True)
    person = models.ForeignKey("people.Person", null=True, on_delete=models.CASCADE, related_name="+")
    people = models.JSONField(default=list)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    confidence = models.DecimalField(max_digits=3, decimal_places=2)
    rule = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=8, blank=True)
    needs_review = models.BooleanField(default=False)
    acted = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    received_at = models.DateTimeField()
    settled_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["digest", "-received_at"], name="integrations_reply_number"),
            models.Index(fields=["-received_at"], condition=models.Q(state="open"), name="integrations_reply_open"),
        ]

    class Privacy:
        plain = [
            "id", "landing", "key", "channel", "kind", "confidence", "rule", "language", "needs_review", "acted", "state", "received_at",
            "settled_by", "settled_at",
        ]  # fmt: skip
        pii = ["person", "people"]
        sensitive = ["digest"]


class BounceRun(models.Model):
    """Mail to one address came back for now, so many times in a row. Something delivered ends the run; a long one counts as for good.

    `digest` is the keyed hash of the address: the row works without knowing whose it is.
    """

    digest = models.BinaryField(primary_key=True)
    count = models.PositiveSmallIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    reason = models.CharField(max_length=20, blank=True)

    class Privacy:
        plain = ["count", "first_at", "last_at", "reason"]
        sensitive = ["digest"]
