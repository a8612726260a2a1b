"""Campaigns: one audience, one message, one moment, and a control group that shows what it was worth."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from rapport.content.models import Version
from rapport.directory.models import ServiceLine
from rapport.people.models import Person
from rapport.segments.models import Segment


class Campaign(models.Model):
    """One blast. The audience is frozen and randomised at launch; the holdout is part of the plan, not an extra."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"
        LAUNCHED = "launched"
        PAUSED = "paused"
        STOPPED = "stopped"

    class Purpose(models.TextChoices):
        P1 = "P1", "Treatment and care coordination"
        P2 = "P2", "Our own health-related service"
        P3 = "P3", "Case management, population-based"
        P4 = "P4", "Refill reminder, current prescription"
        P5 = "P5", "Another named drug"
        P6 = "P6", "Non-health or third-party product"
        P7 = "P7", "P1 to P3 paid for by the product's maker"
        P8 = "P8", "Face to face, or a gift of nominal value"
        P9 = "P9", "Giving patient data to a third party"
        P10 = "P10", "Fundraising"
        P11 = "P11", "Survey"
        P12 = "P12", "Billing"
        P13 = "P13", "Newsletter, no patient data used"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    purpose = models.CharField(max_length=4, choices=Purpose.choices, blank=True)
    remunerated = models.BooleanField(null=True)
    topic = models.CharField(max_length=30, blank=True)
    brief = models.JSONField(default=dict)
    channel = models.CharField(max_length=12, default="email")
    service_line = models.ForeignKey(ServiceLine, null=True, on_delete=models.PROTECT, related_name="+")
    segment = models.ForeignKey(Segment, null=True, on_delete=models.PROTECT, related_name="+")
    definition = models.JSONField(null=True)
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+")
    holdout_percent = models.DecimalField(
        max_digits=4, decimal_places=1, default=10, validators=[MinValueValidator(0), MaxValueValidator(90)]
    )
    send_at = models.DateTimeField(null=True)
    window_days = models.PositiveIntegerField(default=90)
    fixed_cost_cents = models.BigIntegerField(default=0)
    message_cost_cents = models.DecimalField(max_digits=8, decimal_places=4, default=0)
    salt = models.CharField(max_length=32)
    created_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    trace = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(holdout_percent__gte=0) & models.Q(holdout_percent__lte=90), name="campaigns_holdout"
            )
        ]

    class Privacy:
        plain = [
            "id", "slug", "name", "state", "purpose", "remunerated", "topic", "brief", "channel", "service_line", "segment", "definition",
            "version", "holdout_percent", "send_at", "window_days", "fixed_cost_cents", "message_cost_cents", "salt",
            "created_by", "created_at", "launched_at", "stopped_at", "trace",
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """Where one person of the frozen audience was put at launch: contacted, held out, or not permitted and why."""

    class Arm(models.TextChoices):
        CONTACT = "contact"
        HOLDOUT = "holdout"
        NOT_PERMITTED = "not_permitted"

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="assignments")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    arm = models.CharField(max_length=14, choices=Arm.choices)
    gate = models.CharField(max_length=30, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    assigned_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "person"], name="campaigns_assignment_once")]

    class Privacy:
        plain = ["id", "campaign", "arm", "gate", "reason", "assigned_at"]
        pii = ["person"]


class Lesson(models.Model):
    """What a finished campaign taught about its effect. Written by attribution when the window closes, read by forecasts."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, primary_key=True, related_name="lesson")
    lift = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    base_rate = models.FloatField()
    learnt_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(low__lte=models.F("lift")) & models.Q(lift__lte=models.F("high")),
                name="campaigns_lesson_order",
            )
        ]

    class Privacy:
        plain = ["campaign", "lift", "low", "high", "base_rate", "learnt_at"]
