"""The four service lines a clinic starts with."""

from django.db import migrations

from rapport.directory import service_lines


def plant(apps, schema_editor) -> None:
    service_lines.plant_defaults(
        apps.get_model("directory", "ServiceLine"), apps.get_model("directory", "ServiceLineRule")
    )


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [migrations.RunPython(plant, migrations.RunPython.noop)]
