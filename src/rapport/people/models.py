"""People and what happened to them: identity, contact points, timeline, facts, traits, families.

Direct identifiers are sealed (`trust.sealing`) under the person's own data key, bound to table, column and row id; they are
opened only by `people.queries`. What stands open here is what the warehouse may know: birth month, sex, language, ZIP.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rapport.directory.models import Location


class DataClass(models.TextChoices):
    """How delicate a code or field is (reference: 42 CFR Part 2, state law, house policy)."""

    GENERAL = "general"
    MENTAL_HEALTH = "mental_health"
    PSYCHOTHERAPY = "psychotherapy_notes"
    SUD_PART2 = "sud_part2"
    HIV_STI = "hiv_sti"
    REPRODUCTIVE = "reproductive"
    GENETIC = "genetic"
    MINOR_CONFIDENTIAL = "minor_confidential"
    ABUSE = "abuse"
    CONSUMER_HEALTH = "consumer_health"


class Person(models.Model):
    """One human being, whatever number of systems know them. `key` is the subject of the data key, `pseudonym` the warehouse's name.

    After an erasure (`erased_at`) the row stays as an empty shell, so that receipts and results that point at it keep their sense.
    """

    class Sex(models.TextChoices):
        FEMALE = "F", pgettext_lazy("sex", "Female")
        MALE = "M", pgettext_lazy("sex", "Male")
        OTHER = "O", pgettext_lazy("sex", "Other")
        UNKNOWN = "U", pgettext_lazy("sex", "Unknown")

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    pseudonym = models.BigIntegerField(unique=True)
    prefix = models.BinaryField(null=True)
    given = models.BinaryField(null=True)
    family = models.BinaryField(null=True)
    preferred = models.BinaryField(null=True)
    birth_date = models.BinaryField(null=True)
    street = models.BinaryField(null=True)
    birth_month = models.DateField(null=True)
    sex = models.CharField(max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    language = models.CharField(max_length=8, default="en")
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=2, blank=True)
    country = models.CharField(max_length=2, default="US")
    zip5 = models.CharField(max_length=5, blank=True)
    timezone = models.CharField(max_length=40, blank=True)
    home_location = models.ForeignKey(Location, null=True, on_delete=models.SET_NULL, related_name="+")
    deceased_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    trace = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    tx = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["tx"], name="people_person_tx"),
            models.Index(fields=["birth_month"], name="people_person_birth_month"),
        ]

    class Privacy:
        plain = [
            "id",
            "pseudonym",
            "merged_into",
            "home_location",
            "trace",
            "created_at",
            "changed_at",
            "erased_at",
            "tx",
        ]
        phi = ["birth_month", "sex", "language", "city", "state", "country", "zip5", "timezone", "deceased_at"]
        pii = ["prefix", "given", "family", "preferred", "birth_date", "street"]
        sensitive = ["key"]
        warehouse = [
            "pseudonym", "birth_month", "sex", "language", "state", "zip5", "home_location", "deceased_at", "merged_into",
            "created_at", "erased_at", "tx",
        ]  # fmt: skip


class FindKeys(models.Model):
    """The keyed tokens by which a person is searched (`find`) and recognised (`match_keys`).

    Apart from Person on purpose: under row security PostgreSQL refuses the GIN index of an array operator (it is not
    leak-proof), so there every look-up would read all people. Nothing here can be read without the key of the index.
    """

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="find_keys")
    find = ArrayField(models.BigIntegerField(), default=list)
    match_keys = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        indexes = [
            GinIndex(fields=["find"], name="people_findkeys_find"),
            GinIndex(fields=["match_keys"], name="people_findkeys_match"),
        ]

    class Privacy:
        plain = ["person"]
        sensitive = ["find", "match_keys"]


class ErasedDigest(models.Model):
    """The keyed digest of a number of somebody who was erased: a record that carries it waits for staff. It names nobody."""

    digest = models.BinaryField(primary_key=True)
    erased_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Privacy:
        plain = ["erased_at", "released_at"]
        sensitive = ["digest"]


class Identifier(models.Model):
    """A number or name by which one system knows a person. `digest` is the keyed blind index of the value."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identifiers")
    system = models.CharField(max_length=200)
    digest = models.BinaryField()
    value = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "digest"], name="people_identifier_once")]

    class Privacy:
        plain = ["id", "person", "system"]
        pii = ["value"]
        sensitive = ["digest"]


class ContactPoint(models.Model):
    """A way to reach a person. Several people may share one: it never proves identity alone."""

    class Kind(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    use = models.CharField(max_length=10, blank=True)
    value = models.BinaryField()
    digest = models.BinaryField()
    rank = models.SmallIntegerField(default=1)
    is_valid = models.BooleanField(default=True)
    invalid_reason = models.CharField(max_length=60, blank=True)
    bounced_at = models.DateTimeField(null=True)
    no_texts_at = models.DateTimeField(null=True)  # since then texts are known not to arrive; it may still be rung up
    area_state = models.CharField(max_length=2, blank=True)
    area_timezone = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "digest"], name="people_contact_once")]
        indexes = [models.Index(fields=["kind", "digest"], name="people_contact_digest")]

    class Privacy:
        plain = [
            "id", "person", "kind", "use", "rank", "is_valid", "invalid_reason", "bounced_at", "no_texts_at", "created_at",
        ]  # fmt: skip
        phi = ["area_state", "area_timezone"]
        pii = ["value"]
        sensitive = ["digest"]


