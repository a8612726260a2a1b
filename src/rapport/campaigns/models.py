"""Campaigns: one audience, what is said to it and when, and a control group that shows what it was worth."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rapport.content.models import Version
from rapport.directory.models import ServiceLine
from rapport.people.models import Person
from rapport.segments.models import Segment


class Objective(models.Model):
    """What a clinic wants to reach in some months: so many visits or bookings, in a service line. Campaigns serve one."""

    class Metric(models.TextChoices):
        VISITS = "visits", _("People who came")
        BOOKINGS = "bookings", _("People who booked")
        EXTRA = "extra", _("Visitors more than without the campaigns")

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    metric = models.CharField(max_length=10, choices=Metric.choices, default=Metric.VISITS)
    target = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    from_on = models.DateField()
    until_on = models.DateField()
    service_line = models.ForeignKey(ServiceLine, null=True, on_delete=models.PROTECT, related_name="+")
    set_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_on__gte=models.F("from_on")), name="campaigns_objective_order"
            )
        ]

    class Privacy:
        plain = ["id", "slug", "name", "metric", "target", "from_on", "until_on", "service_line", "set_by", "set_at"]

    def __str__(self) -> str:
        return self.name


class Capacity(models.Model):
    """How many visits a service line can take in one week (from its Monday), as the clinic says. What is taken is read."""

    service_line = models.ForeignKey(ServiceLine, on_delete=models.CASCADE, related_name="+")
    week_on = models.DateField()
    slots = models.PositiveIntegerField()
    set_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service_line", "week_on"], name="campaigns_capacity_once"),
            models.CheckConstraint(condition=models.Q(week_on__iso_week_day=1), name="campaigns_capacity_monday"),
        ]

    class Privacy:
        plain = ["id", "service_line", "week_on", "slots", "set_by", "set_at"]


class Campaign(models.Model):
    """A plan. Each time it runs its audience is frozen and randomised; the holdout is part of the plan, not an extra.

    `salt` is drawn with the draft. `next_at`: when something that repeats is due again. `test_percent` below 100: only so many of
    the people contacted get the variants at first, and the rest gets the winner.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"
        LAUNCHED = "launched"
        PAUSED = "paused"
        STOPPED = "stopped"

    class Kind(models.TextChoices):
        ONCE = "once", _("Once")
        REPEATS = "repeats", _("Again and again")
        DATED = "dated", _("On a day of each person's own")
        NEWSLETTER = "newsletter", _("A newsletter")

    class Occasion(models.TextChoices):
        BIRTHDAY = "birthday", _("The month of the birthday")
        KNOWN_SINCE = "known_since", _("The day we came to know each other")
        FIRST_VISIT = "first_visit", _("The day of the first visit")
        LAST_VISIT = "last_visit", _("A year after the last visit")
        SEASON = "season", _("A season, such as flu")

    class Timing(models.TextChoices):
        AT_ONCE = "at_once", _("All at the same moment")
        LOCAL = "local", _("At that time of the day where each person lives")
        BEST_HOUR = "best_hour", _("At the hour at which each person answers")
        SPREAD = "spread", _("Spread evenly over some hours")

    class Answer(models.TextChoices):
        CLICKED = "clicked", pgettext_lazy("what people did", "Clicked")
        BOOKED = "booked", pgettext_lazy("what people did", "Booked")
        CAME = "came", pgettext_lazy("what people did", "Came")

    class Purpose(models.TextChoices):
        P1 = "P1", _("Treatment and care coordination")
        P2 = "P2", _("Our own health-related service")
        P3 = "P3", _("Case management, population-based")
        P4 = "P4", _("Refill reminder, current prescription")
        P5 = "P5", _("Another named drug")
        P6 = "P6", _("Non-health or third-party product")
        P7 = "P7", _("P1 to P3 paid for by the product's maker")
        P8 = "P8", _("Face to face, or a gift of nominal value")
        P9 = "P9", _("Giving patient data to a third party")
        P10 = "P10", _("Fundraising")
        P11 = "P11", _("Survey")
        P12 = "P12", _("Billing")
        P13 = "P13", _("Newsletter, no patient data used")

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ONCE)
    rule = models.CharField(max_length=200, blank=True)
    occasion = models.CharField(max_length=12, choices=Occasion.choices, blank=True)
    season_from = models.CharField(max_length=5, blank=True)
    season_until = models.CharField(max_length=5, blank=True)
    objective = models.ForeignKey(Objective, null=True, on_delete=models.SET_NULL, related_name="+")
    purpose = models.CharField(max_length=4, choices=Purpose.choices, blank=True)
    remunerated = models.BooleanField(null=True)
    topic = models.CharField(max_length=30, blank=True)
    brief = models.JSONField(default=dict)
    channel = models.CharField(max_length=12, default="email")
    others = models.JSONField(default=list)  # channels to take, in order, for whom this one can't reach
    service_line = models.ForeignKey(ServiceLine, null=True, on_delete=models.PROTECT, related_name="+")
    segment = models.ForeignKey(Segment, null=True, on_delete=models.PROTECT, related_name="+")
    definition = models.JSONField(null=True)
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+")
    holdout_percent = models.DecimalField(
        max_digits=4, decimal_places=1, default=10, validators=[MinValueValidator(0), MaxValueValidator(90)]
    )
    test_percent = models.DecimalField(max_digits=4, decimal_places=1, default=100)
    decide_by = models.CharField(max_length=8, choices=Answer.choices, default=Answer.CLICKED)
    decide_after_hours = models.PositiveIntegerField(default=48)
    send_at = models.DateTimeField(null=True)
    timing = models.CharField(max_length=10, choices=Timing.choices, default=Timing.AT_ONCE)
    spread_hours = models.PositiveIntegerField(default=0)
    is_paced = models.BooleanField(default=False)
    response_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    budget_cents = models.BigIntegerField(null=True)
    window_days = models.PositiveIntegerField(default=90)
    fixed_cost_cents = models.BigIntegerField(default=0)
    message_cost_cents = models.DecimalField(max_digits=8, decimal_places=4, default=0)
    salt = models.CharField(max_length=32)
    created_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    trace = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(holdout_percent__gte=0) & models.Q(holdout_percent__lte=90), name="campaigns_holdout"
            ),
            models.CheckConstraint(
                condition=models.Q(test_percent__gt=0) & models.Q(test_percent__lte=100), name="campaigns_test_share"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state="launched"), name="campaigns_due_again"),
        ]

    class Privacy:
        plain = [
            "id", "slug", "name", "state", "kind", "rule", "occasion", "season_from", "season_until", "objective", "purpose",
            "remunerated", "topic", "brief", "channel", "others", "service_line", "segment", "definition", "version",
            "holdout_percent", "test_percent", "decide_by", "decide_after_hours", "send_at", "timing", "spread_hours", "is_paced",
            "response_percent", "budget_cents", "window_days", "fixed_cost_cents", "message_cost_cents", "salt", "created_by",
            "created_at", "launched_at", "next_at", "stopped_at", "trace",
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def is_repeated(self) -> bool:
        """Whether it runs more than once."""
        return self.kind in {self.Kind.REPEATS, self.Kind.DATED} or bool(self.rule)


class AudienceLine(models.Model):
    """Whom a campaign means beside its segment: also these, not those, not who got that campaign lately."""

    class Kind(models.TextChoices):
        ALSO = "also", _("Also the people of")
        NOT_IN = "not_in", _("But not the people of")
        NOT_AFTER = "not_after", _("But not who got")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    segment = models.ForeignKey(Segment, null=True, on_delete=models.PROTECT, related_name="+")
    earlier = models.ForeignKey(Campaign, null=True, on_delete=models.PROTECT, related_name="+")
    days = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="not_after", earlier__isnull=False, days__isnull=False, segment__isnull=True)
                | models.Q(kind__in=["also", "not_in"], segment__isnull=False, earlier__isnull=True, days__isnull=True),
                name="campaigns_line_whole",
            )
        ]

    class Privacy:
        plain = ["id", "campaign", "kind", "segment", "earlier", "days"]


