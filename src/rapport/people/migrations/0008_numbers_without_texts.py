"""A telephone number may be known to take no texts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0007_touches_of_machines")]

    operations = [
        migrations.AddField(model_name="contactpoint", name="no_texts_at", field=models.DateTimeField(null=True)),
    ]
