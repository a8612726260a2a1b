"""Pieces of content and their versions: what may be said, word for word."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.content.design_models import Brand, Picture, Snippet
from rapport.content.reviewing.models import Approval, ReviewComment

__all__ = ["Approval", "Brand", "Picture", "Piece", "ReviewComment", "Snippet", "Version"]


class Piece(models.Model):
    """Something we may say, in one channel, for one kind of purpose. Its words live in versions.

    `tags` are written "kind:word" (`library.KINDS`); `is_paid` says that somebody outside pays for it to be said.
    Pieces of one `family` say the same in other channels and languages; empty for a piece that stands alone.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=12, default="email")
    topic = models.CharField(max_length=30)
    language = models.CharField(max_length=8, default="en")
    service_line_id = models.BigIntegerField(null=True)
    tags = models.JSONField(default=list)
    owner = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    is_paid = models.BooleanField(default=False)
    at_desk = models.CharField(max_length=60, blank=True)  # what the front desk calls it; empty: it does not send it
    family = models.SlugField(blank=True)
    created_at = models.DateTimeField()

    class Privacy:
        plain = [
            "id", "slug", "name", "channel", "topic", "language", "service_line_id", "created_at", "tags", "owner", "is_paid",
            "at_desk",
            "family",
        ]  # fmt: skip


class Version(models.Model):
    """One wording of a piece, frozen when approved. A message names the version it was made of.

    draft -> review -> published (which the pages call approved; the only state that is ever sent) -> retired. `digest` names
    exactly the words that were handed in; an approval of other words is none. Nobody among `authors` approves them.

    `translation`: words that a machine translated are not published before a qualified human translator has reviewed exactly
    these words (45 CFR 92.201(c)(3)); who that was, by which credential and when, stays with the version.
    `blocks`: what the designer arranges; the MJML is made of it, until somebody opens it as code. `conditions`: for whom its blocks
    show, by number (`content.showing`). `parts`: what the editor of a call script, an inbox text or a push keeps; the text is made of
    it (`content.parts`), and there is no MJML.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        REVIEW = "review"
        PUBLISHED = "published"
        RETIRED = "retired"

    class WrittenBy(models.TextChoices):
        PEOPLE = "people", _("Written by people")
        MACHINE = "machine", _("Written by a machine")
        MACHINE_REVIEWED = "machine_reviewed", _("Written by a machine and approved by a clinician")

    class Translation(models.TextChoices):
        ORIGINAL = "original", _("Written by a person")
        MACHINE = "machine", _("Translated by a machine, not reviewed")
        REVIEWED = "reviewed", _("Translated by a machine and reviewed")

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
    is_text_own = models.BooleanField(default=False)
    grade = models.FloatField(null=True)
    written_by = models.CharField(max_length=16, choices=WrittenBy.choices, default=WrittenBy.PEOPLE)
    has_ai_notice = models.BooleanField(default=False)
    blocks = models.JSONField(default=list)
    blocks_before = models.JSONField(null=True)
    conditions = models.JSONField(default=list)
    parts = models.JSONField(default=dict)
    translation = models.CharField(max_length=10, choices=Translation.choices, default=Translation.ORIGINAL)
    drafted_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    reviewer_credential = models.CharField(max_length=120, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    authors = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    handed_in_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
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
            "blocks", "blocks_before", "conditions", "parts",
            "published_at", "published_by", "translation", "drafted_by", "reviewed_by", "reviewer_credential", "reviewed_at",
            "is_text_own", "grade", "written_by", "has_ai_notice", "authors", "digest", "handed_in_by", "handed_in_at", "expires_at",
        ]  # fmt: skip