class Variant(models.Model):
    """One way to say it. What is empty is the campaign's own: wording, sender's name, channel, time. `percent` are its people."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="variants")
    label = models.CharField(max_length=1)
    percent = models.DecimalField(max_digits=4, decimal_places=1)
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=12, blank=True)
    sender_name = models.CharField(max_length=60, blank=True)
    later_minutes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "label"], name="campaigns_variant_once"),
            models.CheckConstraint(
                condition=models.Q(percent__gt=0) & models.Q(percent__lte=100), name="campaigns_variant_share"
            ),
        ]

    class Privacy:
        plain = ["id", "campaign", "label", "percent", "version", "channel", "sender_name", "later_minutes"]


class Run(models.Model):
    """One time that a campaign went out: its own frozen audience, lots and counts. A campaign that goes out once has one.

    `look_at`: when somebody of it still waits (for the winner, for open slots, for money), the moment to look again.
    `decision`: the numbers by which the winner was chosen.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        SKIPPED = "skipped"

    class Waits(models.TextChoices):
        WINNER = "winner", _("the winning variant is not known yet")
        CAPACITY = "capacity", _("no open visits for more people yet")
        BUDGET = "budget", _("the budget is used up")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="runs")
    occurrence = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    due_at = models.DateTimeField()
    began_at = models.DateTimeField()
    definition = models.JSONField(null=True)
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+")
    meant = models.PositiveIntegerField(default=0)
    permitted = models.PositiveIntegerField(default=0)
    held_out = models.PositiveIntegerField(default=0)
    waits_for = models.CharField(max_length=10, choices=Waits.choices, blank=True)
    look_at = models.DateTimeField(null=True)
    winner = models.ForeignKey(Variant, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "occurrence"], name="campaigns_run_once")]
        indexes = [
            models.Index(fields=["look_at"], condition=models.Q(look_at__isnull=False), name="campaigns_run_look")
        ]

    class Privacy:
        plain = [
            "id", "campaign", "occurrence", "state", "due_at", "began_at", "definition", "version", "meant", "permitted",
            "held_out", "waits_for", "look_at", "winner", "decided_at", "decision", "reason",
        ]  # fmt: skip

    @property
    def salt(self) -> str:
        """The lots of each run are its own; those of a campaign that goes out once are the campaign's."""
        return self.campaign.salt if self.occurrence == "1" else f"{self.campaign.salt}:{self.occurrence}"


