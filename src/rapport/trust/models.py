"""Accounts, grants, subject keys, audit and break-glass: who may do what, and the proof."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountManager(BaseUserManager["User"]):
    """Makes accounts by e-mail. Django asks for this name; the rest of the house has no managers."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of staff who signs in. One human, one account (HIPAA 164.312(a)(2)(i))."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = AccountManager()
    key_prefix: str = ""  # set while a program acts for this account by a key; the audit trail then says so

    class Privacy:
        plain = ["id", "is_active", "joined_at", "last_login"]
        pii = ["email", "name"]
        sensitive = ["password"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """Django's word for what stands beside the avatar."""
        return self.name


class Role(models.TextChoices):
    MARKETER = "marketer", _("Marketer")
    FRONT_DESK = "front_desk", _("Front desk")
    ANALYST = "analyst", _("Analyst")
    COMPLIANCE = "compliance", _("Compliance officer")
    CLINICIAN = "clinician", _("Clinician")
    LIAISON = "liaison", _("Physician liaison")
    ADMINISTRATOR = "administrator", _("Administrator")


class Grant(models.Model):
    """A role given to a user, everywhere or for one location or one service line (ids: places stand on a floor above)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    location_id = models.BigIntegerField(null=True)
    service_line_id = models.BigIntegerField(null=True)
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "location_id", "service_line_id"], name="trust_grant_once", nulls_distinct=False
            )
        ]

    class Privacy:
        plain = ["id", "user", "role", "location_id", "service_line_id", "granted_at"]


class SubjectKey(models.Model):
    """The data key of one subject (a person, a landing), wrapped by a key-encryption key that lives outside the database."""

    subject = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField(null=True)
    kek = models.CharField(max_length=20)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | models.Q(wrapped__isnull=True, destroyed_at__isnull=False),
                name="trust_subjectkey_whole",
            )
        ]

    class Privacy:
        plain = ["subject", "kek", "destroyed_at"]
        sensitive = ["wrapped"]


class KeyMark(models.Model):
    """The fingerprint of a key file this database was written with, so that another installation's keys are noticed."""

    name = models.CharField(max_length=20, primary_key=True)
    fingerprint = models.CharField(max_length=32)

    class Privacy:
        plain = ["name"]
        sensitive = ["fingerprint"]


class AuditEntry(models.Model):
    """One line of proof, written in the transaction of the act itself. Never updated: sealed in batches by AuditSeal."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    actor_label = models.CharField(max_length=60)
    verb = models.CharField(max_length=60)
    person_id = models.BigIntegerField(null=True)
    person_ids = models.JSONField(default=list)
    thing = models.CharField(max_length=120, blank=True)
    details = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)
    trace = models.UUIDField(null=True)
    tx = models.BigIntegerField(default=0)  # stamped by the database: the transaction that wrote the line

    class Meta:
        indexes = [
            models.Index(fields=["tx"], name="trust_audit_tx"),
            models.Index(fields=["person_id", "-id"], name="trust_audit_person"),
            models.Index(fields=["actor", "-id"], name="trust_audit_actor"),
            GinIndex(fields=["person_ids"], name="trust_audit_people", opclasses=["jsonb_path_ops"]),
            models.Index(fields=["at"], name="trust_audit_at"),
        ]

    class Privacy:
        plain = ["id", "at", "actor", "actor_label", "verb", "thing", "details", "trace", "tx"]
        pii = ["person_id", "person_ids", "reason"]


class AuditSeal(models.Model):
    """A hash-chained seal over the audit entries of a run of transactions. Its head is also written outside the database."""

    number = models.BigIntegerField(primary_key=True)
    from_tx = models.BigIntegerField()
    until_tx = models.BigIntegerField()
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    entries = models.IntegerField()
    digest = models.BinaryField()
    previous = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Privacy:
        plain = [
            "number",
            "from_tx",
            "until_tx",
            "first_entry",
            "last_entry",
            "entries",
            "digest",
            "previous",
            "sealed_at",
        ]


class AuditClock(models.Model):
    """One row: what is added to the database's transaction numbers. A restored copy counts from the start again; this hides it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    ahead = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="trust_auditclock_one")]

    class Privacy:
        plain = ["id", "ahead"]


class BreakGlass(models.Model):
    """Emergency access to one person: a reason, sixty minutes, a notice and a review."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    person_id = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review_note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "closes_at"], name="trust_breakglass_open")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opened_at")), name="trust_breakglass_ends"
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by__isnull=True, reviewed_at__isnull=True)
                | models.Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="trust_breakglass_reviewed",
            ),
        ]

    class Privacy:
        plain = ["id", "user", "opened_at", "closes_at", "reviewed_by", "reviewed_at"]
        pii = ["person_id", "reason", "review_note"]


class ApiKey(models.Model):
    """Lets a program act for one account: no more than these verbs of its owner, in the owner's sight, until a day.

    The secret is shown once and kept as a keyed hash. `minute_at` and `used_in_minute` are the counter of the rate limit.
    """

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField()
    verbs = models.JSONField(default=list)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    minute_at = models.DateTimeField(null=True)
    used_in_minute = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["owner"], name="trust_apikey_owner")]
        constraints = [
            models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("made_at")), name="trust_apikey_ends"),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="trust_apikey_revoked",
            ),
        ]

    class Privacy:
        plain = [
            "id", "owner", "name", "prefix", "verbs", "made_at", "expires_at", "last_used_on", "revoked_at", "revoked_by",
            "minute_at", "used_in_minute",
        ]  # fmt: skip
        sensitive = ["digest"]

    def holds(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and self.expires_at > now
