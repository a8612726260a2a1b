"""What reviewers said of a version."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Approval(models.Model):
    """One person's yes to exactly these words (`digest`), in one role. A change of the words undoes it; the row stays.

    `by` is empty for words that ship with the product: then `role` says so.
    """

    class Kind(models.TextChoices):
        MARKETING = "marketing", _("Marketing")
        CLINICAL = "clinical", _("Clinical")
        COMPLIANCE = "compliance", _("Compliance")

    version = models.ForeignKey("content.Version", on_delete=models.PROTECT, related_name="approvals")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    credential = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind"],
                condition=models.Q(undone_at__isnull=True),
                name="content_approval_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="clinical", by__isnull=False) | ~models.Q(credential=""),
                name="content_approval_credential",
            ),
        ]

    class Privacy:
        plain = ["id", "version", "kind", "by", "role", "credential", "digest", "at", "undone_at"]


class ReviewComment(models.Model):
    """Something to talk about in the words of a version, until somebody says it is settled."""

    version = models.ForeignKey("content.Version", on_delete=models.PROTECT, related_name="comments")
    by = models.ForeignKey("trust.User", on_delete=models.PROTECT, related_name="+")
    words = models.TextField()
    at = models.DateTimeField()
    sends_back = models.BooleanField(default=False)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Privacy:
        sensitive = ["words"]
        plain = ["id", "version", "by", "at", "sends_back", "resolved_at", "resolved_by"]
