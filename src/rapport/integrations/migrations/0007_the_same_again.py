"""What is held back is known again, and the doubles that are there become one row each."""

from django.db import migrations, models

from rapport.integrations import joining
from rapport.kit import clock


def join(apps, schema_editor) -> None:
    joining.join_doubles(clock.now())
    schema_editor.execute(
        "SET CONSTRAINTS ALL IMMEDIATE"
    )  # what was written has to be checked before the tables change


class Migration(migrations.Migration):
    dependencies = [("integrations", "0006_answers_from_the_inbox"), ("trust", "0003_api_keys")]

    operations = [
        migrations.AddField("landing", "held_again", models.IntegerField(default=0)),
        migrations.AddField("quarantine", "fingerprint", models.BinaryField(null=True)),
        migrations.AddField("quarantine", "last_seen_at", models.DateTimeField(null=True)),
        migrations.AddField("quarantine", "seen", models.PositiveIntegerField(default=1)),
        migrations.RunPython(join, migrations.RunPython.noop),
        migrations.AddIndex("quarantine", models.Index(fields=["fingerprint"], name="integrations_quarantine_same")),
        migrations.AddConstraint(
            "quarantine",
            models.UniqueConstraint(
                fields=["fingerprint"], condition=models.Q(state="open"), name="integrations_quarantine_once"
            ),
        ),
    ]
