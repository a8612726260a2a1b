"""What a person wrote to us is seen by whoever sees the person. What a stranger wrote is seen by those who see all."""

from django.db import migrations

ON = """
ALTER TABLE integrations_reply ENABLE ROW LEVEL SECURITY;
ALTER TABLE integrations_reply FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON integrations_reply
    USING ((SELECT trust_sees_all()) OR EXISTS (SELECT FROM people_person p WHERE p.id = integrations_reply.person_id))
    WITH CHECK (true);
"""
OFF = """
DROP POLICY seen ON integrations_reply;
ALTER TABLE integrations_reply NO FORCE ROW LEVEL SECURITY;
ALTER TABLE integrations_reply DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("integrations", "0003_replies"), ("people", "0003_row_security")]
    operations = [migrations.RunSQL(ON, OFF)]