class Event(models.Model):
    """Something that happened, once, append-only. Partitioned by month of `at`; unique by (source_key, at), so a replay is a no-op.

    kind: encounter, condition, procedure, observation, medication, immunization, appointment, claim, payment, consent,
    message_sent, message_opened, message_clicked, message_bounced, unsubscribed, booked, form_submitted ... (GLOSSARY.md).
    """

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)
    at = models.DateTimeField()
    source = models.CharField(max_length=60)
    source_key = models.UUIDField()
    code_system = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=200, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    unit = models.CharField(max_length=30, blank=True)
    data_class = models.CharField(max_length=24, choices=DataClass.choices, default=DataClass.GENERAL)
    service_line_id = models.BigIntegerField(null=True)
    location_id = models.BigIntegerField(null=True)
    campaign_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    trace = models.UUIDField(null=True)
    recorded_at = models.DateTimeField()
    tx = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_key", "at"], name="people_event_once")]

    class Privacy:
        plain = ["id", "person", "source", "source_key", "campaign_id", "trace", "recorded_at", "tx"]
        phi = [
            "kind", "at", "code_system", "code", "label", "value", "unit", "data_class", "service_line_id", "location_id", "detail",
        ]  # fmt: skip
        warehouse = [
            "id", "person", "kind", "at", "source", "code_system", "code", "value", "unit", "data_class", "service_line_id",
            "location_id", "campaign_id", "tx",
        ]  # fmt: skip


class Fact(models.Model):
    """The current state of something that lasts: a condition, a medication, a coverage, an appointment. Folded from events."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField(max_length=30)
    source_key = models.UUIDField(unique=True)
    code_system = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=30, blank=True)
    data_class = models.CharField(max_length=24, choices=DataClass.choices, default=DataClass.GENERAL)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    location_id = models.BigIntegerField(null=True)
    service_line_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    changed_at = models.DateTimeField()
    tx = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["person", "kind"], name="people_fact_person"),
            models.Index(fields=["kind", "starts_at"], name="people_fact_kind"),
            models.Index(fields=["tx"], name="people_fact_tx"),
        ]

    class Privacy:
        plain = ["id", "person", "source_key", "changed_at", "tx"]
        phi = [
            "kind", "code_system", "code", "label", "status", "data_class", "starts_at", "ends_at", "location_id",
            "service_line_id", "detail",
        ]  # fmt: skip
        warehouse = [
            "id", "person", "kind", "code_system", "code", "status", "data_class", "starts_at", "ends_at", "location_id",
            "service_line_id", "tx",
        ]  # fmt: skip


class Trait(models.Model):
    """What a knowledge room wrote on a person: gap.mammogram=open, score.no_show=0.31. Namespaced, typed, dated, with its source."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="traits")
    name = models.CharField(max_length=80)
    text = models.CharField(max_length=200, blank=True)
    number = models.FloatField(null=True)
    data_class = models.CharField(max_length=24, choices=DataClass.choices, default=DataClass.GENERAL)
    source = models.CharField(max_length=60)
    at = models.DateTimeField()
    tx = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="people_trait_once")]
        indexes = [models.Index(fields=["tx"], name="people_trait_tx")]

    class Privacy:
        plain = ["id", "person", "source", "at", "tx"]
        phi = ["name", "text", "number", "data_class"]
        warehouse = ["id", "person", "name", "text", "number", "data_class", "at", "tx"]


class Household(models.Model):
    """People who live at one address. Unit of randomisation for what goes to the house."""

    created_at = models.DateTimeField()

    class Privacy:
        plain = ["id", "created_at"]


class Relationship(models.Model):
    """Who may act for whom, or lives with whom: guarantor, guardian, proxy, spouse."""

    class Kind(models.TextChoices):
        MEMBER = "member", _("Member")
        GUARANTOR = "guarantor", _("Guarantor")
        GUARDIAN = "guardian", _("Guardian")
        PROXY = "proxy", _("Proxy")
        SPOUSE = "spouse", _("Spouse")
        PARENT = "parent", _("Parent")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="relationships")
    other = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    household = models.ForeignKey(Household, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    scope = models.CharField(max_length=60, blank=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    tx = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["tx"], name="people_relationship_tx")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(other__isnull=False) | models.Q(household__isnull=False),
                name="people_relationship_end",
            )
        ]

    class Privacy:
        plain = ["id", "person", "other", "household", "tx"]
        phi = ["kind", "scope", "starts_on", "ends_on"]
        warehouse = ["id", "person", "household", "kind", "starts_on", "ends_on", "tx"]


class Gone(models.Model):
    """A row that was deleted from a stamped table: its table and key, written by a trigger. The warehouse drops it and this goes too."""

    name = models.CharField(max_length=63)
    key = models.BigIntegerField()
    tx = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["tx"], name="people_gone_tx")]

    class Privacy:
        plain = ["id", "name", "key", "tx"]


class Merge(models.Model):
    """A reversible record of two people becoming one: who became whom, and every row that moved."""

    kept = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    gone = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=60)
    moved = models.JSONField(default=dict)
    merged_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Privacy:
        plain = ["id", "kept", "gone", "rule", "moved", "merged_by", "merged_at", "undone_at"]


class Ambiguity(models.Model):
    """Two records that may be one person. Waits for a human; nothing is merged on doubt."""

    class State(models.TextChoices):
        OPEN = "open"
        SAME = "same"
        DIFFERENT = "different"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    candidate = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField()
    settled_by = models.ForeignKey("trust.User", null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "candidate"], name="people_ambiguity_once")]

    class Privacy:
        plain = ["id", "person", "candidate", "rule", "state", "found_at", "settled_by", "settled_at"]
