"""Relationships get the stamp of the warehouse; what is deleted from a stamped table is noted, so that the warehouse drops it."""

from pathlib import Path

from django.db import migrations, models

from rapport import people

STAMP = "CREATE TRIGGER stamp_tx BEFORE INSERT OR UPDATE ON people_relationship FOR EACH ROW EXECUTE FUNCTION kit_stamp_tx();"
NOTED = {
    "people_person": "pseudonym",
    "people_event": "id",
    "people_fact": "id",
    "people_trait": "id",
    "people_relationship": "id",
}
NOTE = """
CREATE TRIGGER note_gone AFTER DELETE ON {0} REFERENCING OLD TABLE AS gone_rows
    FOR EACH STATEMENT EXECUTE FUNCTION people_note_gone('{1}');
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0005_erased")]

    operations = [
        migrations.CreateModel(
            name="Gone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=63)),
                ("key", models.BigIntegerField()),
                ("tx", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["tx"], name="people_gone_tx")]},
        ),
        migrations.AddField("relationship", "tx", models.BigIntegerField(default=0)),
        migrations.AddIndex("relationship", models.Index(fields=["tx"], name="people_relationship_tx")),
        migrations.RunSQL(STAMP, "DROP TRIGGER stamp_tx ON people_relationship;"),
        migrations.RunSQL((Path(people.__file__).parent / "gone.sql").read_text(), "DROP FUNCTION people_note_gone();"),
        *[
            migrations.RunSQL(NOTE.format(table, key), f"DROP TRIGGER note_gone ON {table};")
            for table, key in NOTED.items()
        ],
    ]
