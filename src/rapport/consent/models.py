"""The consent ledger and what stands beside it: what each person allowed, who speaks for whom, which rules decided.

Everything here is appended and never edited; what holds now is derived (`consent.queries`). The exceptions are lists that staff
keep (vendors) and the suppression list, which outlives the people on it.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.people.models import DataClass, Person


class ConsentRecord(models.Model):
    """One statement of will, append-only. The current state is derived (`consent.queries`), never edited.

    `kind` says what kind of statement it is, `status` whether it now holds (granted) or no longer (withdrawn). The scope is
    channel x topic x sender x data class x recipient; empty or `all` speaks about every one. `contact_point_id` is the one address
    or number the statement is about, where it is about one.
    """

    class Kind(models.TextChoices):
        CONSENT = "consent", _("Consent to be written to or called")
        AUTHORIZATION = "authorization", _("HIPAA authorization (45 CFR 164.508)")
        PART2 = "part2", _("Consent to use substance use records (42 CFR 2.31)")
        PERMISSION = "permission", _("State permission for marketing (Tex. Health & Safety Code 181.152)")
        COLLECTION = "collection", _("Consent to collect consumer health data (RCW 19.373.030)")
        SHARING = "sharing", _("Consent to share consumer health data (RCW 19.373.030)")
        DATA_USE = "data_use", _("Explicit consent to use a class of data (GDPR 9(2)(a), genetic)")
        MINOR_ALONE = "minor_alone", _("A minor consented alone to this care (45 CFR 164.502(g)(3))")
        CONFIDENTIAL = "confidential", _("Only by this way or address (45 CFR 164.522(b))")
        RESTRICTION = "restriction", _("An agreed restriction (45 CFR 164.522(a))")
        OBJECTION = "objection", _("Objection to marketing and profiling (GDPR 21)")
        DO_NOT_CONTACT = "do_not_contact", _("Not to be contacted at all")
        LEGAL_HOLD = "legal_hold", _("Legal hold")

    class Tier(models.TextChoices):
        EXPRESS = "express", _("Prior express consent (T2)")
        WRITTEN = "written", _("Prior express written consent (T3)")

    class Status(models.TextChoices):
        GRANTED = "granted"
        WITHDRAWN = "withdrawn"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.CONSENT)
    channel = models.CharField(max_length=12)
    topic = models.CharField(max_length=30)
    sender = models.CharField(max_length=60, default="all")
    data_class = models.CharField(max_length=24, blank=True)
    recipient = models.CharField(max_length=120, blank=True)
    tier = models.CharField(max_length=30, choices=Tier.choices, default=Tier.EXPRESS)
    status = models.CharField(max_length=10, choices=Status.choices)
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    expires_event = models.CharField(max_length=60, blank=True)
    contact_point_id = models.BigIntegerField(null=True)
    text_version = models.CharField(max_length=40)
    locale = models.CharField(max_length=8, default="en")
    evidence = models.JSONField(default=dict)
    via = models.CharField(max_length=30)
    source_key = models.UUIDField(unique=True)
    recorded_at = models.DateTimeField()
    tx = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["person", "channel", "topic", "-at"], name="consent_record_current"),
            models.Index(fields=["tx"], name="consent_record_tx"),
            models.Index(fields=["at"], name="consent_record_at"),
            models.Index(
                fields=["expires_at"], condition=models.Q(expires_at__isnull=False), name="consent_record_expiring"
            ),
            models.Index(
                fields=["recorded_at"], condition=models.Q(status="withdrawn"), name="consent_record_withdrawn"
            ),
        ]

    class Privacy:
        plain = [
            "id", "person", "kind", "channel", "topic", "sender", "recipient", "tier", "status", "at", "expires_at",
            "expires_event", "contact_point_id", "text_version", "locale", "via", "source_key", "recorded_at", "tx",
        ]  # fmt: skip
        phi = ["data_class"]
        pii = ["evidence"]
        warehouse = ["id", "person", "kind", "channel", "topic", "tier", "status", "at", "expires_at", "tx"]


class Authorization(models.Model):
    """The elements of a signed HIPAA authorization or Part 2 consent (45 CFR 164.508(c), 42 CFR 2.31), as the paper says them.

    Whether it is valid is never stored: `consent.authorizations.defects` reads the elements and names each defect.
    """

    record = models.OneToOneField(
        ConsentRecord, primary_key=True, on_delete=models.CASCADE, related_name="authorization"
    )
    information = models.CharField(max_length=500, blank=True)
    discloser = models.CharField(max_length=200, blank=True)
    recipient = models.CharField(max_length=200, blank=True)
    purposes = models.JSONField(default=list)
    signed_on = models.DateField(null=True)
    signature = models.CharField(max_length=60, blank=True)
    signed_by = models.CharField(max_length=30, default="patient")
    authority = models.CharField(max_length=200, blank=True)
    says_revocation = models.BooleanField(default=False)
    says_conditioning = models.BooleanField(default=False)
    says_redisclosure = models.BooleanField(default=False)
    says_remuneration = models.BooleanField(default=False)
    says_refusal = models.BooleanField(default=False)
    is_plain = models.BooleanField(default=False)
    copy_given_at = models.DateTimeField(null=True)
    combined_with = models.CharField(max_length=200, blank=True)
    is_conditioned = models.BooleanField(default=False)

    class Privacy:
        plain = [
            "record", "purposes", "signed_on", "signed_by", "says_revocation", "says_conditioning", "says_redisclosure",
            "says_remuneration", "says_refusal", "is_plain", "copy_given_at", "combined_with", "is_conditioned", "discloser",
            "recipient",
        ]  # fmt: skip
        phi = ["information"]
        pii = ["signature", "authority"]


class ExpiryEvent(models.Model):
    """Something that ends authorizations which name it ("end of programme"), for one person or, without one, for everybody."""

    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    occurred_at = models.DateTimeField()
    noted_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["name", "person"], name="consent_expiryevent_name")]

    class Privacy:
        plain = ["id", "person", "name", "occurred_at", "noted_by", "recorded_at"]


class Representative(models.Model):
    """Who speaks for a person in law, on what authority and about what; ended by a date, never removed."""

    class Kind(models.TextChoices):
        PARENT = "parent", _("Parent")
        GUARDIAN = "guardian", _("Guardian")
        PERSONAL = "personal_representative", _("Personal representative")
        PROXY = "proxy", _("Health care proxy")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24, choices=Kind.choices)
    authority = models.CharField(max_length=200)
    topics = models.JSONField(default=list)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    noted_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person"], name="consent_represent_person")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(person=models.F("other")), name="consent_represent_another"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="consent_represent_order",
            ),
        ]

    class Privacy:
        plain = ["id", "person", "other", "topics", "noted_by", "recorded_at"]
        phi = ["kind", "starts_on", "ends_on"]
        pii = ["authority"]


class Preference(models.Model):
    """How a person wants to be spoken to, as last said; append-only, the newest row counts."""

    class Feeling(models.TextChoices):
        TOO_MUCH = "too_much", _("Too much")
        JUST_RIGHT = "just_right", _("Just right")
        UNSAID = "", _("Not said")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=8, blank=True)
    at_most = models.PositiveSmallIntegerField(null=True)
    pause_until = models.DateField(null=True)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    feeling = models.CharField(max_length=12, choices=Feeling.choices, default=Feeling.UNSAID, blank=True)
    via = models.CharField(max_length=30)
    at = models.DateTimeField()
    tx = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="consent_preference_newest"),
            models.Index(fields=["tx"], name="consent_preference_tx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="consent_preference_hours",
            )
        ]

    class Privacy:
        plain = [
            "id", "person", "language", "at_most", "pause_until", "quiet_from", "quiet_until", "feeling", "via", "at", "tx",
        ]  # fmt: skip
        warehouse = ["id", "person", "at_most", "pause_until", "feeling", "at", "tx"]


class LifeEvent(models.Model):
    """Something in a person's life after which some kinds of message must stop; written when the fact arrives."""

    class Kind(models.TextChoices):
        DEATH = "death", _("Death")
        HOSPICE = "hospice", _("Hospice or palliative care")
        PREGNANCY_LOSS = "pregnancy_loss", _("Loss or end of a pregnancy")
        NEW_CANCER = "new_cancer", _("New cancer diagnosis")
        COMPLAINT = "complaint", _("Open complaint")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    source_key = models.UUIDField(unique=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "kind"], name="consent_lifeevent_person")]

    class Privacy:
        plain = ["id", "person", "source_key", "recorded_at"]
        phi = ["kind", "at", "ended_at"]


