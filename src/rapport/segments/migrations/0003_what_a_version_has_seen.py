"""A version of the warehouse says exactly which transactions are in it, by which tables it was made, and what must not outlive it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("segments", "0002_purpose")]

    operations = [
        migrations.AddField("warehouseversion", "seen", models.TextField(default="")),
        migrations.AddField("warehouseversion", "made_by", models.CharField(default="", max_length=80)),
        migrations.AddField("warehouseversion", "payers", models.CharField(default="", max_length=40)),
        migrations.AddField("warehouseversion", "stands_alone", models.BooleanField(default=False)),
    ]
