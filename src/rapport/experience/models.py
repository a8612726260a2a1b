"""Where people meet us: the visits they book by themselves."""

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
