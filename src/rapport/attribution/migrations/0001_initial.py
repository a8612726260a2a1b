import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="campaigns.campaign",
                    ),
                ),
                ("read_at", models.DateTimeField()),
                ("visits", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Conversion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_id", models.BigIntegerField()),
                ("event_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("meets_objective", models.BooleanField()),
                ("responded", models.BooleanField(default=False)),
                ("is_new_patient", models.BooleanField(default=False)),
                ("margin_cents", models.BigIntegerField(default=0)),
                ("found_at", models.DateTimeField()),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.assignment"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.campaign"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["campaign", "assignment"], name="attribution_conversion_arm")],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "event_id"), name="attribution_conversion_once")
                ],
            },
        ),
    ]
