"""Touches of machines are told from those of people by a later event."""

from pathlib import Path

from django.db import migrations

from rapport import people

NOTED = """
CREATE TRIGGER note_scanned AFTER INSERT ON people_event FOR EACH ROW
    WHEN (NEW.kind = 'message_scanned') EXECUTE FUNCTION people_note_scanned();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0006_gone_and_stamped_relationships")]

    operations = [
        migrations.RunSQL(
            (Path(people.__file__).parent / "touches.sql").read_text(),
            "DROP FUNCTION people_note_scanned(); DROP FUNCTION people_by_machine(bigint, timestamptz, jsonb);",
        ),
        migrations.RunSQL(NOTED, "DROP TRIGGER note_scanned ON people_event;"),
    ]