class Assignment(models.Model):
    """Where one person of the frozen audience was put: contacted, held out, or not permitted and why.

    `occurrence` is the name of the message that may follow: with it nobody is written to twice in one run, nor twice in a year
    where that is the promise. `invited_at` is empty while a person of the contact arm still waits.
    """

    class Arm(models.TextChoices):
        CONTACT = "contact"
        HOLDOUT = "holdout"
        NOT_PERMITTED = "not_permitted"

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="assignments")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="assignments")
    occurrence = models.CharField(max_length=40, default="1")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    arm = models.CharField(max_length=14, choices=Arm.choices)
    variant = models.ForeignKey(Variant, null=True, on_delete=models.PROTECT, related_name="+")
    is_test = models.BooleanField(default=True)
    place = models.PositiveIntegerField(default=0)
    gate = models.CharField(max_length=30, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    assigned_at = models.DateTimeField()
    invited_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "person", "occurrence"], name="campaigns_assignment_once")
        ]
        indexes = [
            models.Index(
                fields=["run", "place"],
                condition=models.Q(arm="contact", invited_at__isnull=True),
                name="campaigns_assignment_waits",
            )
        ]

    class Privacy:
        plain = [
            "id", "campaign", "run", "occurrence", "arm", "variant", "is_test", "place", "gate", "reason", "assigned_at", "invited_at",
        ]  # fmt: skip
        pii = ["person"]


class Lesson(models.Model):
    """What a finished campaign taught about its effect. Written by attribution when the window closes, read by forecasts."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, primary_key=True, related_name="lesson")
    lift = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    base_rate = models.FloatField()
    learnt_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(low__lte=models.F("lift")) & models.Q(lift__lte=models.F("high")),
                name="campaigns_lesson_order",
            )
        ]

    class Privacy:
        plain = ["campaign", "lift", "low", "high", "base_rate", "learnt_at"]
