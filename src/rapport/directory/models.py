"""Places and parties: who we are, where we work, who works with us, who pays."""

from django.db import models


class Organization(models.Model):
    """A legal or working body that gives care: a hospital, a practice, a partner."""

    name = models.CharField(max_length=200)
    npi = models.CharField(max_length=10, null=True, unique=True)
    source_key = models.UUIDField(null=True, unique=True)
    is_ours = models.BooleanField(default=False)

    class Privacy:
        plain = ["id", "name", "npi", "source_key", "is_ours"]

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """A building or floor where people are seen. Its zone decides the local time of what happens there."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip5 = models.CharField(max_length=5, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    phone = models.CharField(max_length=20, blank=True)
    timezone = models.CharField(max_length=40, default="America/New_York")
    is_ours = models.BooleanField(default=False)
    source_key = models.UUIDField(null=True, unique=True)

    class Privacy:
        plain = [
            "id", "organization", "name", "slug", "street", "city", "state", "zip5", "latitude", "longitude",
            "phone", "timezone", "is_ours", "source_key",
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class ServiceLine(models.Model):
    """A family of care that is planned and measured as one: primary care, orthopedics, cardiology, women's health."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)

    class Privacy:
        plain = ["id", "slug", "name"]

    def __str__(self) -> str:
        return self.name


class ServiceLineRule(models.Model):
    """Which codes make a visit belong to a service line. Data, so that a site can change it. Longest prefix wins."""

    service_line = models.ForeignKey(ServiceLine, on_delete=models.CASCADE, related_name="+")
    code_system = models.CharField(max_length=100)
    code_prefix = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code_system", "code_prefix"], name="directory_rule_once")]

    class Privacy:
        plain = ["id", "service_line", "code_system", "code_prefix"]


class Practitioner(models.Model):
    """A person who gives care. Public professional facts only."""

    organization = models.ForeignKey(Organization, null=True, on_delete=models.SET_NULL, related_name="+")
    given = models.CharField(max_length=100, blank=True)
    family = models.CharField(max_length=100, blank=True)
    npi = models.CharField(max_length=10, null=True, unique=True)
    source_key = models.UUIDField(null=True, unique=True)

    class Privacy:
        plain = ["id", "organization", "given", "family", "npi", "source_key"]


class Payer(models.Model):
    """Who pays for care."""

    class PayerClass(models.TextChoices):
        MEDICARE = "medicare"
        MEDICAID = "medicaid"
        COMMERCIAL = "commercial"
        SELF_PAY = "self_pay"
        OTHER = "other"

    name = models.CharField(max_length=200, unique=True)
    payer_class = models.CharField(max_length=20, choices=PayerClass.choices, default=PayerClass.OTHER)

    class Privacy:
        plain = ["id", "name", "payer_class"]
