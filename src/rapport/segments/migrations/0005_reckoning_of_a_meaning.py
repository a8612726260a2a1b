"""A reckoning knows what the segment meant, with all that it names, and exactly which transactions were seen; deleted stays are noted."""

from django.db import migrations, models

NOTE = """
CREATE TRIGGER note_gone AFTER DELETE ON segments_membership REFERENCING OLD TABLE AS gone_rows
    FOR EACH STATEMENT EXECUTE FUNCTION people_note_gone('id');
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0006_gone_and_stamped_relationships"), ("segments", "0004_membership")]

    operations = [
        # What was reckoned before does not say what it meant: it is reckoned again.
        migrations.RunSQL("DELETE FROM segments_reckoning", migrations.RunSQL.noop),
        migrations.AddField("reckoning", "seen", models.TextField(default=""), preserve_default=False),
        migrations.AddField(
            "reckoning", "meaning", models.CharField(default="", max_length=64), preserve_default=False
        ),
        migrations.RunSQL(NOTE, "DROP TRIGGER note_gone ON segments_membership;"),
    ]
