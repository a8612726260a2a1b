"""What Django can't say: the timeline in monthly partitions, and the stamp that tells the warehouse what is new."""

from datetime import date
from pathlib import Path

from django.db import migrations

from rapport import kit
from rapport.kit import partitions

FIRST, LAST = date(2015, 1, 1), date(2027, 12, 1)
STAMPED = ("people_person", "people_event", "people_fact", "people_trait")

EVENT = """
DROP TABLE people_event;
CREATE SEQUENCE people_event_id_seq AS bigint CACHE 1;
CREATE TABLE people_event (
    id bigint NOT NULL DEFAULT nextval('people_event_id_seq'),
    person_id bigint NOT NULL REFERENCES people_person (id),
    kind varchar(30) NOT NULL,
    at timestamptz NOT NULL,
    source varchar(60) NOT NULL,
    source_key uuid NOT NULL,
    code_system varchar(60) NOT NULL,
    code varchar(40) NOT NULL,
    label varchar(200) NOT NULL,
    value numeric(14, 4),
    unit varchar(30) NOT NULL,
    data_class varchar(24) NOT NULL,
    service_line_id bigint,
    location_id bigint,
    campaign_id bigint,
    detail jsonb NOT NULL,
    trace uuid,
    recorded_at timestamptz NOT NULL,
    tx bigint NOT NULL,
    CONSTRAINT people_event_pkey PRIMARY KEY (id, at),
    CONSTRAINT people_event_once UNIQUE (source_key, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE people_event_id_seq OWNED BY people_event.id;
CREATE TABLE people_event_default PARTITION OF people_event DEFAULT;
CREATE INDEX people_event_person ON people_event (person_id, at DESC);
CREATE INDEX people_event_kind ON people_event (kind, at);
CREATE INDEX people_event_tx ON people_event (tx);
"""

STAMP = "CREATE TRIGGER stamp_tx BEFORE INSERT OR UPDATE ON {0} FOR EACH ROW EXECUTE FUNCTION kit_stamp_tx();"

# A pending list would be read from end to end by every look-up of a batch.
KEYS = "ALTER INDEX people_findkeys_match SET (fastupdate = off);"


def monthly(apps, schema_editor) -> None:
    partitions.ensure(table="people_event", first=FIRST, last=LAST)


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.RunSQL(EVENT, migrations.RunSQL.noop),
        migrations.RunPython(monthly, migrations.RunPython.noop),
        migrations.RunSQL((Path(kit.__file__).parent / "stamp.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *[migrations.RunSQL(STAMP.format(table), migrations.RunSQL.noop) for table in STAMPED],
    ]
