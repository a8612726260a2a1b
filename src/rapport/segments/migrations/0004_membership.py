"""Stays in segments, lists, and what the full and the live refresh have seen. A stay is seen by whoever sees the person."""

import django.db.models.deletion
from django.db import migrations, models

STAMP = """
CREATE TRIGGER stamp_tx BEFORE INSERT OR UPDATE ON segments_membership FOR EACH ROW EXECUTE FUNCTION kit_stamp_tx();
"""
SEEN = """
ALTER TABLE segments_membership ENABLE ROW LEVEL SECURITY;
ALTER TABLE segments_membership FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON segments_membership
    USING ((SELECT trust_sees_all()) OR EXISTS (SELECT FROM people_person p WHERE p.id = segments_membership.person_id))
    WITH CHECK (true);
"""
OFF = (
    "DROP POLICY seen ON segments_membership; ALTER TABLE segments_membership NO FORCE ROW LEVEL SECURITY; "
    "ALTER TABLE segments_membership DISABLE ROW LEVEL SECURITY;"
)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_erased"),
        ("segments", "0003_what_a_version_has_seen"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reckoning",
            fields=[
                (
                    "segment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reckoning",
                        serialize=False,
                        to="segments.segment",
                    ),
                ),
                ("segment_version", models.PositiveIntegerField()),
                ("warehouse_version", models.BigIntegerField()),
                ("watermark", models.BigIntegerField()),
                ("on_day", models.DateField()),
                ("reckoned_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="segment",
            name="kind",
            field=models.CharField(
                choices=[("live", "Kept up to date"), ("list", "A list")], default="live", max_length=4
            ),
        ),
        migrations.AddField(
            model_name="segment",
            name="origin",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="segments.segmentversion"
            ),
        ),
        migrations.AddField(
            model_name="segmentcount",
            name="entered",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="segmentcount",
            name="left",
            field=models.IntegerField(default=0),
        ),
        migrations.CreateModel(
            name="SeenMark",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("snapshot", models.TextField()),
                ("moved_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="segments_seen_mark_one")],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("segment_version", models.PositiveIntegerField()),
                ("entered_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "entered_why",
                    models.CharField(
                        choices=[
                            ("first_count", "The segment was counted for the first time"),
                            ("event", "Something was written about the person"),
                            ("time", "A day passed and a window moved"),
                            ("definition", "The segment got a new definition"),
                            ("list", "Put on a list"),
                            ("merged", "Two records became one"),
                            ("erased", "The person was erased"),
                            ("deceased", "The person has died"),
                        ],
                        max_length=12,
                    ),
                ),
                ("entered_kind", models.CharField(blank=True, default="", max_length=80)),
                ("entered_trace", models.UUIDField(null=True)),
                (
                    "left_why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("first_count", "The segment was counted for the first time"),
                            ("event", "Something was written about the person"),
                            ("time", "A day passed and a window moved"),
                            ("definition", "The segment got a new definition"),
                            ("list", "Put on a list"),
                            ("merged", "Two records became one"),
                            ("erased", "The person was erased"),
                            ("deceased", "The person has died"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("left_kind", models.CharField(blank=True, default="", max_length=80)),
                ("left_trace", models.UUIDField(null=True)),
                ("tx", models.BigIntegerField(default=0)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.person"
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="segments.segment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["segment", "entered_at"], name="segments_member_entered"),
                    models.Index(
                        condition=models.Q(("left_at__isnull", False)),
                        fields=["segment", "left_at"],
                        name="segments_member_left",
                    ),
                    models.Index(fields=["tx"], name="segments_member_tx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at__isnull", True)),
                        fields=("segment", "person"),
                        name="segments_member_now",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("left_at__isnull", True), ("left_why", "")),
                            models.Q(("left_at__isnull", False), ("left_why__gt", "")),
                            _connector="OR",
                        ),
                        name="segments_member_left_why",
                    ),
                ],
            },
        ),
        migrations.RunSQL(STAMP, "DROP TRIGGER stamp_tx ON segments_membership;"),
        migrations.RunSQL(SEEN, OFF),
    ]
