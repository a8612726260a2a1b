"""A statement is seen by whoever sees its person."""

from django.db import migrations

ON = """
ALTER TABLE consent_consentrecord ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_consentrecord FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON consent_consentrecord
    USING ((SELECT trust_sees_all()) OR EXISTS (SELECT FROM people_person p WHERE p.id = consent_consentrecord.person_id))
    WITH CHECK (true);
"""
OFF = """
DROP POLICY seen ON consent_consentrecord;
ALTER TABLE consent_consentrecord NO FORCE ROW LEVEL SECURITY;
ALTER TABLE consent_consentrecord DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_append_only"), ("people", "0003_row_security")]
    operations = [migrations.RunSQL(ON, OFF)]
