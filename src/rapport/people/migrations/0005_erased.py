"""Who was erased: the shell says since when, and the digests of the numbers say whom to hold back when an old feed is sent again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0004_country_and_area")]

    operations = [
        migrations.AddField(model_name="person", name="erased_at", field=models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="ErasedDigest",
            fields=[
                ("digest", models.BinaryField(primary_key=True, serialize=False)),
                ("erased_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
