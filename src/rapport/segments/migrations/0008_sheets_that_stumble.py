"""How often a sheet met an error of the database, so that one that always does is ended and holds up no other."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("segments", "0007_sheets_on_their_way")]

    operations = [
        migrations.AddField(
            model_name="sheetreading",
            name="stumbles",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RemoveIndex(model_name="sheetreading", name="segments_sheet_waiting"),
        migrations.AddIndex(
            model_name="sheetreading",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["stumbles", "read", "id"],
                name="segments_sheet_in_line",
            ),
        ),
    ]
