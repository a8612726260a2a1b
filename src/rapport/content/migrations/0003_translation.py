"""Machine translations, and who reviewed them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Who reviewed a wording, and that it needed it, is as frozen as the wording.
_FROZEN = (
    "piece_id", "number", "subject", "preheader", "mjml", "text", "html", "links", "fields", "published_at", "translation",
    "drafted_by_id", "reviewed_by_id", "reviewer_credential", "reviewed_at",
)  # fmt: skip
_ROW = {side: ", ".join(f"{side}.{column}" for column in _FROZEN) for side in ("NEW", "OLD")}
FROZEN = f"""
CREATE OR REPLACE FUNCTION content_version_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (
        ROW({_ROW["NEW"]}) IS DISTINCT FROM ROW({_ROW["OLD"]}) OR NEW.state = 'draft'
    ) THEN
        RAISE EXCEPTION 'a published version is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0002_frozen"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="drafted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="reviewed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="reviewed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="reviewer_credential",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="version",
            name="translation",
            field=models.CharField(
                choices=[
                    ("original", "Written by a person"),
                    ("machine", "Translated by a machine, not reviewed"),
                    ("reviewed", "Translated by a machine and reviewed"),
                ],
                default="original",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "published"), ("translation", "machine"), _negated=True),
                name="content_version_no_machine",
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("translation", "reviewed"), _negated=True),
                    models.Q(
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                        models.Q(("reviewer_credential", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="content_version_reviewer",
            ),
        ),
        migrations.RunSQL(FROZEN, migrations.RunSQL.noop),
    ]
