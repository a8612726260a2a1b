"""What stands beside the ledger is as hard to change as the ledger, and is seen by whoever sees the person.

The kind of older statements is told from their tier: an authorization was a tier until now.
"""

from django.db import migrations

KINDS = """
ALTER TABLE consent_consentrecord DISABLE TRIGGER consent_record_append_only;
UPDATE consent_consentrecord SET kind = 'authorization', tier = 'written' WHERE tier = 'authorization';
ALTER TABLE consent_consentrecord ENABLE TRIGGER consent_record_append_only;
"""
APPENDED = (
    "consent_authorization",
    "consent_expiryevent",
    "consent_preference",
    "consent_reward",
    "consent_ruleedition",
)
REFUSE = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION consent_record_refuses();
"""
STAMP = """
CREATE TRIGGER consent_preference_stamp BEFORE INSERT ON consent_preference FOR EACH ROW EXECUTE FUNCTION kit_stamp_tx();
"""
OF_A_PERSON = ("consent_preference", "consent_lifeevent", "consent_reward", "consent_representative")
SEEN = """
ALTER TABLE {0} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {0} FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON {0}
    USING ((SELECT trust_sees_all()) OR EXISTS (SELECT FROM {1})) WITH CHECK (true);
"""
BY_PERSON = "people_person p WHERE p.id = {0}.person_id"
HIDDEN = {
    **{table: BY_PERSON.format(table) for table in OF_A_PERSON},
    "consent_authorization": "consent_consentrecord r WHERE r.id = consent_authorization.record_id",
}
OFF = (
    "DROP POLICY seen ON {0}; ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {0} DISABLE ROW LEVEL SECURITY;"
)


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_permission"), ("people", "0003_row_security")]
    operations = [
        migrations.RunSQL(KINDS, migrations.RunSQL.noop),
        *[migrations.RunSQL(REFUSE.format(table), f"DROP TRIGGER append_only ON {table};") for table in APPENDED],
        migrations.RunSQL(STAMP, "DROP TRIGGER consent_preference_stamp ON consent_preference;"),
        *[migrations.RunSQL(SEEN.format(table, by), OFF.format(table)) for table, by in HIDDEN.items()],
    ]
