"""Row security: a session sees the people in its scope and what hangs on them; forced, because we own our tables."""

from django.db import migrations

OF_A_PERSON = ("people_identifier", "people_contactpoint", "people_event", "people_fact", "people_trait")

# Reading and changing follow the scope. Writing new rows is the business of verbs, which ask permission themselves.
PERSON = """
ALTER TABLE people_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE people_person FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON people_person
    USING ((SELECT trust_sees_all()) OR trust_sees(home_location_id, id)) WITH CHECK (true);
"""
LINKED = """
ALTER TABLE {0} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {0} FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON {0}
    USING ((SELECT trust_sees_all()) OR EXISTS (SELECT FROM people_person p WHERE p.id = {0}.person_id)) WITH CHECK (true);
"""
OFF = (
    "DROP POLICY seen ON {0}; ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {0} DISABLE ROW LEVEL SECURITY;"
)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_partitions_and_stamps"), ("trust", "0002_row_security_and_append_only")]

    operations = [
        migrations.RunSQL(PERSON, OFF.format("people_person")),
        *[migrations.RunSQL(LINKED.format(table), OFF.format(table)) for table in OF_A_PERSON],
    ]
