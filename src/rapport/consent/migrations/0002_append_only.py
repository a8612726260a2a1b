"""The ledger refuses change in the database itself, and stamps its rows for the warehouse.

Rows go only with the whole person, in a transaction that says `SET LOCAL rapport.erasing = 'on'`.
"""

from pathlib import Path

from django.db import migrations

import rapport.kit

STAMP = (Path(rapport.kit.__file__).parent / "stamp.sql").read_text()

APPEND_ONLY = """
CREATE OR REPLACE FUNCTION consent_record_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('rapport.erasing', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the consent ledger is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER consent_record_append_only BEFORE UPDATE OR DELETE ON consent_consentrecord
    FOR EACH ROW EXECUTE FUNCTION consent_record_refuses();
CREATE TRIGGER consent_record_stamp BEFORE INSERT ON consent_consentrecord
    FOR EACH ROW EXECUTE FUNCTION kit_stamp_tx();
"""
UNDO = """
DROP TRIGGER consent_record_stamp ON consent_consentrecord;
DROP TRIGGER consent_record_append_only ON consent_consentrecord;
DROP FUNCTION consent_record_refuses();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]
    operations = [
        migrations.RunSQL(STAMP, migrations.RunSQL.noop),
        migrations.RunSQL(APPEND_ONLY, UNDO),
    ]
