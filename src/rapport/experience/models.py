"""Where people meet us: the visits they book by themselves, and what they sign up for."""

from django.db import models

from rapport.directory.models import Location
from rapport.people.models import Person


class Booking(models.Model):
    """A slot that a person took through an invitation. One per invitation and one per slot, held by the database."""

    intent_id = models.BigIntegerField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    service_line_id = models.BigIntegerField(null=True)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=30)
    booked_at = models.DateTimeField()
    trace = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["location", "starts_at"], name="experience_booking_slot")]

    class Privacy:
        plain = ["id", "intent_id", "booked_at", "trace"]
        pii = ["person"]
        phi = ["location", "service_line_id", "starts_at", "minutes"]


class InboxLock(models.Model):
    """How often somebody typed a wrong birth date before a patient's inbox, and until when it is shut."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    failures = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    locked_until = models.DateTimeField(null=True)

    class Privacy:
        plain = ["id", "failures", "last_at", "locked_until"]
        pii = ["person"]


class OptIn(models.Model):
    """A wish typed into a public form, that counts only once it is confirmed from the address itself (double opt-in).

    The address and the name are sealed under a key of the row's own: nobody becomes a person by being typed in. `person` is set
    when exactly one living person is known by the address. `letter` is what became of the question whether it was meant:
    `intent` when an ordinary message carries it, the other states when it goes to a stranger.
    """

    class Outcome(models.TextChoices):
        OPEN = "open"
        CONFIRMED = "confirmed"
        DECLINED = "declined"
        REPLACED = "replaced"

    class LetterState(models.TextChoices):
        INTENT = "intent"
        WAITING = "waiting"
        BEGUN = "begun"
        SENT = "sent"
        REFUSED = "refused"
        UNKNOWN = "unknown"

    key = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    digest = models.BinaryField()
    address = models.BinaryField()
    name = models.BinaryField(null=True)
    channel = models.CharField(max_length=12, default="email")
    topic = models.CharField(max_length=30)
    form = models.CharField(max_length=30)
    text_version = models.CharField(max_length=40)
    locale = models.CharField(max_length=8)
    evidence = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    settled_at = models.DateTimeField(null=True)
    letter = models.CharField(max_length=10, choices=LetterState.choices)
    letter_at = models.DateTimeField(null=True)
    letter_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "channel", "topic"], condition=models.Q(outcome="open"), name="experience_optin_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(letter__in=["waiting", "begun"]), name="experience_optin_waiting"
            )
        ]

    class Privacy:
        plain = [
            "id", "key", "channel", "topic", "form", "text_version", "locale", "asked_at", "expires_at", "outcome",
            "settled_at", "letter", "letter_at", "letter_tries",
        ]  # fmt: skip
        pii = ["person", "address", "name", "evidence"]
        sensitive = ["digest"]
