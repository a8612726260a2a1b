"""A number may stand on the list because its owner told the carrier to stop."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0006_newest_for_the_warehouse")]

    operations = [
        migrations.AlterField(
            model_name="suppression",
            name="reason",
            field=models.CharField(
                choices=[
                    ("unsubscribed", "Unsubscribed"),
                    ("carrier", "Carrier"),
                    ("bounced", "Bounced"),
                    ("complained", "Complained"),
                    ("staff", "Staff"),
                    ("list", "List"),
                    ("erased", "Erased"),
                ],
                max_length=20,
            ),
        ),
    ]
