"""What letters are made with: the clinic's looks, pictures, snippets. Nothing here is about a person."""

from django.db import models


class Picture(models.Model):
    """A picture as we serve it: drawn again by us, so that nothing but pixels is in it. `token` is its public name."""

    token = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    alt = models.CharField(max_length=300, blank=True)
    is_decoration = models.BooleanField(default=False)
    kind = models.CharField(max_length=4)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    added_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_decoration=True) | ~models.Q(alt=""), name="content_picture_has_words"
            )
        ]

    class Privacy:
        plain = [
            "id", "token", "name", "alt", "is_decoration", "kind", "width", "height", "size", "content", "added_by", "added_at",
        ]  # fmt: skip


class Snippet(models.Model):
    """Blocks that are kept once and stand in many letters. `blocks_before`: how they were before the last step."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=8, default="en")
    blocks = models.JSONField(default=list)
    blocks_before = models.JSONField(null=True)
    changed_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Privacy:
        plain = ["id", "slug", "name", "language", "blocks", "blocks_before", "changed_by", "changed_at"]


class Brand(models.Model):
    """The clinic's looks: one row. Letters that are published keep the looks they had."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    logo = models.ForeignKey(Picture, null=True, on_delete=models.SET_NULL, related_name="+")
    accent = models.CharField(max_length=7, default="#0f766e")
    ground = models.CharField(max_length=7, default="#eef2f1")
    ink = models.CharField(max_length=7, default="#26323a")
    font = models.CharField(max_length=8, default="system")
    footer = models.CharField(max_length=300, blank=True)
    identification = models.CharField(max_length=120, blank=True)
    changed_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="content_brand_once")]

    class Privacy:
        plain = [
            "id", "logo", "accent", "ground", "ink", "font", "footer", "identification", "changed_by", "changed_at",
        ]  # fmt: skip
