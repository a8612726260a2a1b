"""Stays of people in segments, and how far the two ways of keeping them up to date have come."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Why(models.TextChoices):
    """Why somebody entered or left."""

    FIRST_COUNT = "first_count", "The segment was counted for the first time"
    EVENT = "event", "Something was written about the person"
    TIME = "time", "A day passed and a window moved"
    DEFINITION = "definition", "The segment got a new definition"
    LIST = "list", "Put on a list"
    MERGED = "merged", "Two records became one"
    ERASED = "erased", "The person was erased"
    DECEASED = "deceased", "The person has died"


class Membership(models.Model):
    """One stay of one person in one segment. Open while `left_at` is empty; who comes back begins a new one.

    `segment_version` is the definition that let her in; `entered_kind` and `left_kind` say what had changed where something
    written about her was the reason: a kind of event or fact, the name of a trait, or `profile`, `consent_now` ...
    """

    id = models.BigAutoField(primary_key=True)
    segment = models.ForeignKey("segments.Segment", on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    segment_version = models.PositiveIntegerField()
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    entered_why = models.CharField(max_length=12, choices=Why.choices)
    entered_kind = models.CharField(max_length=80, blank=True, default="")
    entered_trace = models.UUIDField(null=True)
    left_why = models.CharField(max_length=12, choices=Why.choices, blank=True, default="")
    left_kind = models.CharField(max_length=80, blank=True, default="")
    left_trace = models.UUIDField(null=True)
    tx = models.BigIntegerField(default=0)

    class Meta:
        app_label = "segments"
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "person"], condition=models.Q(left_at__isnull=True), name="segments_member_now"
            ),
            models.CheckConstraint(
                condition=models.Q(left_at__isnull=True, left_why="")
                | models.Q(left_at__isnull=False, left_why__gt=""),
                name="segments_member_left_why",
            ),
        ]
        indexes = [
            models.Index(fields=["segment", "entered_at"], name="segments_member_entered"),
            models.Index(
                fields=["segment", "left_at"], condition=models.Q(left_at__isnull=False), name="segments_member_left"
            ),
            models.Index(fields=["tx"], name="segments_member_tx"),
        ]

    class Privacy:
        plain = ["id", "segment", "person", "segment_version", "entered_trace", "left_trace", "tx"]
        phi = ["entered_at", "left_at", "entered_why", "entered_kind", "left_why", "left_kind"]
        warehouse = ["id", "person", "segment", "entered_at", "left_at", "tx"]


class Reckoning(models.Model):
    """Against which version of the warehouse, on which day and with which definition a segment was last compared in full.

    `meaning` is a digest of the definition with all that it names in its place: a value set, a county, another segment may change
    what it means. `watermark` and `seen` say which transactions that version had seen.
    """

    segment = models.OneToOneField(
        "segments.Segment", primary_key=True, on_delete=models.CASCADE, related_name="reckoning"
    )
    segment_version = models.PositiveIntegerField()
    warehouse_version = models.BigIntegerField()
    watermark = models.BigIntegerField()
    seen = models.TextField()
    meaning = models.CharField(max_length=64)
    on_day = models.DateField()
    reckoned_at = models.DateTimeField()

    class Meta:
        app_label = "segments"

    class Privacy:
        plain = [
            "segment", "segment_version", "warehouse_version", "watermark", "seen", "meaning", "on_day", "reckoned_at",
        ]  # fmt: skip


class ListMaking(models.Model):
    """How a list was made: from which form, so that a second click makes no second list, and which lines of a sheet put nobody on it.

    `rejected` are pairs of line number and problem; of what stood in the sheet nothing is kept. A frozen segment had no lines.
    """

    segment = models.OneToOneField("segments.Segment", primary_key=True, on_delete=models.CASCADE, related_name="+")
    form = models.UUIDField(unique=True)
    lines = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField()
    rejected = models.JSONField(default=list)

    class Meta:
        app_label = "segments"

    class Privacy:
        plain = ["segment", "form", "lines", "people", "rejected"]


class SheetReading(models.Model):
    """A sheet on its way to become a list: how far it was read, and what came of it (`membership.reading`).

    `text` is the sheet and `found` the people of the lines read so far, both sealed; neither outlives the reading. `rejected` as in
    ListMaking.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being read")
        DONE = "done", _("Done")
        NOBODY = "nobody", _("Nobody is known")
        REFUSED = "refused", _("Could not be read")
        CANCELLED = "cancelled", _("Stopped")

    form = models.UUIDField(unique=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    by = models.ForeignKey("trust.User", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=4)
    text = models.BinaryField(null=True)
    found = models.BinaryField(null=True)
    rejected = models.JSONField(default=list)
    lines = models.PositiveIntegerField()
    read = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    stumbles = models.PositiveSmallIntegerField(default=0)  # how often its next part met an error of the database
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    problem = models.CharField(max_length=200, blank=True)
    segment = models.ForeignKey("segments.Segment", null=True, on_delete=models.CASCADE, related_name="+")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "segments"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="waiting") | models.Q(text__isnull=True, found__isnull=True),
                name="segments_sheet_gone_when_done",
            )
        ]
        indexes = [
            models.Index(
                fields=["stumbles", "read", "id"], condition=models.Q(state="waiting"), name="segments_sheet_in_line"
            )
        ]

    class Privacy:
        plain = [
            "id", "form", "key", "by", "name", "purpose", "rejected", "lines", "read", "people", "stumbles", "state", "problem",
            "segment", "begun_at", "ended_at",
        ]  # fmt: skip
        phi = ["text", "found"]


class SeenMark(models.Model):
    """Which transactions the live refresh has seen: a snapshot of PostgreSQL. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    snapshot = models.TextField()
    moved_at = models.DateTimeField()

    class Meta:
        app_label = "segments"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="segments_seen_mark_one")]

    class Privacy:
        plain = ["id", "snapshot", "moved_at"]
