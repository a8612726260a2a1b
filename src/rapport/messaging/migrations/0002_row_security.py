"""What was said to a person is seen by whoever sees the person. Mail of nobody we know is seen by those who see all."""

from django.db import migrations

TABLES = ("messaging_intent", "messaging_receipt", "messaging_mailboxitem")
ON = """
ALTER TABLE {0} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {0} FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON {0}
    USING ((SELECT trust_sees_all()) OR EXISTS (SELECT FROM people_person p WHERE p.id = {0}.person_id)) WITH CHECK (true);
"""
OFF = (
    "DROP POLICY seen ON {0}; ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {0} DISABLE ROW LEVEL SECURITY;"
)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("people", "0003_row_security")]
    operations = [migrations.RunSQL(ON.format(table), OFF.format(table)) for table in TABLES]
