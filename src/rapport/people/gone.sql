-- A deleted row leaves no stamp behind, so its key is noted, with the transaction, for the copies that must drop it too. The
-- argument is the column of the key. It stands on the table as a whole: moving rows between its partitions is no deletion.
CREATE OR REPLACE FUNCTION people_note_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO people_gone (name, key, tx) SELECT %L, %I, pg_current_xact_id()::text::bigint FROM gone_rows',
        TG_TABLE_NAME, TG_ARGV[0]
    );
    RETURN NULL;
END $$;
