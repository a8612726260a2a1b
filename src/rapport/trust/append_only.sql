-- The audit trail takes lines and nothing else. Who owns the table can switch a trigger off; the sealed chain finds that.

-- Every line carries the number of the transaction that wrote it. A line that claims a place among the sealed ones is refused:
-- either somebody forges, or this database is a restored copy whose transactions count from the start again.
CREATE OR REPLACE FUNCTION trust_stamp_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sealed_until bigint;
BEGIN
    NEW.tx := pg_current_xact_id()::text::bigint + coalesce((SELECT ahead FROM trust_auditclock WHERE id = 1), 0);
    SELECT until_tx INTO sealed_until FROM trust_auditseal ORDER BY number DESC LIMIT 1;
    IF NEW.tx < sealed_until THEN
        RAISE EXCEPTION 'The audit trail is sealed beyond this transaction. After restoring a database run: rapport audit adopt'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER trust_auditentry_stamp BEFORE INSERT ON trust_auditentry FOR EACH ROW EXECUTE FUNCTION trust_stamp_audit();

CREATE OR REPLACE FUNCTION trust_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The test runner empties its own databases between tests; they are named by Django and hold nobody.
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER trust_auditentry_keep BEFORE UPDATE OR DELETE ON trust_auditentry
    FOR EACH ROW EXECUTE FUNCTION trust_refuse_change();
CREATE TRIGGER trust_auditentry_keep_all BEFORE TRUNCATE ON trust_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION trust_refuse_change();
CREATE TRIGGER trust_auditseal_keep BEFORE UPDATE OR DELETE ON trust_auditseal
    FOR EACH ROW EXECUTE FUNCTION trust_refuse_change();
CREATE TRIGGER trust_auditseal_keep_all BEFORE TRUNCATE ON trust_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION trust_refuse_change();
