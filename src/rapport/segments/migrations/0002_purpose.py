"""What a segment is for. Those that stand were built for our own health services."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segments", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="segment",
            name="purpose",
            field=models.CharField(default="P2", max_length=4),
        ),
        migrations.AddField(
            model_name="segmentversion",
            name="purpose",
            field=models.CharField(default="P2", max_length=4),
        ),
    ]
