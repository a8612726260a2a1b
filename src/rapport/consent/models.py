"""The consent ledger and the suppression list: what each person allowed, and who must never be addressed again."""

from django.db import models

from rapport.people.models import Person


class ConsentRecord(models.Model):
    """One statement of will, append-only. The current state is derived (`consent.queries.current`), never edited."""

    class Status(models.TextChoices):
        GRANTED = "granted"
        WITHDRAWN = "withdrawn"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=12)
    topic = models.CharField(max_length=30)
    tier = models.CharField(max_length=30, default="express")
    status = models.CharField(max_length=10, choices=Status.choices)
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    text_version = models.CharField(max_length=40)
    locale = models.CharField(max_length=8, default="en")
    evidence = models.JSONField(default=dict)
    via = models.CharField(max_length=30)
    source_key = models.UUIDField(unique=True)
    recorded_at = models.DateTimeField()
    tx = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["person", "channel", "topic", "-at"], name="consent_record_current"),
            models.Index(fields=["tx"], name="consent_record_tx"),
        ]

    class Privacy:
        plain = [
            "id", "person", "channel", "topic", "tier", "status", "at", "expires_at", "text_version", "locale", "via",
            "source_key", "recorded_at", "tx",
        ]  # fmt: skip
        pii = ["evidence"]
        warehouse = ["id", "person", "channel", "topic", "tier", "status", "at", "expires_at", "tx"]


class Suppression(models.Model):
    """An address that must not be used, kept as keyed hash so that it outlives the person's erasure."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed"
        BOUNCED = "bounced"
        COMPLAINED = "complained"
        STAFF = "staff"
        LIST = "list"

    kind = models.CharField(max_length=10)
    digest = models.BinaryField()
    topic = models.CharField(max_length=30, default="all")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "digest", "topic"], name="consent_suppression_once")]

    class Privacy:
        plain = ["id", "kind", "topic", "reason", "at", "lifted_at"]
        sensitive = ["digest"]
