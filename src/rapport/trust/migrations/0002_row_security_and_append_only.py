"""Functions of row security, and the triggers that keep the audit trail append-only."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).resolve().parents[1]


class Migration(migrations.Migration):
    dependencies = [("trust", "0001_initial")]

    operations = [
        migrations.RunSQL(
            (HERE / "row_security.sql").read_text(),
            "DROP FUNCTION IF EXISTS trust_sees(bigint, bigint); DROP FUNCTION IF EXISTS trust_sees_all()",
        ),
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE trust_cache (
                cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
            );
            CREATE INDEX trust_cache_expires ON trust_cache (expires);
            """,
            "DROP TABLE trust_cache",
        ),
        migrations.RunSQL(
            (HERE / "append_only.sql").read_text(),
            """
            DROP TRIGGER IF EXISTS trust_auditentry_stamp ON trust_auditentry;
            DROP TRIGGER IF EXISTS trust_auditentry_keep ON trust_auditentry;
            DROP TRIGGER IF EXISTS trust_auditentry_keep_all ON trust_auditentry;
            DROP TRIGGER IF EXISTS trust_auditseal_keep ON trust_auditseal;
            DROP TRIGGER IF EXISTS trust_auditseal_keep_all ON trust_auditseal;
            DROP FUNCTION IF EXISTS trust_refuse_change(); DROP FUNCTION IF EXISTS trust_stamp_audit();
            """,
        ),
    ]
