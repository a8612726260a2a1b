-- Whether a machine made this click or opening: an event `message_scanned` of the same message says for how many seconds around it
-- everything was a machine's (at most a minute). Called for clicks and openings alone.
CREATE OR REPLACE FUNCTION people_by_machine(whose bigint, moment timestamptz, told jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM people_event AS scan
        WHERE scan.person_id = whose AND scan.kind = 'message_scanned'
            AND scan.at BETWEEN moment - interval '1 minute' AND moment + interval '1 minute'
            AND scan.detail -> 'intent' = told -> 'intent'
            AND abs(extract(epoch FROM scan.at - moment)) <= (scan.detail ->> 'around')::numeric
    )
$$;

-- What the copies have as a person's touch already must leave them.
CREATE OR REPLACE FUNCTION people_note_scanned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO people_gone (name, key, tx)
    SELECT 'people_event', touch.id, pg_current_xact_id()::text::bigint
    FROM people_event AS touch
    WHERE touch.person_id = NEW.person_id AND touch.kind IN ('message_opened', 'message_clicked')
        AND touch.at BETWEEN NEW.at - interval '1 minute' AND NEW.at + interval '1 minute'
        AND people_by_machine(touch.person_id, touch.at, touch.detail);
    RETURN NULL;
END $$;
