"""Reviews: who approved exactly which words, until when. The database holds it: nothing unapproved is ever in the state that is sent."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What was approved is as frozen as the wording; on the desk it may still change, and then the approvals are undone.
_FROZEN = (
    "piece_id", "number", "subject", "preheader", "mjml", "text", "html", "links", "fields", "published_at", "published_by_id",
    "translation", "drafted_by_id", "reviewed_by_id", "reviewer_credential", "reviewed_at", "authors", "digest", "handed_in_by_id",
    "expires_at", "written_by", "has_ai_notice",
)  # fmt: skip
_ROW = {side: ", ".join(f"{side}.{column}" for column in _FROZEN) for side in ("NEW", "OLD")}
RULES = f"""
CREATE OR REPLACE FUNCTION content_version_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('draft', 'review') AND (
        ROW({_ROW["NEW"]}) IS DISTINCT FROM ROW({_ROW["OLD"]}) OR NEW.state IN ('draft', 'review')
        OR (OLD.state = 'retired' AND NEW.state <> 'retired')
    ) THEN
        RAISE EXCEPTION 'a published version is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION content_version_approved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_is record;
BEGIN
    SELECT state, digest, authors, drafted_by_id, handed_in_by_id INTO now_is FROM content_version WHERE id = NEW.id;
    IF now_is.state IS DISTINCT FROM 'published' THEN
        RETURN NULL;
    END IF;
    IF now_is.digest = '' OR NOT EXISTS (
        SELECT 1 FROM content_approval a
        WHERE a.version_id = NEW.id AND a.kind = 'marketing' AND a.undone_at IS NULL AND a.digest = now_is.digest
    ) THEN
        RAISE EXCEPTION 'a version without approval of its words is never published' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (
        SELECT 1 FROM content_approval a
        WHERE a.version_id = NEW.id AND a.undone_at IS NULL AND a.by_id IS NOT NULL
          AND (a.by_id IN (now_is.drafted_by_id, now_is.handed_in_by_id) OR now_is.authors @> to_jsonb(a.by_id))
    ) THEN
        RAISE EXCEPTION 'nobody approves words of his or her own' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER content_version_approved AFTER INSERT OR UPDATE OF state ON content_version
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'published') EXECUTE FUNCTION content_version_approved();
CREATE FUNCTION content_approval_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.undone_at IS NOT NULL OR
        ROW(NEW.id, NEW.version_id, NEW.kind, NEW.by_id, NEW.role, NEW.credential, NEW.digest, NEW.at) IS DISTINCT FROM
        ROW(OLD.id, OLD.version_id, OLD.kind, OLD.by_id, OLD.role, OLD.credential, OLD.digest, OLD.at) THEN
        RAISE EXCEPTION 'an approval stays as it was given; it can only be undone' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER content_approval_stays BEFORE UPDATE OR DELETE ON content_approval
    FOR EACH ROW EXECUTE FUNCTION content_approval_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0003_translation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="piece",
            name="is_paid",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="piece",
            name="owner",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="piece",
            name="tags",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="version",
            name="authors",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="version",
            name="digest",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="version",
            name="expires_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="grade",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="handed_in_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="handed_in_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="has_ai_notice",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="version",
            name="is_text_own",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="version",
            name="written_by",
            field=models.CharField(
                choices=[
                    ("people", "Written by people"),
                    ("machine", "Written by a machine"),
                    ("machine_reviewed", "Written by a machine and approved by a clinician"),
                ],
                default="people",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="version",
            name="state",
            field=models.CharField(
                choices=[("draft", "Draft"), ("review", "Review"), ("published", "Published"), ("retired", "Retired")],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="ReviewComment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField()),
                ("at", models.DateTimeField()),
                ("sends_back", models.BooleanField(default=False)),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="comments", to="content.version"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("marketing", "Marketing"), ("clinical", "Clinical"), ("compliance", "Compliance")],
                        max_length=12,
                    ),
                ),
                ("role", models.CharField(max_length=40)),
                ("credential", models.CharField(blank=True, max_length=120)),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="content.version"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("version", "kind"),
                        name="content_approval_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("by__isnull", False), ("kind", "clinical"), _negated=True),
                            models.Q(("credential", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="content_approval_credential",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
    ]
