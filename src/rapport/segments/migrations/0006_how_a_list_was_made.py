import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("segments", "0005_reckoning_of_a_meaning")]

    operations = [
        migrations.CreateModel(
            name="ListMaking",
            fields=[
                (
                    "segment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="segments.segment",
                    ),
                ),
                ("form", models.UUIDField(unique=True)),
                ("lines", models.PositiveIntegerField(default=0)),
                ("people", models.PositiveIntegerField()),
                ("rejected", models.JSONField(default=list)),
            ],
        ),
    ]
