"""Disclosures and erasures are proof: appended, never changed. Rows about a person are seen by whoever sees the person."""

from django.db import migrations

APPEND_ONLY = """
CREATE OR REPLACE FUNCTION governance_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON governance_disclosure
    FOR EACH ROW EXECUTE FUNCTION governance_refuses();
"""
UNDO = "DROP TRIGGER append_only ON governance_disclosure; DROP FUNCTION governance_refuses();"
SEEN = """
ALTER TABLE {0} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {0} FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON {0}
    USING ((SELECT trust_sees_all()) OR EXISTS (SELECT FROM people_person p WHERE p.id = {0}.person_id)) WITH CHECK (true);
"""
OFF = (
    "DROP POLICY seen ON {0}; ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {0} DISABLE ROW LEVEL SECURITY;"
)
TABLES = ("governance_rightsrequest", "governance_disclosure")


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial"), ("people", "0003_row_security")]
    operations = [
        migrations.RunSQL(APPEND_ONLY, UNDO),
        *[migrations.RunSQL(SEEN.format(table), OFF.format(table)) for table in TABLES],
    ]
