"""What the warehouse looks for: wishes by their stamp, and statements that begin to count as time goes by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0005_append_only_and_row_security")]

    operations = [
        migrations.AddIndex("preference", models.Index(fields=["tx"], name="consent_preference_tx")),
        migrations.AddIndex("consentrecord", models.Index(fields=["at"], name="consent_record_at")),
    ]
