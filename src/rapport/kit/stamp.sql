-- Every row that enters the warehouse carries the id of the transaction that last wrote it. A reader that has seen all
-- transactions below W asks for tx >= W and misses nothing, however late a transaction commits.
CREATE OR REPLACE FUNCTION kit_stamp_tx() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.tx := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
