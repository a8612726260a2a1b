"""Parts of words that are no letter, frozen with the rest; the last step of a snippet."""

from django.db import migrations, models

REFUSE = """
CREATE OR REPLACE FUNCTION content_blocks_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('published', 'retired') AND ROW({new}) IS DISTINCT FROM ROW({old}) THEN
        RAISE EXCEPTION 'a published version is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""
FROZEN = REFUSE.format(new="NEW.blocks, NEW.conditions, NEW.parts", old="OLD.blocks, OLD.conditions, OLD.parts")
THAWED = REFUSE.format(new="NEW.blocks, NEW.conditions", old="OLD.blocks, OLD.conditions")


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0007_families"),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="parts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="snippet",
            name="blocks_before",
            field=models.JSONField(null=True),
        ),
        migrations.RunSQL(FROZEN, THAWED),
    ]
