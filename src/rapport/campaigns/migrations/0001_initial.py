import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("content", "0001_initial"),
        ("directory", "0001_initial"),
        ("people", "0001_initial"),
        ("segments", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("scheduled", "Scheduled"),
                            ("launched", "Launched"),
                            ("paused", "Paused"),
                            ("stopped", "Stopped"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("P1", "Treatment and care coordination"),
                            ("P2", "Our own health-related service"),
                            ("P3", "Case management, population-based"),
                            ("P4", "Refill reminder, current prescription"),
                            ("P5", "Another named drug"),
                            ("P6", "Non-health or third-party product"),
                            ("P7", "P1 to P3 paid for by the product's maker"),
                            ("P8", "Face to face, or a gift of nominal value"),
                            ("P9", "Giving patient data to a third party"),
                            ("P10", "Fundraising"),
                            ("P11", "Survey"),
                            ("P12", "Billing"),
                            ("P13", "Newsletter, no patient data used"),
                        ],
                        max_length=4,
                    ),
                ),
                ("remunerated", models.BooleanField(null=True)),
                ("topic", models.CharField(blank=True, max_length=30)),
                ("channel", models.CharField(default="email", max_length=12)),
                ("definition", models.JSONField(null=True)),
                (
                    "holdout_percent",
                    models.DecimalField(
                        decimal_places=1,
                        default=10,
                        max_digits=4,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(90),
                        ],
                    ),
                ),
                ("send_at", models.DateTimeField(null=True)),
                ("window_days", models.PositiveIntegerField(default=90)),
                ("fixed_cost_cents", models.BigIntegerField(default=0)),
                ("message_cost_cents", models.DecimalField(decimal_places=4, default=0, max_digits=8)),
                ("salt", models.CharField(max_length=32)),
                ("created_at", models.DateTimeField()),
                ("launched_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("trace", models.UUIDField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="segments.segment"
                    ),
                ),
                (
                    "service_line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.serviceline",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="content.version"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "arm",
                    models.CharField(
                        choices=[("contact", "Contact"), ("holdout", "Holdout"), ("not_permitted", "Not Permitted")],
                        max_length=14,
                    ),
                ),
                ("gate", models.CharField(blank=True, max_length=30)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("assigned_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.person"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="assignments", to="campaigns.campaign"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Lesson",
            fields=[
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="lesson",
                        serialize=False,
                        to="campaigns.campaign",
                    ),
                ),
                ("lift", models.FloatField()),
                ("low", models.FloatField()),
                ("high", models.FloatField()),
                ("base_rate", models.FloatField()),
                ("learnt_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("low__lte", models.F("lift")), ("lift__lte", models.F("high"))),
                        name="campaigns_lesson_order",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("holdout_percent__gte", 0), ("holdout_percent__lte", 90)), name="campaigns_holdout"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(fields=("campaign", "person"), name="campaigns_assignment_once"),
        ),
    ]
