"""What waits for a hand of ours after the send accepted it: letters to print, people to ring up, messages in the portal's inbox."""

from django.db import models


class PrintBatch(models.Model):
    """Letters printed in one go: how many, how many pages, the checksum of the sheet. The sheet itself is sealed, and destroyed
    when the batch is posted."""

    made_at = models.DateTimeField()
    made_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    letters = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    checksum = models.CharField(max_length=64)
    key = models.UUIDField(unique=True)
    sheet = models.BinaryField(null=True)
    posted_at = models.DateTimeField(null=True)
    posted_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-made_at"], name="messaging_printbatch_made")]

    class Privacy:
        plain = ["id", "made_at", "made_by", "letters", "pages", "checksum", "key", "posted_at", "posted_by"]
        pii = ["sheet"]


class Letter(models.Model):
    """One letter on paper, once an intent. waiting -> printed -> posted; a spoiled one waits once more; held back: not allowed any
    more, or nowhere to send it, when it was to be printed."""

    class State(models.TextChoices):
        WAITING = "waiting"
        PRINTED = "printed"
        POSTED = "posted"
        HELD_BACK = "held_back"

    intent = models.OneToOneField("messaging.Intent", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    placed_at = models.DateTimeField()
    batch = models.ForeignKey(PrintBatch, null=True, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(default=0)
    spoiled_in = models.ForeignKey(PrintBatch, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["placed_at"], condition=models.Q(state="waiting"), name="messaging_letter_waiting"),
        ]

    class Privacy:
        plain = ["id", "intent", "message_id", "state", "placed_at", "batch", "number", "spoiled_in", "settled_at"]
        pii = ["person"]
        phi = ["reason"]


class Call(models.Model):
    """Somebody is to be rung up, once an intent. A clerk holds it while dialling (`held_by`), so that two never ring at once.

    open -> reached / unreached (every try was in vain) / ended (wrong number, do not call, not allowed any more).
    """

    class State(models.TextChoices):
        OPEN = "open"
        REACHED = "reached"
        UNREACHED = "unreached"
        ENDED = "ended"

    intent = models.OneToOneField("messaging.Intent", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    placed_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    is_promised = models.BooleanField(default=False)
    held_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    held_until = models.DateTimeField(null=True)
    point_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at", "id"], condition=models.Q(state="open"), name="messaging_call_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["held_by"], condition=models.Q(held_by__isnull=False), name="messaging_call_one_a_clerk"
            )
        ]

    class Privacy:
        plain = [
            "id", "intent", "message_id", "state", "placed_at", "next_at", "tries", "is_promised", "held_by", "held_until", "point_id",
            "settled_at",
        ]  # fmt: skip
        pii = ["person"]
        phi = ["reason"]


class CallTry(models.Model):
    """One time that a clerk rang: when, and what came of it."""

    class Outcome(models.TextChoices):
        YES = "yes"
        NO = "no"
        LATER = "later"
        VOICEMAIL = "voicemail"
        NO_ANSWER = "no_answer"
        WRONG_NUMBER = "wrong_number"
        DO_NOT_CALL = "do_not_call"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=14, choices=Outcome.choices)
    call_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["call", "at"], name="messaging_calltry_call")]

    class Privacy:
        plain = ["id", "call", "at", "by", "outcome", "call_back_at"]
        pii = ["person"]


class PortalMessage(models.Model):
    """A message in a patient's inbox, once an intent; sealed under the patient's own key. `closed_at`: it went on by another way.
    `told_at`: when it was seen to that the patient hears of it (`notices`)."""

    intent = models.OneToOneField("messaging.Intent", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    message_id = models.CharField(max_length=120, unique=True)
    placed_at = models.DateTimeField()
    subject = models.BinaryField()
    body = models.BinaryField()
    opened_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-placed_at"], name="messaging_portal_person"),
            models.Index(fields=["id"], condition=models.Q(told_at__isnull=True), name="messaging_portal_untold"),
            models.Index(
                fields=["placed_at"],
                condition=models.Q(opened_at__isnull=True, closed_at__isnull=True),
                name="messaging_portal_unread",
            ),
        ]

    class Privacy:
        plain = ["id", "intent", "message_id", "placed_at", "opened_at", "answered_at", "closed_at", "told_at"]
        pii = ["person"]
        phi = ["subject", "body"]


class PushSubscription(models.Model):
    """One browser of a patient that may be told “you have a new message”. Endpoint and keys are sealed under the patient's key."""

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    digest = models.BinaryField(unique=True)
    endpoint = models.BinaryField()
    p256dh = models.BinaryField()
    auth = models.BinaryField()
    language = models.CharField(max_length=8, default="en")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person"], condition=models.Q(ended_at__isnull=True), name="messaging_push_person"),
        ]

    class Privacy:
        plain = ["id", "person", "language", "made_at", "ended_at", "ended_because"]
        pii = ["endpoint", "p256dh", "auth"]
        sensitive = ["digest"]
