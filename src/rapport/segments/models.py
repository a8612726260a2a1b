"""Named questions about people, the size of their answers over time, and the pointer to the warehouse they are asked in."""

from django.db import models

from rapport.segments.membership.models import ListMaking, Membership, Reckoning, SeenMark, SheetReading, Why

__all__ = [
    "PURPOSE", "CodeName", "ListMaking", "Membership", "Reckoning", "SeenMark", "Segment", "SegmentCount", "SegmentVersion",
    "SheetReading", "WarehouseVersion", "Why",
]  # fmt: skip

PURPOSE = "P2"  # our own health service: what most segments are built for


class Segment(models.Model):
    """A question 'who?' in the segment language (`segments.language`), with the purpose it may serve.

    A `list` is not asked again: its people were put on it once, by name or as a picture of another segment (`origin`).
    """

    class Kind(models.TextChoices):
        LIVE = "live", "Kept up to date"
        LIST = "list", "A list"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=4, choices=Kind.choices, default=Kind.LIVE)
    origin = models.ForeignKey("SegmentVersion", null=True, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=4, default=PURPOSE)
    definition = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    note = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Privacy:
        plain = [
            "id",
            "slug",
            "name",
            "kind",
            "origin",
            "purpose",
            "definition",
            "version",
            "note",
            "created_by",
            "created_at",
            "changed_at",
        ]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """What a segment meant at one time. Never edited: campaigns and results name the version they used."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=4, default=PURPOSE)
    definition = models.JSONField()
    saved_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "version"], name="segments_version_once")]

    class Privacy:
        plain = ["id", "segment", "version", "name", "purpose", "definition", "saved_by", "saved_at"]


class SegmentCount(models.Model):
    """How many people a version of a segment held, in one version of the warehouse; who entered and left since the line before."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="counts")
    segment_version = models.PositiveIntegerField()
    warehouse_version = models.BigIntegerField()
    people = models.IntegerField()
    entered = models.IntegerField(default=0)
    left = models.IntegerField(default=0)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "segment_version", "warehouse_version"], name="segments_count_once"
            )
        ]
        indexes = [models.Index(fields=["segment", "-counted_at"], name="segments_count_history")]

    class Privacy:
        plain = ["id", "segment", "segment_version", "warehouse_version", "people", "entered", "left", "counted_at"]


class WarehouseVersion(models.Model):
    """The pointer: which published warehouse file is newest, up to which transaction, and how fresh. Readers look here.

    - `seen` is the snapshot of PostgreSQL that is in it, `watermark` the transaction below which all had ended then.
    - `made_by` says which tables it has and what they mean; a program that means something else builds it anew.
    - `payers` is a digest of the classes of payers, which stand in no row that carries a stamp.
    - `stands_alone`: somebody was erased with this version, so no older copy may stay.
    - `lineage` names the work file it was made from, so that a work file that belongs to another database (a restored or
      recreated one) is noticed and built anew.
    """

    number = models.BigIntegerField(primary_key=True)
    file_name = models.CharField(max_length=80)
    watermark = models.BigIntegerField()
    people = models.BigIntegerField()
    events = models.BigIntegerField()
    data_until = models.DateTimeField()
    published_at = models.DateTimeField()
    lineage = models.UUIDField()
    seen = models.TextField(default="")
    made_by = models.CharField(max_length=80, default="")
    payers = models.CharField(max_length=40, default="")
    stands_alone = models.BooleanField(default=False)

    class Privacy:
        plain = [
            "number", "file_name", "watermark", "people", "events", "data_until", "published_at", "lineage", "seen", "made_by",
            "payers", "stands_alone",
        ]  # fmt: skip


class CodeName(models.Model):
    """What a code that our people have is called, so that the builder finds it by words. Learned from what arrives."""

    kind = models.CharField(max_length=30)
    code_system = models.CharField(max_length=60)
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=200, blank=True)
    data_class = models.CharField(max_length=24)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "code_system", "code"], name="segments_code_name_once")]

    class Privacy:
        plain = ["id", "kind", "code_system", "code", "label", "data_class"]
