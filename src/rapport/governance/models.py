"""What we must be able to prove: rights requests with their clocks, disclosures, erasures, training, the compliance calendar."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.people.models import Person


class RightsRequest(models.Model):
    """A person asks for a right; a clock runs from the day it came (45 CFR 164.524, .526, .528, .522; GDPR 12(3))."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("See or get a copy of their data")
        AMENDMENT = "amendment", _("Have data corrected")
        RESTRICTION = "restriction", _("Restrict use")
        CONFIDENTIAL = "confidential", _("Be reached another way")
        ACCOUNTING = "accounting", _("Know to whom data was disclosed")
        ERASURE = "erasure", _("Be erased")
        PORTABILITY = "portability", _("Take their data along (GDPR 20)")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        GRANTED = "granted", _("Granted")
        DENIED = "denied", _("Denied")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    regime = models.CharField(max_length=20, default="HIPAA")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    wish = models.BinaryField(null=True)
    received_at = models.DateTimeField()
    received_via = models.CharField(max_length=30)
    due_on = models.DateField()
    extended_because = models.CharField(max_length=200, blank=True)
    clock_rule = models.CharField(max_length=60)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    taken_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["due_on"], condition=models.Q(state="open"), name="governance_rights_due"),
            models.Index(fields=["person"], name="governance_rights_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at__isnull=True)
                | ~models.Q(state="open") & models.Q(decided_at__isnull=False),
                name="governance_rights_decided",
            )
        ]

    class Privacy:
        plain = [
            "id", "person", "kind", "regime", "state", "received_at", "received_via", "due_on", "extended_because", "clock_rule",
            "decided_at", "decided_by", "taken_by",
        ]  # fmt: skip
        pii = ["wish", "reason"]


class Disclosure(models.Model):
    """Patient data that left the house: to whom, what, why, on which basis. Append-only; the accounting is read from it (164.528)."""

    person_id = models.BigIntegerField()
    at = models.DateTimeField()
    recipient = models.CharField(max_length=200)
    recipient_address = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=300)
    purpose = models.CharField(max_length=300)
    basis = models.CharField(max_length=30)
    data_classes = models.JSONField(default=list)
    packet_hash = models.CharField(max_length=64, blank=True)
    consent_record_id = models.BigIntegerField(null=True)
    made_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["person_id", "-at"], name="governance_disclosure_person")]

    class Privacy:
        plain = [
            "id", "at", "recipient", "recipient_address", "purpose", "basis", "packet_hash", "consent_record_id", "made_by",
        ]  # fmt: skip
        pii = ["person_id"]
        phi = ["description", "data_classes"]


class Erasure(models.Model):
    """That a person was erased: no name, only which record and key are gone, when and on whose word; and what was found and removed."""

    person_id = models.BigIntegerField(unique=True)
    subjects = models.JSONField(default=list)
    erased_at = models.DateTimeField()
    erased_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(RightsRequest, null=True, on_delete=models.SET_NULL, related_name="+")
    removed = models.JSONField(default=dict)

    class Privacy:
        plain = ["id", "person_id", "erased_at", "erased_by", "request", "removed"]
        sensitive = ["subjects"]


class Training(models.Model):
    """That a member of staff took a course, and until when it holds (45 CFR 164.530(b); Tex. HSC 181.101: within 90 days)."""

    user = models.ForeignKey("trust.User", on_delete=models.PROTECT, related_name="+")
    course = models.CharField(max_length=120)
    completed_on = models.DateField()
    valid_until = models.DateField(null=True)
    evidence = models.CharField(max_length=200, blank=True)
    noted_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "course", "completed_on"], name="governance_training_once")
        ]

    class Privacy:
        plain = ["id", "user", "course", "completed_on", "valid_until", "evidence", "noted_by", "recorded_at"]


class Review(models.Model):
    """One date of the compliance calendar: what is to be looked at, by when, how often, and what was found."""

    title = models.CharField(max_length=160)
    subject = models.CharField(max_length=60)
    due_on = models.DateField()
    every_months = models.PositiveSmallIntegerField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["due_on"], condition=models.Q(done_at__isnull=True), name="governance_review_due")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True, done_by__isnull=True)
                | models.Q(done_at__isnull=False, done_by__isnull=False),
                name="governance_review_done",
            )
        ]

    class Privacy:
        plain = ["id", "title", "subject", "due_on", "every_months", "done_at", "done_by", "finding", "created_at"]


class AudienceSwitch(models.Model):
    """Compliance let audiences be made for an advertising platform: why, under which agreement, until when. Off unless it stands here."""

    platform = models.CharField(max_length=20)
    purpose = models.CharField(max_length=300)
    agreement = models.CharField(max_length=120)
    until = models.DateField()
    turned_on_at = models.DateTimeField()
    turned_on_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    turned_off_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform"],
                condition=models.Q(turned_off_at__isnull=True),
                name="governance_audience_switch_once",
            )
        ]

    class Privacy:
        plain = ["id", "platform", "purpose", "agreement", "until", "turned_on_at", "turned_on_by", "turned_off_at"]


class AudienceExport(models.Model):
    """One file of hashes that was made for a platform: of which segment, how many, who was left out and why, and its checksum."""

    switch = models.ForeignKey(AudienceSwitch, on_delete=models.PROTECT, related_name="+")
    segment_id = models.BigIntegerField()
    segment_version = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    asked = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    left_out = models.JSONField(default=dict)
    checksum = models.CharField(max_length=64)

    class Privacy:
        plain = [
            "id",
            "switch",
            "segment_id",
            "segment_version",
            "made_at",
            "made_by",
            "asked",
            "people",
            "left_out",
            "checksum",
        ]
