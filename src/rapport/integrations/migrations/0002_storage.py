"""Sealed bytes don't shrink: keep PostgreSQL from trying. Landings change state, so their pages leave room for it."""

from django.db import migrations

SQL = """
ALTER TABLE integrations_landing ALTER COLUMN raw SET STORAGE EXTERNAL;
ALTER TABLE integrations_quarantine ALTER COLUMN raw SET STORAGE EXTERNAL;
ALTER TABLE integrations_quarantine ALTER COLUMN mended SET STORAGE EXTERNAL;
ALTER TABLE integrations_landing SET (fillfactor = 50);
"""


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
