"""The consent ledger and the suppression list."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0002_partitions_and_stamps"),
    ]

    operations = [
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("digest", models.BinaryField()),
                ("topic", models.CharField(default="all", max_length=30)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unsubscribed", "Unsubscribed"),
                            ("bounced", "Bounced"),
                            ("complained", "Complained"),
                            ("staff", "Staff"),
                            ("list", "List"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "digest", "topic"), name="consent_suppression_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=12)),
                ("topic", models.CharField(max_length=30)),
                ("tier", models.CharField(default="express", max_length=30)),
                (
                    "status",
                    models.CharField(choices=[("granted", "Granted"), ("withdrawn", "Withdrawn")], max_length=10),
                ),
                ("at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("text_version", models.CharField(max_length=40)),
                ("locale", models.CharField(default="en", max_length=8)),
                ("evidence", models.JSONField(default=dict)),
                ("via", models.CharField(max_length=30)),
                ("source_key", models.UUIDField(unique=True)),
                ("recorded_at", models.DateTimeField()),
                ("tx", models.BigIntegerField(default=0)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.person"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "channel", "topic", "-at"], name="consent_record_current"),
                    models.Index(fields=["tx"], name="consent_record_tx"),
                ],
            },
        ),
    ]
