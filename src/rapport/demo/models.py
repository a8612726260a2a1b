"""What the demo remembers of itself: which step is done, and the truth that only a simulator can know."""

from django.db import models


class World(models.Model):
    """One simulated clinic. A step is done when its name stands in `steps`; an interrupted load goes on after the last one."""

    seed = models.BigIntegerField(unique=True)
    people = models.IntegerField(default=0)
    steps = models.JSONField(default=dict)
    truth = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    today = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Privacy:
        plain = ["id", "seed", "people", "steps", "truth", "started_at", "today", "finished_at"]
