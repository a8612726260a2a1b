"""A published wording is never changed: the database refuses it. Only its state may go on, from published to retired."""

from django.db import migrations

FROZEN = """
CREATE OR REPLACE FUNCTION content_version_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (
        ROW(NEW.piece_id, NEW.number, NEW.subject, NEW.preheader, NEW.mjml, NEW.text, NEW.html, NEW.links, NEW.fields, NEW.published_at)
        IS DISTINCT FROM
        ROW(OLD.piece_id, OLD.number, OLD.subject, OLD.preheader, OLD.mjml, OLD.text, OLD.html, OLD.links, OLD.fields, OLD.published_at)
        OR NEW.state = 'draft'
    ) THEN
        RAISE EXCEPTION 'a published version is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER content_version_frozen BEFORE UPDATE ON content_version
    FOR EACH ROW EXECUTE FUNCTION content_version_refuses();
"""
THAWED = "DROP TRIGGER content_version_frozen ON content_version; DROP FUNCTION content_version_refuses();"


class Migration(migrations.Migration):
    dependencies = [("content", "0001_initial")]
    operations = [migrations.RunSQL(FROZEN, THAWED)]
