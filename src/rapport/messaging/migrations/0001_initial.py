"""Intents, receipts by month, and the embedded mailbox."""

from datetime import date

import django.db.models.deletion
from django.db import migrations, models

from rapport.kit import partitions

FIRST, LAST = date(2025, 1, 1), date(2027, 12, 1)


RECEIPT = """
CREATE SEQUENCE messaging_receipt_id_seq;
CREATE TABLE messaging_receipt (
    id bigint NOT NULL DEFAULT nextval('messaging_receipt_id_seq'),
    intent_id bigint NOT NULL,
    person_id bigint NOT NULL,
    at timestamptz NOT NULL,
    outcome varchar(12) NOT NULL,
    allowed boolean NOT NULL,
    gate varchar(30) NOT NULL,
    reason varchar(300) NOT NULL,
    gates jsonb NOT NULL,
    consent_ids jsonb NOT NULL,
    facts jsonb NOT NULL,
    facts_hash varchar(64) NOT NULL,
    rules_version varchar(40) NOT NULL,
    version_id bigint NOT NULL,
    try_again_at timestamptz,
    cost_cents numeric(10, 4) NOT NULL,
    trace uuid NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE messaging_receipt_id_seq OWNED BY messaging_receipt.id;
CREATE TABLE messaging_receipt_default PARTITION OF messaging_receipt DEFAULT;
CREATE INDEX messaging_receipt_intent ON messaging_receipt (intent_id);
CREATE INDEX messaging_receipt_person ON messaging_receipt (person_id, at DESC);
"""
# Hot rows are updated in place: half of every page stays free for the next version of the row.
ROOM_FOR_UPDATES = "ALTER TABLE messaging_intent SET (fillfactor = 50)"


def monthly(apps, schema_editor) -> None:
    partitions.ensure(table="messaging_receipt", first=FIRST, last=LAST)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("content", "0001_initial"),
        ("people", "0002_partitions_and_stamps"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailboxItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(unique=True)),
                ("intent_id", models.BigIntegerField(null=True)),
                ("person_id", models.BigIntegerField(null=True)),
                ("message_id", models.CharField(max_length=120)),
                ("size", models.IntegerField()),
                ("received_at", models.DateTimeField()),
                ("raw", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["message_id"], name="messaging_mailbox_message"),
                    models.Index(fields=["intent_id"], name="messaging_mailbox_intent"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Intent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("cause", models.CharField(default="campaign", max_length=12)),
                ("cause_id", models.BigIntegerField()),
                ("occurrence", models.CharField(default="1", max_length=40)),
                ("channel", models.CharField(default="email", max_length=12)),
                ("purpose", models.CharField(max_length=4)),
                ("topic", models.CharField(max_length=30)),
                ("remunerated", models.BooleanField(default=False)),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("claimed", "Claimed"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("suppressed", "Suppressed"),
                            ("unknown", "Unknown"),
                            ("stopped", "Stopped"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("owner", models.CharField(blank=True, max_length=60)),
                ("lease_until", models.DateTimeField(null=True)),
                ("attempt", models.SmallIntegerField(default=0)),
                ("begun_at", models.DateTimeField(null=True)),
                ("message_id", models.CharField(blank=True, max_length=120)),
                ("provider_id", models.CharField(blank=True, max_length=120)),
                ("settled_at", models.DateTimeField(null=True)),
                ("trace", models.UUIDField()),
                ("created_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.person"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="content.version"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")), fields=["due_at"], name="messaging_intent_due"
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["claimed", "unknown"])),
                        fields=["id"],
                        name="messaging_intent_open",
                    ),
                    models.Index(fields=["person", "-created_at"], name="messaging_intent_person"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("cause", "cause_id", "person", "occurrence"), name="messaging_intent_once"
                    )
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(RECEIPT, "DROP TABLE messaging_receipt")],
            state_operations=[
                migrations.CreateModel(
                    name="Receipt",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("intent_id", models.BigIntegerField()),
                        ("person_id", models.BigIntegerField()),
                        ("at", models.DateTimeField()),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("sent", "Sent"),
                                    ("suppressed", "Suppressed"),
                                    ("deferred", "Deferred"),
                                    ("failed", "Failed"),
                                    ("unknown", "Unknown"),
                                    ("stopped", "Stopped"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("allowed", models.BooleanField()),
                        ("gate", models.CharField(blank=True, max_length=30)),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        ("gates", models.JSONField(default=list)),
                        ("consent_ids", models.JSONField(default=list)),
                        ("facts", models.JSONField(default=dict)),
                        ("facts_hash", models.CharField(max_length=64)),
                        ("rules_version", models.CharField(max_length=40)),
                        ("version_id", models.BigIntegerField()),
                        ("try_again_at", models.DateTimeField(null=True)),
                        ("cost_cents", models.DecimalField(decimal_places=4, default=0, max_digits=10)),
                        ("trace", models.UUIDField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["intent_id"], name="messaging_receipt_intent"),
                            models.Index(fields=["person_id", "-at"], name="messaging_receipt_person"),
                        ],
                    },
                ),
            ],
        ),
        migrations.RunPython(monthly, migrations.RunPython.noop),
        migrations.RunSQL(ROOM_FOR_UPDATES, migrations.RunSQL.noop),
    ]
