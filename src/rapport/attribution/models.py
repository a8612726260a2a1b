"""Conversions: visits that a campaign's people made in its window, in both arms, with their margin."""

from django.db import models

from rapport.campaigns.models import Assignment, Campaign


class Conversion(models.Model):
    """A visit of an assigned person inside the response window. Refreshed by `attribution.conversions`, never typed in."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="+")
    person_id = models.BigIntegerField()
    event_id = models.BigIntegerField()
    at = models.DateTimeField()
    meets_objective = models.BooleanField()
    responded = models.BooleanField(default=False)
    is_new_patient = models.BooleanField(default=False)
    margin_cents = models.BigIntegerField(default=0)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "event_id"], name="attribution_conversion_once")]
        indexes = [models.Index(fields=["campaign", "assignment"], name="attribution_conversion_arm")]

    class Privacy:
        plain = [
            "id",
            "campaign",
            "assignment",
            "event_id",
            "meets_objective",
            "responded",
            "is_new_patient",
            "found_at",
        ]
        pii = ["person_id"]
        phi = ["at", "margin_cents"]


class Reading(models.Model):
    """When the visits of a campaign were last looked for: the freshness of its result."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, primary_key=True, related_name="+")
    read_at = models.DateTimeField()
    visits = models.IntegerField()

    class Privacy:
        plain = ["campaign", "read_at", "visits"]
