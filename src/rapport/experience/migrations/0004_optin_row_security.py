"""A sign-up is seen by whoever sees its person; a stranger's only by the parts of the program that were given its token."""

from django.db import migrations

ON = """
ALTER TABLE experience_optin ENABLE ROW LEVEL SECURITY;
ALTER TABLE experience_optin FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON experience_optin
    USING ((SELECT trust_sees_all()) OR EXISTS (SELECT FROM people_person p WHERE p.id = experience_optin.person_id))
    WITH CHECK (true);
"""
OFF = """
DROP POLICY seen ON experience_optin;
ALTER TABLE experience_optin NO FORCE ROW LEVEL SECURITY;
ALTER TABLE experience_optin DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("experience", "0003_optin"), ("people", "0003_row_security")]

    operations = [migrations.RunSQL(ON, OFF)]
