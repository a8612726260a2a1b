"""Pieces of content and their versions: what may be said, word for word."""

from django.db import models


class Piece(models.Model):
    """Something we may say, in one channel, for one kind of purpose. Its words live in versions."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=12, default="email")
    topic = models.CharField(max_length=30)
    language = models.CharField(max_length=8, default="en")
    service_line_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Privacy:
        plain = ["id", "slug", "name", "channel", "topic", "language", "service_line_id", "created_at"]


class Version(models.Model):
    """One wording of a piece, frozen when published. A message names the version it was made of.

    `translation`: words that a machine translated are not published before a qualified human translator has reviewed exactly
    these words (45 CFR 92.201(c)(3)); who that was, by which credential and when, stays with the version.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    class Translation(models.TextChoices):
        ORIGINAL = "original", "Written by a person"
        MACHINE = "machine", "Translated by a machine, not reviewed"
        REVIEWED = "reviewed", "Translated by a machine and reviewed"

    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    subject = models.CharField(max_length=200)
    preheader = models.CharField(max_length=200, blank=True)
    mjml = models.TextField()
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    links = models.JSONField(default=list)
    fields = models.JSONField(default=list)
    translation = models.CharField(max_length=10, choices=Translation.choices, default=Translation.ORIGINAL)
    drafted_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    reviewer_credential = models.CharField(max_length=120, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["piece", "number"], name="content_version_once"),
            models.CheckConstraint(
                condition=~models.Q(translation="machine", state="published"), name="content_version_no_machine"
            ),
            models.CheckConstraint(
                condition=~models.Q(translation="reviewed")
                | (models.Q(reviewed_by__isnull=False, reviewed_at__isnull=False) & ~models.Q(reviewer_credential="")),
                name="content_version_reviewer",
            ),
        ]

    class Privacy:
        plain = [
            "id", "piece", "number", "state", "subject", "preheader", "mjml", "text", "html", "links", "fields", "created_at",
            "published_at", "published_by", "translation", "drafted_by", "reviewed_by", "reviewer_credential", "reviewed_at",
        ]  # fmt: skip
