"""A booking is seen by whoever sees its person; a public page opens it with its token."""

from django.db import migrations

ON = """
ALTER TABLE experience_booking ENABLE ROW LEVEL SECURITY;
ALTER TABLE experience_booking FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON experience_booking
    USING ((SELECT trust_sees_all()) OR EXISTS (SELECT FROM people_person p WHERE p.id = experience_booking.person_id))
    WITH CHECK (true);
"""
OFF = """
DROP POLICY seen ON experience_booking;
ALTER TABLE experience_booking NO FORCE ROW LEVEL SECURITY;
ALTER TABLE experience_booking DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("experience", "0001_initial"), ("people", "0003_row_security")]

    operations = [migrations.RunSQL(ON, OFF)]