class Suppression(models.Model):
    """An address that must not be used, kept as keyed hash so that it outlives the person's erasure."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed"
        CARRIER = "carrier"  # stopped at the carrier, which told us
        BOUNCED = "bounced"
        COMPLAINED = "complained"
        STAFF = "staff"
        LIST = "list"
        ERASED = "erased"

    kind = models.CharField(max_length=10)
    digest = models.BinaryField()
    topic = models.CharField(max_length=30, default="all")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "digest", "topic"], name="consent_suppression_once")]

    class Privacy:
        plain = ["id", "kind", "topic", "reason", "at", "lifted_at"]
        sensitive = ["digest"]


class Reward(models.Model):
    """Something of value given to a person: what it was, its retail value, by which payer class it counts (42 CFR 1003.110)."""

    class Kind(models.TextChoices):
        ITEM = "item", _("A thing")
        SERVICE = "service", _("A service")
        CASH = "cash_equivalent", _("Cash or as good as cash")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    what = models.CharField(max_length=120)
    retail_cents = models.PositiveIntegerField()
    payer_class = models.CharField(max_length=20, blank=True)
    exception = models.CharField(max_length=120, blank=True)
    campaign_id = models.BigIntegerField(null=True)
    given_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-given_at"], name="consent_reward_person")]

    class Privacy:
        plain = ["id", "person", "kind", "what", "retail_cents", "exception", "campaign_id", "given_by", "given_at"]
        phi = ["payer_class"]


class Vendor(models.Model):
    """Whoever carries messages or data for us, and whether a business associate agreement (BAA) covers it (45 CFR 164.504(e)).

    A channel whose carrier is not ours can't carry patient data without an agreement in force.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    channels = models.JSONField(default=list)
    is_ours = models.BooleanField(default=False)
    baa_reference = models.CharField(max_length=120, blank=True)
    baa_signed_on = models.DateField(null=True)
    baa_until = models.DateField(null=True)
    noted_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Privacy:
        plain = [
            "id", "slug", "name", "channels", "is_ours", "baa_reference", "baa_signed_on", "baa_until", "noted_by", "changed_at",
            "ended_at",
        ]  # fmt: skip


class RuleEdition(models.Model):
    """The rules as they stood when they first decided something: every row, so that a receipt can be replayed years later."""

    fingerprint = models.CharField(max_length=40, primary_key=True)
    rows = models.JSONField()
    first_used_at = models.DateTimeField()

    class Privacy:
        plain = ["fingerprint", "rows", "first_used_at"]


__all__ = [
    "Authorization", "ConsentRecord", "DataClass", "ExpiryEvent", "LifeEvent", "Preference", "Representative", "Reward",
    "RuleEdition", "Suppression", "Vendor",
]  # fmt: skip
